/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query: doubly linked lists, so that each can leave from the middle. */
#include "query.h"

#include <stdlib.h>
#include <string.h>

struct query *
query_new(const char *name, uint16_t type)
{
	size_t length = strlen(name) + 1;
	struct query *q = calloc(1, sizeof *q + length);
	struct set *spare = set_new(name, type, SET_DOWN, NULL, "no memory");

	if (!q || !spare) {
		free(q);
		set_done(spare);
		return NULL;
	}
	spare->late = true;
	q->spare = spare;
	q->type = type;
	memcpy(q->name, name, length);
	return q;
}

void
queue_clear(struct queue *l)
{
	l->first = NULL;
	l->end = &l->first;
}

void
queue_put(struct queue *l, struct query *q)
{
	q->next = NULL;
	q->back = l->end;
	*l->end = q;
	l->end = &q->next;
}

void
queue_remove(struct queue *l, struct query *q)
{
	*q->back = q->next;
	if (q->next)
		q->next->back = q->back;
	else
		l->end = q->back;
}

void
queue_move(struct queue *to, struct queue *from)
{
	if (!from->first)
		return;
	*to->end = from->first;
	from->first->back = to->end;
	to->end = from->end;
	queue_clear(from);
}

void
query_free(struct query *q)
{
	set_done(q->spare);
	free(q);
}

void
queue_free(struct queue *l)
{
	while (l->first) {
		struct query *q = l->first;

		queue_remove(l, q);
		query_free(q);
	}
}
