/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lock: flock(), which belongs to the open file and so can be inherited. */
#include "main/lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUMBER_MAX 24

static pid_t
read_holder(int fd)
{
	char text[NUMBER_MAX] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	return pid > 0 ? (pid_t)pid : 0;
}

/* A full disk does not matter: the file holds nothing that is needed. */
void
lock_sign(int fd)
{
	char text[NUMBER_MAX];
	int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) != length)
		errno = 0;
}

bool
lock_is(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

/* The folder may belong to a user whom root does not trust: what is written to must be a file of this name alone. */
static int
is_our_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1)
		return 0;
	errno = EPERM;
	return -1;
}

int
lock_take(const char *path, pid_t *holder)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	int error;

	*holder = 0;
	if (fd < 0)
		return -1;
	if (is_our_file(fd) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		lock_sign(fd);
		return fd;
	}
	error = errno;
	if (error == EWOULDBLOCK)
		*holder = read_holder(fd);
	close(fd);
	errno = error;
	return -1;
}
