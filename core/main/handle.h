/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handle: messages with descriptors between processes of ours, over a UNIX socket that keeps their bounds. */
#ifndef MAIN_HANDLE_H
#define MAIN_HANDLE_H

#include <stddef.h>
#include <sys/types.h>

#define HANDLE_FDS_MAX 64 /* of one message */

int handle_pair(int pair[2]); /* closed on exec; -1: errno */
/* All of it or nothing; waits at most `wait_ms`.  -1: errno. */
int handle_send(int fd, const void *bytes, size_t length, const int *fds, size_t count, int wait_ms);
/* Bytes of one message; 0: the other end has gone.  *count: room in fds, then what came; those are closed on exec.
 * -1: errno (EAGAIN: nothing came in wait_ms). */
ssize_t handle_receive(int fd, void *room, size_t size, int *fds, size_t *count, int wait_ms);

#endif
