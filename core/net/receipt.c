/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells senders what became of their bytes, in a later callback of the same turn. */
#include "net/receipt.h"
#include "base/log.h"

#include <stdlib.h>

int
receipts_init(struct receipts *r, struct loop *loop)
{
	*r = (struct receipts){ .loop = loop };
	list_init(&r->answered);
	list_init(&r->kept);
	while (r->kept_count < RECEIPTS_KEPT) {
		struct receipt *receipt = malloc(sizeof *receipt);

		if (!receipt)
			return -1;
		receipts_drop(r, receipt);
	}
	return 0;
}

static void
free_all(struct list *receipts)
{
	LIST_EACH(receipts, at, after) {
		list_remove(at);
		free(CONTAINER(at, struct receipt, link));
	}
}

void
receipts_done(struct receipts *r)
{
	if (!r->loop)
		return;
	work_stop(r->loop, &r->work);
	free_all(&r->answered);
	free_all(&r->kept);
}

static struct receipt *
take_kept(struct receipts *r)
{
	struct list *first = r->kept.next;

	list_remove(first);
	r->kept_count--;
	return CONTAINER(first, struct receipt, link);
}

struct receipt *
receipts_take(struct receipts *r, net_sent_fn *done, void *arg)
{
	struct receipt *receipt;

	if (!done)
		return NULL;
	receipt = r->kept_count ? take_kept(r) : malloc(sizeof *receipt);
	if (!receipt) {
		log_line(LOG_LEVEL_ERROR, "net", "answer to a sender lost: no memory");
		return NULL;
	}
	*receipt = (struct receipt){ .done = done, .arg = arg };
	return receipt;
}

void
receipts_drop(struct receipts *r, struct receipt *receipt)
{
	if (!receipt)
		return;
	if (r->kept_count == RECEIPTS_KEPT) {
		free(receipt);
		return;
	}
	list_prepend(&r->kept, &receipt->link);
	r->kept_count++;
}

/* Takes only what was there at the start: an answer may lead to more sending and more
 * answers. */
static void
give_answers(struct work *w)
{
	struct receipts *r = CONTAINER(w, struct receipts, work);
	struct list *last = r->answered.previous;
	bool more = !list_empty(&r->answered);

	while (more) {
		struct list *first = r->answered.next;
		struct receipt receipt = *CONTAINER(first, struct receipt, link);

		more = first != last;
		list_remove(first);
		receipts_drop(r, CONTAINER(first, struct receipt, link));
		receipt.done(receipt.arg, receipt.result);
	}
	if (!list_empty(&r->answered))
		work_start(r->loop, &r->work, give_answers);
}

void
receipts_answer(struct receipts *r, struct receipt *receipt, enum net_sent result)
{
	if (!receipt)
		return;
	receipt->result = result;
	list_append(&r->answered, &receipt->link);
	work_start(r->loop, &r->work, give_answers);
}
