/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of chains with a secret in its hash, and a heap by the time when a call ends by itself. */
#include "book.h"

#include <coven/plugin.h>

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MAX 65536
#define HEAP_FIRST 64
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

struct book {
	struct call **buckets;
	size_t bucket_count; /* a power of two */
	struct call **heap;
	size_t count, room, most;
	uint64_t secret;
};

struct book *
book_new(size_t most)
{
	struct book *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->most = most;
	b->bucket_count = 64;
	while (b->bucket_count < most && b->bucket_count < BUCKETS_MAX)
		b->bucket_count *= 2;
	b->buckets = calloc(b->bucket_count, sizeof *b->buckets);
	if (!b->buckets) {
		free(b);
		return NULL;
	}
	coven_random(&b->secret, sizeof b->secret);
	return b;
}

void
book_free(struct book *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++)
		free(b->heap[i]);
	free(b->heap);
	free(b->buckets);
	free(b);
}

size_t
book_count(const struct book *b)
{
	return b->count;
}

/* Eight bytes at a time; the secret keeps chains from being made long on purpose. */
static uint64_t
hash_of(const struct book *b, struct coven_slice text)
{
	uint64_t h = b->secret ^ text.length, word;
	size_t i = 0;

	for (; i + 8 <= text.length; i += 8) {
		memcpy(&word, text.at + i, 8);
		h = (h ^ word) * FACTOR;
		h ^= h >> 29;
	}
	word = 0;
	if (i < text.length)
		memcpy(&word, text.at + i, text.length - i);
	h = (h ^ word) * FACTOR;
	h ^= h >> 32;
	h *= FACTOR;
	return h ^ h >> 29;
}

uint32_t
book_hash(const struct book *b, struct coven_slice text)
{
	return (uint32_t)hash_of(b, text);
}

struct coven_slice
call_id(const struct call *c)
{
	return (struct coven_slice){ c->text, c->call_id_length };
}

struct coven_slice
call_caller(const struct call *c)
{
	return (struct coven_slice){ c->text + c->call_id_length, c->caller_length };
}

struct coven_slice
call_callee(const struct call *c)
{
	return (struct coven_slice){ c->text + c->call_id_length + c->caller_length, c->callee_length };
}

struct call *
book_find(struct book *b, struct coven_slice id)
{
	uint64_t hash = hash_of(b, id);
	struct call *c = b->buckets[hash & (b->bucket_count - 1)];

	while (c && (c->hash != hash || !coven_same(call_id(c), id)))
		c = c->next;
	return c;
}

/* -- the heap: no call is due before the one above it */

static void
put(struct book *b, size_t at, struct call *c)
{
	b->heap[at] = c;
	c->at = at;
}

static void
rise(struct book *b, struct call *c)
{
	size_t at = c->at;

	while (at && b->heap[(at - 1) / 2]->due > c->due) {
		put(b, at, b->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(b, at, c);
}

static void
sink(struct book *b, struct call *c)
{
	size_t at = c->at;

	for (;;) {
		size_t below = 2 * at + 1;

		if (below + 1 < b->count && b->heap[below + 1]->due < b->heap[below]->due)
			below++;
		if (below >= b->count || b->heap[below]->due >= c->due)
			break;
		put(b, at, b->heap[below]);
		at = below;
	}
	put(b, at, c);
}

static int
reserve(struct book *b)
{
	size_t room = b->room ? 2 * b->room : HEAP_FIRST;
	struct call **heap;

	if (b->count < b->room)
		return 0;
	heap = realloc(b->heap, room * sizeof *heap);
	if (!heap)
		return -1;
	b->heap = heap;
	b->room = room;
	return 0;
}

/* -- calls */

static struct coven_slice
cut(struct coven_slice text)
{
	if (text.length > BOOK_TEXT_MAX)
		text.length = BOOK_TEXT_MAX;
	return text;
}

static char *
copy(char *at, struct coven_slice text)
{
	if (text.length)
		memcpy(at, text.at, text.length);
	return at + text.length;
}

struct call *
book_add(struct book *b, struct coven_slice id, struct coven_slice caller, struct coven_slice callee)
{
	struct call *c = NULL, **bucket;

	caller = cut(caller);
	callee = cut(callee);
	if (id.length <= BOOK_TEXT_MAX && b->count < b->most && reserve(b) == 0)
		c = malloc(sizeof *c + id.length + caller.length + callee.length);
	if (!c)
		return NULL;
	*c = (struct call){
		.hash = hash_of(b, id), .due = INT64_MAX, .call_id_length = (uint8_t)id.length,
		.caller_length = (uint8_t)caller.length, .callee_length = (uint8_t)callee.length,
	};
	copy(copy(copy(c->text, id), caller), callee);
	bucket = &b->buckets[c->hash & (b->bucket_count - 1)];
	c->next = *bucket;
	*bucket = c;
	put(b, b->count++, c);
	return c;
}

void
book_remove(struct book *b, struct call *c)
{
	struct call **at = &b->buckets[c->hash & (b->bucket_count - 1)], *last = b->heap[--b->count];

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (last != c) {
		put(b, c->at, last);
		rise(b, last);
		sink(b, last);
	}
	free(c);
}

void
book_set_due(struct book *b, struct call *c, int64_t due)
{
	c->due = due;
	rise(b, c);
	sink(b, c);
}

struct call *
book_first(struct book *b)
{
	return b->count ? b->heap[0] : NULL;
}

size_t
book_buckets(const struct book *b)
{
	return b->bucket_count;
}

const struct call *
book_bucket(const struct book *b, size_t at)
{
	return at < b->bucket_count ? b->buckets[at] : NULL;
}
