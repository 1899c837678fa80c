/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control_socket: a UNIX socket at a path, listening. */
#ifndef MAIN_CONTROL_SOCKET_H
#define MAIN_CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* A descriptor, not blocking; -1: said on stderr, in one line. */
int control_socket_open(const char *path, uid_t user);
/* One that was inherited, if it listens at that path; else it is closed.  -1: no. */
int control_socket_take(int fd, const char *path);
/* The other end is root or `user`. */
bool control_socket_trusts(int fd, uid_t user);

#endif
