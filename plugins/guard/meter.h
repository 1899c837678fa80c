/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meter: who sends how much: token buckets in a table of fixed size, for all workers at
 * once and without locks.
 *
 * A bucket is one word: 24 bits that tell whose it is, and 40 bits of a time, in
 * microseconds: when it will be full again if nothing more comes (the virtual scheduling of
 * ITU-T I.371). Each message moves that time by what it costs; one that would move it
 * further ahead of now than the burst allows is too much. So an unused bucket and none are
 * the same, and where there is no room the fullest one goes: floods from many addresses
 * never throw out one that is over its allowance. */
#ifndef GUARD_METER_H
#define GUARD_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METER_WAYS 8
#define METER_TIME_BITS 40
#define METER_TIME (((uint64_t)1 << METER_TIME_BITS) - 1)
#define METER_DEPTH_MOST ((uint64_t)1 << (METER_TIME_BITS - 2)) /* 76 hours */
#define METER_TRIES 4 /* against other workers, then the message goes free */

struct allowance {
	uint64_t cost, depth; /* microseconds; cost 0: no limit */
};

/* So many a second, and so many at once. rate 0: no limit. */
struct allowance allowance_of(int64_t rate, int64_t burst);

struct meter;
struct meter *meter_new(unsigned bits); /* for 2^bits sources; NULL: no memory */
void meter_free(struct meter *m);

/* One more message, or `count`: is it within the allowance? A refused one costs nothing. */
bool meter_take(struct meter *m, uint64_t key, const struct allowance *a, unsigned count,
		int64_t now_ms);
/* It costs that much more, allowed or not. */
void meter_charge(struct meter *m, uint64_t key, const struct allowance *a, unsigned count,
		  int64_t now_ms);

/* A bucket of its own: `full` is when it will be full again, in microseconds. */
static inline bool
meter_alone(_Atomic uint64_t *full, const struct allowance *a, int64_t now_ms)
{
	uint64_t now = (uint64_t)now_ms * 1000,
		 was = atomic_load_explicit(full, memory_order_relaxed),
		 next = (was > now ? was : now) + a->cost;

	if (next - now > a->depth && a->cost)
		return false;
	/* when another worker was quicker, this one goes free */
	atomic_compare_exchange_weak_explicit(full, &was, next, memory_order_relaxed,
					      memory_order_relaxed);
	return true;
}

#endif
