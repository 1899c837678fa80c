/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory: asked for at the kernel. */
#include "main/memory.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define GROUPS_FOLDER "/sys/fs/cgroup"
#define GROUPS_FILE "/proc/self/cgroup"
#define PATH_ROOM 1024

static int64_t
least(int64_t a, int64_t b)
{
	return b > 0 && b < a ? b : a;
}

static int64_t
limit_of(__rlimit_resource_t resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > INT64_MAX)
		return INT64_MAX;
	return (int64_t)limit.rlim_cur;
}

/* "max" is no number, and no limit. */
static int64_t
read_limit(const char *folder)
{
	char path[2 * PATH_ROOM];
	long long n = 0;
	FILE *file;

	snprintf(path, sizeof path, GROUPS_FOLDER "%s/memory.max", folder);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lld", &n) != 1)
		n = 0;
	if (file)
		fclose(file);
	return n > 0 ? n : INT64_MAX;
}

/* Version 2: one line, "0::/path"; each folder above may have a limit, too. */
static int64_t
limit_of_groups(void)
{
	char line[PATH_ROOM] = "", *path = line + 3, *slash;
	FILE *file = fopen(GROUPS_FILE, "re");
	int64_t n = INT64_MAX;
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = strncmp(line, "0::/", 4) == 0;
	if (file)
		fclose(file);
	if (!found)
		return n;
	path[strcspn(path, "\n")] = '\0';
	while ((slash = strrchr(path, '/'))) {
		n = least(n, read_limit(path));
		*slash = '\0';
	}
	return least(n, read_limit(""));
}

int64_t
memory_there(void)
{
	int64_t n = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	if (n <= 0)
		n = INT64_MAX;
	n = least(n, limit_of(RLIMIT_AS));
	n = least(n, limit_of(RLIMIT_DATA));
	return least(n, limit_of_groups());
}
