/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory given piece by piece and taken back at once, from chunks that a pool keeps warm.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

/* Under AddressSanitizer memory that was not given out, or was taken back, may not be
 * touched. */
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define HIDE(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define SHOW(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define HIDE(at, size) ((void)(at), (void)(size))
#define SHOW(at, size) ((void)(at), (void)(size))
#endif

#define ALIGN 16
#define LARGE_MAX ((size_t)1 << 30) /* the largest piece that makes sense */

struct chunk {
	struct chunk *next;
	size_t size; /* of the whole chunk */
};

struct arena_pool {
	struct chunk *free;
	size_t count, keep;
	size_t used, max; /* bytes of arenas */
};

/* The first chunk of an arena holds its struct, and lies last in `chunks`. */
struct arena {
	struct arena_pool *pool;
	struct chunk *chunks; /* ordinary ones, the newest first */
	struct chunk *large;
	char *at, *end; /* what is left of the newest ordinary chunk */
	size_t used;
};

_Static_assert(sizeof(struct chunk) % ALIGN == 0, "pieces begin aligned");

static size_t
round_up(size_t size)
{
	return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

struct arena_pool *
arena_pool_new(size_t keep)
{
	struct arena_pool *pool = calloc(1, sizeof *pool);

	if (pool) {
		pool->keep = keep;
		pool->max = SIZE_MAX;
	}
	return pool;
}

void
arena_pool_limit(struct arena_pool *pool, size_t bytes)
{
	pool->max = bytes;
}

size_t
arena_pool_used(const struct arena_pool *pool)
{
	return pool->used;
}

size_t
arena_pool_spare(const struct arena_pool *pool)
{
	return pool->count * ARENA_CHUNK;
}

void
arena_pool_free(struct arena_pool *pool)
{
	if (!pool)
		return;
	while (pool->free) {
		struct chunk *c = pool->free;

		pool->free = c->next;
		SHOW(c, c->size);
		free(c);
	}
	free(pool);
}

static struct chunk *
chunk_take(struct arena_pool *pool)
{
	struct chunk *c = pool->free;

	if (pool->used > pool->max)
		return NULL;
	if (c) {
		pool->free = c->next;
		pool->count--;
		pool->used += ARENA_CHUNK;
		return c;
	}
	c = malloc(ARENA_CHUNK);
	if (!c)
		return NULL;
	pool->used += ARENA_CHUNK;
	c->size = ARENA_CHUNK;
	HIDE(c + 1, ARENA_CHUNK - sizeof *c);
	return c;
}

static void
chunk_give(struct arena_pool *pool, struct chunk *c)
{
	pool->used -= ARENA_CHUNK;
	if (pool->count >= pool->keep) {
		SHOW(c, c->size);
		free(c);
		return;
	}
	HIDE(c + 1, c->size - sizeof *c);
	c->next = pool->free;
	pool->free = c;
	pool->count++;
}

struct arena *
arena_new(struct arena_pool *pool)
{
	struct chunk *c = chunk_take(pool);
	struct arena *a;

	if (!c)
		return NULL;
	c->next = NULL;
	a = (struct arena *)(c + 1);
	SHOW(a, sizeof *a);
	a->pool = pool;
	a->chunks = c;
	a->large = NULL;
	a->at = (char *)a + round_up(sizeof *a);
	a->end = (char *)c + ARENA_CHUNK;
	a->used = ARENA_CHUNK;
	return a;
}

static void
large_free(struct arena *a)
{
	while (a->large) {
		struct chunk *c = a->large;

		a->large = c->next;
		a->pool->used -= c->size;
		SHOW(c, c->size);
		free(c);
	}
}

void
arena_free(struct arena *a)
{
	struct arena_pool *pool;
	struct chunk *c, *next;

	if (!a)
		return;
	if (a->large)
		large_free(a);
	pool = a->pool;
	for (c = a->chunks; c; c = next) {
		next = c->next;
		chunk_give(pool, c);
	}
}

void
arena_reset(struct arena *a)
{
	struct chunk *c, *next;

	if (a->large)
		large_free(a);
	for (c = a->chunks; (next = c->next) != NULL; c = next)
		chunk_give(a->pool, c);
	a->chunks = c;
	a->at = (char *)a + round_up(sizeof *a);
	a->end = (char *)c + ARENA_CHUNK;
	a->used = ARENA_CHUNK;
	HIDE(a->at, a->end - a->at);
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

static void *
large_alloc(struct arena *a, size_t size)
{
	size_t whole = sizeof(struct chunk) + size;
	bool fits = size <= LARGE_MAX && a->pool->used <= a->pool->max;
	struct chunk *c = fits ? malloc(whole) : NULL;

	if (!c)
		return NULL;
	c->size = whole;
	c->next = a->large;
	a->large = c;
	a->used += whole;
	a->pool->used += whole;
	return c + 1;
}

/* A piece that does not fit: a quarter of a chunk is the most that may be wasted at its
 * end. */
static void *
slow_alloc(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size > ARENA_CHUNK / 4)
		return large_alloc(a, size);
	c = chunk_take(a->pool);
	if (!c)
		return NULL;
	c->next = a->chunks;
	a->chunks = c;
	a->used += ARENA_CHUNK;
	a->at = (char *)(c + 1) + round_up(size);
	a->end = (char *)c + ARENA_CHUNK;
	SHOW(c + 1, size);
	return c + 1;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	char *at = a->at;

	if (size > (size_t)(a->end - at))
		return slow_alloc(a, size);
	a->at = at + round_up(size);
	SHOW(at, size);
	return at;
}

void *
arena_zero(struct arena *a, size_t size)
{
	void *at = arena_alloc(a, size);

	return at ? memset(at, 0, size) : NULL;
}

struct coven_slice
arena_dup(struct arena *a, struct coven_slice s)
{
	char *at = s.length < SIZE_MAX ? arena_alloc(a, s.length + 1) : NULL;

	if (!at)
		return (struct coven_slice){NULL, 0};
	if (s.length)
		memcpy(at, s.at, s.length);
	at[s.length] = '\0';
	return (struct coven_slice){at, s.length};
}

/* Printed into a room that mostly suffices first, so that most texts are formatted once.
 */
struct coven_slice
arena_vprint(struct arena *a, const char *fmt, va_list list)
{
	char room[512], *at;
	va_list again;
	int length;

	va_copy(again, list);
	length = vsnprintf(room, sizeof room, fmt, list);
	at = length < 0 ? NULL : arena_alloc(a, (size_t)length + 1);
	if (at && (size_t)length < sizeof room)
		memcpy(at, room, (size_t)length + 1);
	else if (at)
		vsnprintf(at, (size_t)length + 1, fmt, again);
	va_end(again);
	return (struct coven_slice){at, at ? (size_t)length : 0};
}

struct coven_slice
arena_print(struct arena *a, const char *fmt, ...)
{
	struct coven_slice s;
	va_list list;

	va_start(list, fmt);
	s = arena_vprint(a, fmt, list);
	va_end(list);
	return s;
}
