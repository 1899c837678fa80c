/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena: memory that is given piece by piece and taken back at once.  Chunks come from a pool that keeps
 * a bounded number of free ones, so that a busy worker does not call malloc.  One thread. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <coven/types.h>
#include <stdarg.h>

#define ARENA_CHUNK 4096 /* bytes of an ordinary chunk; larger pieces get one of their own */

struct arena_pool;
struct arena_pool *arena_pool_new(size_t keep); /* free chunks kept; NULL: no memory */
/* All arenas together get no more than that; SIZE_MAX at first. */
void arena_pool_limit(struct arena_pool *pool, size_t bytes);
size_t arena_pool_used(const struct arena_pool *pool); /* bytes that arenas have */
size_t arena_pool_spare(const struct arena_pool *pool); /* bytes of free chunks that it keeps */
void arena_pool_free(struct arena_pool *pool);  /* all arenas are gone by then */

struct arena;
struct arena *arena_new(struct arena_pool *pool); /* lives in its own first chunk; NULL: no memory */
void arena_free(struct arena *a);                 /* NULL is harmless */
void arena_reset(struct arena *a);                /* keeps the first chunk */
size_t arena_used(const struct arena *a);         /* bytes of all its chunks */

/* Pieces are aligned to 16; NULL: no memory.  Nothing is freed one by one. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zero(struct arena *a, size_t size);
struct coven_slice arena_dup(struct arena *a, struct coven_slice s); /* a NUL behind it; none: failed */
__attribute__((format(printf, 2, 3))) struct coven_slice arena_print(struct arena *a, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) struct coven_slice arena_vprint(struct arena *a, const char *fmt, va_list list);

#endif
