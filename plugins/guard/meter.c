/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets stand in lines of eight, each as long as a line of the processor's cache. */
#include "meter.h"

#include <stdlib.h>

#define LINE_SIZE (METER_WAYS * sizeof(uint64_t))

struct line {
	_Atomic uint64_t at[METER_WAYS];
};

struct meter {
	uint64_t mask;
	struct line *lines;
	void *room; /* they stand in it */
};

struct allowance
allowance_of(int64_t rate, int64_t burst)
{
	struct allowance a = { 0, 0 };

	if (rate <= 0)
		return a;
	a.cost = rate > 1000000 ? 1 : 1000000 / (uint64_t)rate;
	a.depth = a.cost * (uint64_t)(burst > 1 ? burst : 1);
	if (a.depth > METER_DEPTH_MOST)
		a.depth = METER_DEPTH_MOST;
	return a;
}

struct meter *
meter_new(unsigned bits)
{
	struct meter *m = calloc(1, sizeof *m);
	size_t count = ((size_t)1 << bits) / METER_WAYS;

	if (!m)
		return NULL;
	m->mask = count - 1;
	m->room = calloc(count + 1, LINE_SIZE); /* takes no memory until it is used */
	if (!m->room) {
		free(m);
		return NULL;
	}
	m->lines = (void *)(((uintptr_t)m->room + LINE_SIZE - 1) & ~(uintptr_t)(LINE_SIZE - 1));
	return m;
}

void
meter_free(struct meter *m)
{
	if (!m)
		return;
	free(m->room);
	free(m);
}

/* How far ahead of now is it? What is further ahead than any burst reaches is long past: the
 * time has gone round. */
static inline uint64_t
ahead_of(uint64_t word, uint64_t now, uint64_t depth)
{
	uint64_t ahead = (word - now) & METER_TIME;

	return ahead > depth ? 0 : ahead;
}

/* The bucket, or the fullest one, which it may replace. */
static inline _Atomic uint64_t *
find(struct meter *m, uint64_t key, uint64_t now, uint64_t *word)
{
	struct line *line = &m->lines[key & m->mask];
	_Atomic uint64_t *place = NULL;
	uint64_t least = 0;

	for (unsigned i = 0; i < METER_WAYS; i++) {
		*word = atomic_load_explicit(&line->at[i], memory_order_relaxed);
		if (*word >> METER_TIME_BITS == key >> METER_TIME_BITS)
			return &line->at[i];
	}
	for (unsigned i = 0; i < METER_WAYS; i++) {
		uint64_t there = atomic_load_explicit(&line->at[i], memory_order_relaxed),
			 ahead = ahead_of(there, now, METER_DEPTH_MOST);

		if (place && ahead >= least)
			continue;
		place = &line->at[i];
		least = ahead;
		*word = there;
	}
	return place;
}

static inline bool
pour(struct meter *m, uint64_t key, const struct allowance *a, unsigned count,
     int64_t now_ms, bool even_if_too_much)
{
	uint64_t now = (uint64_t)now_ms * 1000, cost = a->cost * count, word;

	if (!a->cost)
		return true;
	for (unsigned tries = 0; tries < METER_TRIES; tries++) {
		_Atomic uint64_t *at = find(m, key, now, &word);
		uint64_t ahead = 0, next;

		if (word >> METER_TIME_BITS == key >> METER_TIME_BITS)
			ahead = ahead_of(word, now, a->depth);
		next = ahead + cost;
		if (next > a->depth) {
			if (!even_if_too_much)
				return false;
			next = a->depth;
		}
		next = (key & ~METER_TIME) | ((now + next) & METER_TIME);
		if (atomic_compare_exchange_weak_explicit(at, &word, next,
							  memory_order_relaxed,
							  memory_order_relaxed))
			break;
	}
	return true;
}

bool
meter_take(struct meter *m, uint64_t key, const struct allowance *a, unsigned count,
	   int64_t now_ms)
{
	return pour(m, key, a, count, now_ms, false);
}

void
meter_charge(struct meter *m, uint64_t key, const struct allowance *a, unsigned count,
	     int64_t now_ms)
{
	pour(m, key, a, count, now_ms, true);
}
