/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table whose buckets follow the order of the hashes: the top bits choose the
 * shard, the next ones the bucket, and each chain is sorted.  So a walk sees the same
 * order before and after growing. */
#include "shard.h"
#include "book.h"

#include <stdlib.h>
#include <string.h>

int
shard_open(struct shard *s)
{
	s->buckets = calloc((size_t)1 << BOOK_FIRST_BITS, sizeof s->buckets[0]);
	if (!s->buckets)
		return -1;
	s->bits = BOOK_FIRST_BITS;
	pthread_mutex_init(&s->lock, NULL);
	return 0;
}

void
shard_close(struct shard *s)
{
	for (size_t i = 0; i < (size_t)1 << s->bits; i++) {
		while (s->buckets[i]) {
			struct entry *e = s->buckets[i];

			s->buckets[i] = e->next;
			entry_free(e);
		}
	}
	free(s->buckets);
	pthread_mutex_destroy(&s->lock);
}

static size_t
bucket_of(const struct shard *s, uint64_t hash)
{
	return (size_t)(hash << BOOK_SHARD_BITS >> (64 - s->bits));
}

/* Is e before, at, or behind (hash, aor)?  As memcmp. */
static int
order(const struct entry *e, uint64_t hash, struct coven_slice aor)
{
	size_t both = e->aor_length < aor.length ? e->aor_length : aor.length;
	int by_text;

	if (e->hash != hash)
		return e->hash < hash ? -1 : 1;
	by_text = memcmp(e->aor, aor.at, both);
	if (by_text)
		return by_text;
	return (e->aor_length > aor.length) - (e->aor_length < aor.length);
}

struct entry *
shard_find(const struct shard *s, struct coven_slice aor, uint64_t hash)
{
	struct entry *e = s->buckets[bucket_of(s, hash)];

	while (e && order(e, hash, aor) < 0)
		e = e->next;
	return e && order(e, hash, aor) == 0 ? e : NULL;
}

/* Each chain becomes two, both sorted as before.  Without memory the chains just get
 * longer. */
static void
grow(struct shard *s)
{
	size_t old = (size_t)1 << s->bits;
	struct entry **fresh = calloc(old * 2, sizeof fresh[0]);

	if (!fresh)
		return;
	s->bits++;
	for (size_t i = 0; i < old; i++) {
		struct entry **tails[2] = { &fresh[2 * i], &fresh[2 * i + 1] };

		for (struct entry *e = s->buckets[i], *next; e; e = next) {
			size_t half = bucket_of(s, e->hash) & 1;

			next = e->next;
			e->next = NULL;
			*tails[half] = e;
			tails[half] = &e->next;
		}
	}
	free(s->buckets);
	s->buckets = fresh;
}

struct entry *
shard_add(struct shard *s, struct coven_slice aor, uint64_t hash)
{
	struct entry *e = entry_new(aor, hash);
	struct entry **at;

	if (!e)
		return NULL;
	if (s->entries >= (size_t)1 << s->bits && s->bits < BOOK_LAST_BITS)
		grow(s);
	at = &s->buckets[bucket_of(s, hash)];
	while (*at && order(*at, hash, aor) < 0)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	s->entries++;
	return e;
}

void
shard_remove(struct shard *s, struct entry *e)
{
	struct entry **at = &s->buckets[bucket_of(s, e->hash)];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	s->entries--;
	s->bindings -= e->count;
	entry_free(e);
}

struct entry *
shard_after(const struct shard *s, uint64_t hash, struct coven_slice aor)
{
	size_t i = bucket_of(s, hash);
	struct entry *e = s->buckets[i];

	while (e && order(e, hash, aor) <= 0)
		e = e->next;
	while (!e && ++i < (size_t)1 << s->bits)
		e = s->buckets[i];
	return e;
}
