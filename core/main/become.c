/* SPDX-License-Identifier: GPL-3.0-or-later */
/* become: rights are given up for good. */
#include "main/become.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

int
become_find(struct become *b, const char *name)
{
	struct passwd *pw;

	*b = (struct become){ .uid = geteuid(), .gid = getegid() };
	if (!*name || b->uid != 0)
		return 0;
	pw = getpwnam(name);
	if (!pw)
		return -1;
	b->uid = pw->pw_uid;
	b->gid = pw->pw_gid;
	b->name = name;
	return 0;
}

int
become_folder(const struct become *b, const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return b->name ? chown(path, b->uid, b->gid) : 0;
	if (errno != EEXIST || stat(path, &st) != 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return 0;
}

void
become_give(const struct become *b, const char *folder, const char *name)
{
	int dir = b->name ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (dir < 0)
		return;
	if (fchownat(dir, name, b->uid, b->gid, AT_SYMLINK_NOFOLLOW) != 0)
		errno = 0; /* it stays readable for us, who have read it */
	close(dir);
}

int
become_now(const struct become *b)
{
	if (!b->name)
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(b->gid, b->gid, b->gid) != 0 ||
	    setresuid(b->uid, b->uid, b->uid) != 0)
		return -1;
	return 0;
}
