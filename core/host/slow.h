/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slow: a plugin that keeps its worker for too long is named in the log and counted: meanwhile nobody is served there.
 * The clock is the coarse one, which costs next to nothing and is a few ms wrong. */
#ifndef HOST_SLOW_H
#define HOST_SLOW_H

#include "host/host.h"
#include <time.h>

#define SLOW_MS 100 /* for one hook, timer, descriptor, letter, event or call of a service */

static inline int64_t
slow_begin(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void slow_tell(struct coven_instance *in, const char *what, int64_t ms);

/* What the plugin was called for, which began then, has returned.  Gives the time now, for what comes next.  It may have
 * ended what it was called for, but not the instance. */
static inline int64_t
slow_end(struct coven_instance *in, const char *what, int64_t began)
{
	int64_t now = slow_begin();

	if (__builtin_expect(now - began >= SLOW_MS, 0))
		slow_tell(in, what, now - began);
	return now;
}

#endif
