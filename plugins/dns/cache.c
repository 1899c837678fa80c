/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache: a table of chains that grows, and a list of what was used longest ago. */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 256
#define SECOND 1000

struct cache_entry {
	struct cache_entry *next;            /* in its bucket */
	struct cache_entry *older, *younger; /* of those that have a set */
	struct set *set;                     /* NULL: the question is out */
	struct cache_wait *waiting;
	uint64_t hash;
	uint16_t type;
	char name[];
};

struct cache {
	struct cache_entry **buckets;
	size_t bucket_count, entries, most;
	struct cache_entry *oldest, *youngest;
	uint64_t seed;
	struct cache_counts counts;
};

static uint64_t
hash_of(const struct cache *c, const char *name, uint16_t type)
{
	uint64_t h = c->seed ^ type;

	for (; *name; name++) {
		h ^= (uint8_t)*name;
		h *= UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 28;
	}
	return h ^ h >> 32;
}

static struct cache_entry **
place_of(struct cache *c, uint64_t hash, const char *name, uint16_t type)
{
	struct cache_entry **at = &c->buckets[hash & (c->bucket_count - 1)];

	while (*at && ((*at)->hash != hash || (*at)->type != type || strcmp((*at)->name, name) != 0))
		at = &(*at)->next;
	return at;
}

/* -- the list by age */

static void
unlink_age(struct cache *c, struct cache_entry *e)
{
	*(e->older ? &e->older->younger : &c->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &c->youngest) = e->older;
	e->older = e->younger = NULL;
}

static void
link_youngest(struct cache *c, struct cache_entry *e)
{
	e->older = c->youngest;
	*(c->youngest ? &c->youngest->younger : &c->oldest) = e;
	c->youngest = e;
}

static size_t
cost(const struct cache_entry *e)
{
	return sizeof *e + strlen(e->name) + 1 + sizeof e + (e->set ? e->set->size : 0);
}

/* -- entries */

static void
drop_set(struct cache *c, struct cache_entry *e)
{
	c->counts.bytes -= cost(e);
	c->counts.sets--;
	unlink_age(c, e);
	set_done(e->set);
	e->set = NULL;
}

static void
remove_entry(struct cache *c, struct cache_entry *e)
{
	struct cache_entry **at = place_of(c, e->hash, e->name, e->type);

	if (e->set)
		drop_set(c, e);
	*at = e->next;
	c->entries--;
	free(e);
}

/* If there is no memory the chains are just longer. */
static void
grow(struct cache *c)
{
	size_t count = c->bucket_count * 2;
	struct cache_entry **buckets = calloc(count, sizeof *buckets);

	if (!buckets)
		return;
	for (size_t i = 0; i < c->bucket_count; i++)
		while (c->buckets[i]) {
			struct cache_entry *e = c->buckets[i];

			c->buckets[i] = e->next;
			e->next = buckets[e->hash & (count - 1)];
			buckets[e->hash & (count - 1)] = e;
		}
	free(c->buckets);
	c->buckets = buckets;
	c->bucket_count = count;
}

static struct cache_entry *
add(struct cache *c, uint64_t hash, const char *name, uint16_t type)
{
	size_t length = strlen(name) + 1;
	struct cache_entry *e = calloc(1, sizeof *e + length), **at;

	if (!e)
		return NULL;
	e->hash = hash;
	e->type = type;
	memcpy(e->name, name, length);
	if (c->entries >= c->bucket_count)
		grow(c);
	at = &c->buckets[hash & (c->bucket_count - 1)];
	e->next = *at;
	*at = e;
	c->entries++;
	return e;
}

struct set *
cache_get(struct cache *c, const char *name, uint16_t type, int64_t now_ms)
{
	struct cache_entry *e = *place_of(c, hash_of(c, name, type), name, type);

	if (e && e->set && e->set->expires_ms <= now_ms) {
		remove_entry(c, e);
		e = NULL;
	}
	if (!e || !e->set) {
		c->counts.misses++;
		return NULL;
	}
	c->counts.hits++;
	if (e != c->youngest) {
		unlink_age(c, e);
		link_youngest(c, e);
	}
	e->set->references++;
	return e->set;
}

/* -- questions that are out */

int
cache_wait(struct cache *c, const char *name, uint16_t type, struct cache_wait *wait, bool *fresh)
{
	uint64_t hash = hash_of(c, name, type);
	struct cache_entry *e = *place_of(c, hash, name, type);

	*fresh = !e;
	if (!e)
		e = add(c, hash, name, type);
	if (!e)
		return -1;
	if (*fresh)
		c->counts.out++;
	else
		c->counts.joined++;
	wait->entry = e;
	wait->name = e->name;
	wait->next = e->waiting;
	wait->back = &e->waiting;
	if (e->waiting)
		e->waiting->back = &wait->next;
	e->waiting = wait;
	return 0;
}

void
cache_unwait(struct cache_wait *wait)
{
	if (!wait->entry)
		return;
	*wait->back = wait->next;
	if (wait->next)
		wait->next->back = wait->back;
	wait->entry = NULL;
}

void
cache_forget(struct cache *c, struct cache_wait *wait)
{
	struct cache_entry *e = wait->entry;

	cache_unwait(wait);
	c->counts.out--;
	remove_entry(c, e);
}

static void
make_room(struct cache *c)
{
	while (c->counts.bytes > c->most && c->oldest) {
		c->counts.evicted++;
		remove_entry(c, c->oldest);
	}
}

static struct cache_wait *
take_waiting(struct cache_entry *e)
{
	struct cache_wait *first = e->waiting;

	for (struct cache_wait *w = first; w; w = w->next)
		w->entry = NULL;
	e->waiting = NULL;
	return first;
}

struct cache_wait *
cache_put(struct cache *c, struct set *set, int64_t now_ms)
{
	struct cache_entry *e = *place_of(c, hash_of(c, set->name, set->type), set->name, set->type);
	struct cache_wait *first;

	if (!e || e->set) { /* nobody has asked for it */
		set_done(set);
		return NULL;
	}
	first = take_waiting(e);
	c->counts.out--;
	set->expires_ms = now_ms + (int64_t)set->ttl * SECOND;
	e->set = set;
	link_youngest(c, e);
	c->counts.sets++;
	c->counts.bytes += cost(e);
	make_room(c);
	return first;
}

struct cache_counts
cache_counts(const struct cache *c)
{
	return c->counts;
}

/* -- life */

struct cache *
cache_new(size_t bytes, uint64_t seed)
{
	struct cache *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->most = bytes;
	c->seed = seed;
	c->bucket_count = FIRST_BUCKETS;
	c->buckets = calloc(c->bucket_count, sizeof *c->buckets);
	if (c->buckets)
		return c;
	free(c);
	return NULL;
}

void
cache_clear(struct cache *c)
{
	while (c->oldest)
		remove_entry(c, c->oldest);
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->bucket_count; i++)
		while (c->buckets[i])
			remove_entry(c, c->buckets[i]);
	free(c->buckets);
	free(c);
}
