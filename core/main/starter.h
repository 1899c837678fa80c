/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starter: a process of a few lines, forked before rights are given up, that waits to start our successor: the one thing
 * that the sandbox does not let us do, and the only thing that can be asked of it.  It ends with us. */
#ifndef MAIN_STARTER_H
#define MAIN_STARTER_H

#include <stddef.h>
#include <sys/types.h>

#define STARTER_NAME_MAX 32

struct starter {
	int fd;    /* -1: there is none */
	pid_t pid;
};

#define STARTER_NONE { .fd = -1 }

/* Before any thread, and before anything that is not to be inherited.  argv: of the successor, too; it stays.

 * -1: errno. */
int starter_open(struct starter *s, char **argv);
void starter_close(struct starter *s);

/* Descriptors for the successor, as LISTEN_FDS with their names; then it is started.  -1: errno. */
int starter_give(const struct starter *s, int fd, const char *name);
int starter_go(const struct starter *s);

#endif
