/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wheel: timers of 1 ms on seven wheels of 64 slots, each turning 64 times slower than the one below.
 * The slot of a timer follows from `now` and `due` alone, so timers that fall due at the same
 * millisecond keep the order in which they were started.  No clock in here.  One thread. */
#ifndef BASE_WHEEL_H
#define BASE_WHEEL_H

#include "base/list.h"
#include <stdint.h>

#define WHEEL_LEVELS 7 /* 64^7 ms: 139 years */
#define WHEEL_SLOTS 64
#define WHEEL_FAR (INT64_C(1) << 40) /* the longest timer: 34 years */

struct timer;

struct wheel {
	int64_t now;                 /* everything due until then is ripe */
	uint64_t used[WHEEL_LEVELS]; /* a bit for each slot that is not empty */
	struct list ripe;            /* to be fired, in order */
	struct list slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, int64_t now); /* now: 0 to WHEEL_FAR */
/* `due` counts as `now` when it is earlier, and as now + WHEEL_FAR when it is later than that. */
void wheel_add(struct wheel *w, struct timer *t, int64_t due);
void wheel_remove(struct wheel *w, struct timer *t); /* harmless when in none */

/* When there is something to do next: `now` if a timer is ripe, -1 if there are no timers.  Never later
 * than the first timer falls due, now and then earlier. */
int64_t wheel_next(const struct wheel *w);
/* Moves `now` on; what has fallen due on the way is ripe. */
void wheel_move(struct wheel *w, int64_t now);
/* Takes the first ripe timer off; NULL: none is ripe. */
struct timer *wheel_take(struct wheel *w);

#endif
