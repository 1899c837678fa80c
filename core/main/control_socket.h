/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control_socket: a UNIX socket at a path, listening. */
#ifndef MAIN_CONTROL_SOCKET_H
#define MAIN_CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* A descriptor, not blocking; -1: said on stderr, in one line. */
int control_socket_open(const char *path, uid_t user);
/* The other end is root or `user`. */
bool control_socket_trusts(int fd, uid_t user);

#endif
