/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of a plugin that covenctl becomes. */
#include "ctl/helper.h"
#include "ctl/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 64
#define PATH_ROOM 4096

/* 0: path has it. */
static int
beside_us(char path[PATH_ROOM], const char *name)
{
	char own[PATH_ROOM];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	if (length <= 0)
		return -1;
	own[length] = '\0';
	slash = strrchr(own, '/');
	if (!slash)
		return -1;
	*slash = '\0';
	return snprintf(path, PATH_ROOM, "%s/%s", own, name) < PATH_ROOM && access(path, X_OK) == 0 ? 0 : -1;
}

int
helper_become(const char *name, size_t count, const char *const *words)
{
	char path[PATH_ROOM], *argv[WORDS_MAX + 2] = { (char *)name };

	for (size_t i = 0; i < count && i < WORDS_MAX; i++)
		argv[i + 1] = (char *)words[i];
	if (beside_us(path, name) != 0)
		snprintf(path, sizeof path, "%s/%s", COVEN_LIBEXECDIR, name);
	execv(path, argv);
	fprintf(stderr, "covenctl: %s: %s\n", path, strerror(errno));
	return CTL_REFUSED;
}
