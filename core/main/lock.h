/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lock: a file that one process alone may hold, for as long as it lives; the kernel gives it back however the process
 * ends.  Its number in the file is for people; nobody decides by it. */
#ifndef MAIN_LOCK_H
#define MAIN_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

/* The descriptor that holds it, to be closed at the end.  -1: errno; EWOULDBLOCK: *holder has it (0: does not say). */
int lock_take(const char *path, pid_t *holder);
bool lock_is(int fd, const char *path); /* is that the file of this name? */
/* One that was inherited: the number in it becomes ours. */
void lock_sign(int fd);

#endif
