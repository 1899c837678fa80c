/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notify: the protocol of sd_notify(3), without its library. */
#include "main/notify.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAY_MAX 512

void
notify_open(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	*n = (struct notify)NOTIFY_NONE;
	if (length > 1 && length < sizeof n->to.sun_path && (*path == '/' || *path == '@')) {
		n->to.sun_family = AF_UNIX;
		memcpy(n->to.sun_path, path, length);
		if (*path == '@') /* an abstract name begins with NUL */
			n->to.sun_path[0] = '\0';
		n->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	unsetenv("NOTIFY_SOCKET"); /* it is ours, not that of what we start */
}

void
notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void
notify_say(const struct notify *n, const char *fmt, ...)
{
	char text[SAY_MAX];
	va_list list;
	int length, error = errno;

	if (n->fd < 0)
		return;
	va_start(list, fmt);
	length = vsnprintf(text, sizeof text, fmt, list);
	va_end(list);
	if (length > 0 && length < (int)sizeof text)
		sendto(n->fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&n->to,
		       n->length);
	errno = error;
}

void
notify_reloading(const struct notify *n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_say(n, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

int64_t
notify_watchdog(void)
{
	const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t us = text ? strtoll(text, NULL, 10) : 0;

	return us > 0 && (!pid || strtol(pid, NULL, 10) == getpid()) ? us : 0;
}
