/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target: where a request may go: Request-URI, next hop, route set, flow, and when. */
#ifndef TX_TARGET_H
#define TX_TARGET_H

#include "base/arena.h"
#include "base/list.h"
#include "base/loop.h"
#include <coven/types.h>

#define TARGET_WORDS_MAX 16

struct target_word {
	struct target_word *next;
	struct coven_slice name, value;
};

struct coven_target {
	struct list link;     /* in its request's queue */
	struct arena *arena;  /* its own, until a request takes it: then it is the request's */
	bool own_arena;
	struct coven_slice uri, hop, route; /* hop: a URI; none: route, else uri */
	struct coven_flow flow;             /* all zero: none */
	int64_t q, delay, ring;             /* 0..1000, ms, ms */
	bool again;                         /* a name: goes through ROUTE again */
	uint8_t depth;                      /* how many names it came from */
	struct coven_slice name;            /* the destination that ROUTE saw when it was added */
	struct target_word *words;
	size_t word_count;
	void *host;                         /* floor 4's */
};

struct coven_target *target_new(struct arena_pool *pool, struct coven_slice uri); /* NULL: no memory */
/* As above, but in memory that lives longer than it. */
struct coven_target *target_in(struct arena *arena, struct coven_slice uri);
void target_free(struct coven_target *t); /* one that nobody took */
/* Moves everything into the arena of who takes it, and frees the rest.  NULL: no memory; t is gone all the same. */
struct coven_target *target_take(struct coven_target *t, struct arena *arena);
int target_word(struct coven_target *t, struct coven_slice name, struct coven_slice value);
struct coven_slice target_read_word(const struct coven_target *t, struct coven_slice name);

#endif
