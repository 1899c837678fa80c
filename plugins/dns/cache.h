/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache: one worker's sets of records by name and type, until they expire or others need the room; and the questions
 * that are out, with those who wait for them, so that nothing is asked twice at a time. */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H

#include "set.h"

struct cache;
struct cache_entry;

/* One who waits for an answer; it lies in his own memory. */
struct cache_wait {
	struct cache_wait *next, **back;
	struct cache_entry *entry; /* NULL: does not wait */
	const char *name;          /* while it waits      */
};

struct cache *cache_new(size_t bytes, uint64_t seed); /* NULL: no memory */
void cache_free(struct cache *c);                     /* nobody may be waiting */
/* What is known and still good, with a reference for the caller; NULL: nothing. */
struct set *cache_get(struct cache *c, const char *name, uint16_t type, int64_t now_ms);
/* Waits for the answer to a question that is out, or (*fresh) is to be put now: if that fails, cache_forget().
 * -1: no memory. */
int cache_wait(struct cache *c, const char *name, uint16_t type, struct cache_wait *wait, bool *fresh);
void cache_unwait(struct cache_wait *wait); /* harmless when it does not wait */
void cache_forget(struct cache *c, struct cache_wait *wait); /* the question was not put after all */
/* An answer has come; takes the set.  Those who waited, linked by `next`, `entry` NULL. */
struct cache_wait *cache_put(struct cache *c, struct set *set, int64_t now_ms);
void cache_clear(struct cache *c); /* questions that are out stay */

struct cache_counts {
	uint64_t hits, misses, joined, evicted;
	size_t sets, bytes, out;
};
struct cache_counts cache_counts(const struct cache *c);

#endif
