/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notify: what systemd is told, by datagrams to $NOTIFY_SOCKET (sd_notify(3)); nothing happens where there is none. */
#ifndef MAIN_NOTIFY_H
#define MAIN_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t length;
};

#define NOTIFY_NONE { .fd = -1 }

void notify_open(struct notify *n); /* before the sandbox; the variable is taken out of the environment */
void notify_close(struct notify *n);
/* Lines of NAME=VALUE, as "READY=1\nSTATUS=...".  Any thread; never waits. */
__attribute__((format(printf, 2, 3))) void notify_say(const struct notify *n, const char *fmt, ...);
/* A reload begins; when it has ended, well or not: READY=1. */
void notify_reloading(const struct notify *n);
/* How often the watchdog wants to hear of us, in microseconds; 0: there is none. */
int64_t notify_watchdog(void);

#endif
