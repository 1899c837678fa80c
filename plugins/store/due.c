/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wheel of doubly linked lists, one a second. */
#include "due.h"

#include <stddef.h>

static void
push(struct due_link **head, struct due_link *link)
{
	link->next = *head;
	link->back = head;
	if (link->next)
		link->next->back = &link->next;
	*head = link;
}

void
due_add(struct due *d, struct due_link *link, int64_t until_ms)
{
	int64_t second = (until_ms + 999) / 1000;

	/* the clock of the worker that ticks may be a little ahead of ours */
	if (second <= d->done)
		second = d->done + 1;
	link->second = second;
	push(&d->buckets[(uint64_t)second % DUE_BUCKETS], link);
}

void
due_remove(struct due_link *link)
{
	if (!link->back)
		return;
	*link->back = link->next;
	if (link->next)
		link->next->back = link->back;
	link->next = NULL;
	link->back = NULL;
}

static void
take_bucket(struct due_link *link, int64_t second, struct due_link **taken)
{
	while (link) {
		struct due_link *next = link->next;

		if (link->second <= second) {
			due_remove(link);
			link->next = *taken;
			*taken = link;
		}
		link = next;
	}
}

struct due_link *
due_take(struct due *d, int64_t now_ms)
{
	int64_t now = now_ms / 1000;
	struct due_link *taken = NULL;

	/* after a long sleep one turn of the wheel sees everything */
	if (now - d->done > DUE_BUCKETS)
		d->done = now - DUE_BUCKETS;
	while (d->done < now) {
		d->done++;
		take_bucket(d->buckets[(uint64_t)d->done % DUE_BUCKETS], now, &taken);
	}
	return taken;
}
