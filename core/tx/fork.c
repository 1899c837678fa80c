/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fork: the response context. */
#include "tx/fork.h"
#include "base/text.h"
#include "tx/best.h"
#include "tx/forward.h"
#include <string.h>

static bool
closed(const struct coven_request *r)
{
	return r->finished || r->cancelled || r->six;
}

/* RFC 5393: the breadth that this request may still use. */
static void
read_breadth(struct coven_request *r)
{
	uint64_t n;
	struct coven_slice text = sip_first(&r->message, SIP_MAX_BREADTH);

	if (text.at && text_number(text, 65535, &n) == 0)
		r->breadth = n < TX_BREADTH ? (uint32_t)n : TX_BREADTH;
}

int
fork_add(struct coven_request *r, struct coven_target *t)
{
	struct list *at;

	if (closed(r) || r->target_count >= REQUEST_TARGETS_MAX) {
		target_free(t);
		return -1;
	}
	t = target_take(t, r->arena);
	if (!t)
		return -1;
	for (at = r->targets.next; at != &r->targets; at = at->next)
		if (CONTAINER(at, struct coven_target, link)->q < t->q)
			break;
	list_insert(at, &t->link);
	r->target_count++;
	return 0;
}

static void
launch(struct coven_branch *b)
{
	struct tx *tx = b->request->tx;

	tx->up->launch(tx->up_arg, b);
}

static void
delay_over(struct timer *t)
{
	launch(CONTAINER(t, struct coven_branch, again));
}

/* How many of the targets at the front may start together. */
static unsigned
group_size(const struct coven_request *r)
{
	unsigned n = 0;

	for (struct list *at = r->targets.next; at != &r->targets; at = at->next, n++)
		if (CONTAINER(at, struct coven_target, link)->q < r->q)
			break;
	return n;
}

static void
start_one(struct coven_request *r, uint32_t breadth)
{
	struct coven_target *t = CONTAINER(r->targets.next, struct coven_target, link);
	struct coven_branch *b;

	list_remove(&t->link);
	b = branch_new(r, t);
	if (!b)
		return;
	b->breadth = breadth;
	r->breadth_used += breadth;
	if (t->delay)
		timer_start(r->tx->loop, &b->again, t->delay, delay_over);
	else
		launch(b);
}

int
fork_again(struct coven_branch *b)
{
	struct coven_branch *more = closed(b->request) ? NULL : branch_new(b->request, b->target);

	if (!more)
		return -1;
	more->breadth = b->breadth;
	b->breadth = 0;
	launch(more);
	return 0;
}

/* The targets of the highest q there is, together; a lower q waits until all of a higher one have failed. */
static void
start_group(struct coven_request *r)
{
	uint32_t left = r->breadth - r->breadth_used;
	unsigned n;

	if (r->live == 0)
		r->q = CONTAINER(r->targets.next, struct coven_target, link)->q;
	n = group_size(r);
	if (n > left)
		n = left; /* the rest in the next turn, one breadth after the other */
	for (unsigned i = 0; i < n && !closed(r) && !list_empty(&r->targets); i++)
		start_one(r, left / n + (i < left % n));
}

static void
choose(struct coven_request *r)
{
	if (r->failing || r->finished || r->message.method_id == SIP_ACK)
		return;
	r->best = best_of(r);
	r->failing = true;
	r->tx->up->failed(r->tx->up_arg, r);
}

void
fork_run(struct coven_request *r)
{
	request_hold(r);
	if (r->branch_count == 0) {
		read_breadth(r);
		forward_prepare(r);
	}
	if (r->breadth == 0 && !closed(r) && !list_empty(&r->targets))
		request_reply(r, 440, "Max-Breadth Exceeded", NULL, 0, false);
	else if (!closed(r) && !list_empty(&r->targets) && r->breadth > r->breadth_used)
		start_group(r);
	if (r->live == 0 && (closed(r) || list_empty(&r->targets)))
		choose(r);
	request_drop(r);
}

static void
run_later(struct work *w)
{
	struct coven_request *r = CONTAINER(w, struct coven_request, run);

	fork_run(r);
	request_drop(r);
}

static void
again(struct coven_request *r)
{
	if (list_linked(&r->run.link))
		return;
	request_hold(r);
	work_start(r->tx->loop, &r->run, run_later);
}

void
fork_finish(struct coven_request *r)
{
	r->failing = false;
	if (r->finished)
		return;
	if (!closed(r) && !list_empty(&r->targets)) {
		again(r);
		return;
	}
	best_leaves(r);
}

void
fork_weigh(struct coven_branch *b)
{
	struct coven_request *r = b->request;

	if (b->status >= 600 && !r->six) {
		r->six = true;
		fork_cancel(r, b, (struct coven_slice){ NULL, 0 });
	}
	if (closed(r))
		fork_settle(b);
	else
		r->tx->up->branch_failed(r->tx->up_arg, b);
}

void
fork_settle(struct coven_branch *b)
{
	struct coven_request *r = b->request;

	r->live--;
	r->breadth_used -= b->breadth;
	if (!r->finished)
		again(r);
}

void
fork_cancel(struct coven_request *r, const struct coven_branch *but, struct coven_slice reason)
{
	request_hold(r);
	while (!list_empty(&r->targets))
		list_remove(r->targets.next);
	LIST_EACH (&r->branches, at, after) {
		struct coven_branch *b = CONTAINER(at, struct coven_branch, link);
		if (b != but && !b->final)
			branch_cancel(b, BRANCH_CANCELLED, reason);
	}
	request_drop(r);
}
