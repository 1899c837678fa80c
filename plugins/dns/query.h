/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query: a question on its way through the engine, and lists of them. */
#ifndef DNS_QUERY_H
#define DNS_QUERY_H

#include "engine.h"

struct query {
	struct query *next, **back; /* in one of the lists */
	struct engine *engine;
	unsigned seat;           /* its number, */
	uint64_t sitting;        /* and who sat there: somebody else may by now */
	struct set *spare;       /* the answer when there is no memory for one */
	int64_t deadline_ms, sent_ms;
	uint16_t type;
	bool slow, told;
	char name[];
};

struct queue {
	struct query *first, **end;
};

struct query *query_new(const char *name, uint16_t type); /* NULL: no memory */
void query_free(struct query *q);

void queue_clear(struct queue *l); /* makes it empty, frees nothing */
void queue_put(struct queue *l, struct query *q);
void queue_remove(struct queue *l, struct query *q);
void queue_move(struct queue *to, struct queue *from); /* all of `from`, to the end */
void queue_free(struct queue *l);                      /* and all in it */

#endif
