/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine: the resolver's thread.  It begins with the first question, has a loop of its own and libunbound on it, and
 * answers each question once, at the latest when its time is over.  So nothing is sent before somebody asks. */
#ifndef DNS_ENGINE_H
#define DNS_ENGINE_H

#include "set.h"
#include <coven/plugin.h>

#include <stdatomic.h>

#define ENGINE_SEATS 256

struct engine_options {
	struct coven_slice trust_anchor, root_hints;
	struct coven_rows forward; /* of coven_slice */
	int64_t window, queue, time_limit, cache;
};

struct engine;
/* NULL: no memory.  The options stay the caller's, and there, for as long as it lives. */
struct engine *engine_new(const struct engine_options *options);
void engine_free(struct engine *e); /* ends the thread; answers that were not taken are gone */

/* Where a worker waits for answers. */
struct seat {
	struct coven_instance *in;
	struct coven_mailbox *box;
	coven_fn *wake;         /* called on the worker: take the answers */
	atomic_bool called;
	struct set *first, *last; /* under the engine's lock */
	unsigned number;
	uint64_t sitting;
};

/* On the worker of the seat. */
int engine_sit(struct engine *e, struct seat *seat); /* -1: no seat is left */
void engine_rise(struct engine *e, struct seat *seat); /* nothing comes any more; what was there is gone */
/* 0: an answer will come, named as it was asked.  -1: too many questions wait, or there is no thread. */
int engine_ask(struct engine *e, struct seat *seat, const char *name, uint16_t type, int64_t deadline_ms);
struct set *engine_take(struct engine *e, struct seat *seat); /* all that have come, by `next` */
int64_t engine_now_ms(void); /* the clock of deadlines, which no test moves */

/* What libunbound knows is forgotten, and how to reach the world is found out again. */
void engine_flush(struct engine *e);

struct engine_status {
	uint64_t asked, answered, failed, bogus, late, refused;
	size_t waiting, in_flight, slow;
	bool running;
	char way[200]; /* how the world is reached */
};
void engine_status(struct engine *e, struct engine_status *status);

#endif
