/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenures: plugins start, requests hold on, plugins stop. */
#include "host/tenure.h"
#include "host/clock.h"
#include "host/dialog.h"
#include "host/flow.h"
#include "host/mail.h"
#include "host/out.h"
#include "host/own.h"
#include "host/service.h"
#include <stdlib.h>

/* -- the start */

static void
start_told(struct host *h)
{
	void (*done)(void *arg, bool ok) = h->started;

	if (!done || h->starting > 0)
		return;
	h->started = NULL;
	done(h->started_arg, !h->start_failed);
}

static void
make_instance(struct host *h, struct coven_instance *in, struct plug *p)
{
	in->plug = p;
	in->host = h;
	in->all = h->all;
	list_init(&in->timers);
	list_init(&in->watches);
	list_init(&in->sendings);
	list_init(&in->dialogs);
	list_init(&in->mailboxes);
	list_init(&in->notes);
}

static void
start_one(struct host *h, struct coven_instance *in)
{
	enum coven_verdict verdict = COVEN_DONE;

	in->started = true;
	in->waiting = false;
	if (in->plug->table->start)
		verdict = in->plug->table->start(in);
	if (verdict == COVEN_WAIT) {
		in->waiting = true;
		h->starting++;
	} else if (verdict != COVEN_DONE && verdict != COVEN_NEXT) {
		log_line(LOG_LEVEL_ERROR, in->plug->name, "could not start");
		h->start_failed = true;
	}
}

void
tenure_start(struct host *h, struct edition *e, void (*done)(void *arg, bool ok), void *arg)
{
	struct tenure *t = calloc(1, sizeof *t);

	if (!t) {
		done(arg, false);
		return;
	}
	t->host = h;
	t->edition = e;
	atomic_fetch_add(&e->tenures, 1);
	list_append(&h->tenures, &t->link);
	if (!h->tenure)
		h->tenure = t; /* the first: there is nothing else that could be in force */
	h->started = done;
	h->started_arg = arg;
	h->start_failed = false;
	h->starting = 1; /* ours, so that an early coven_ready() does not end it */
	for (size_t i = 0; i < e->chain.count; i++) {
		struct coven_instance *in = host_instance(h, e->chain.plugs[i]);

		if (in->tenures++ == 0) {
			make_instance(h, in, e->chain.plugs[i]);
			start_one(h, in);
		}
	}
	h->starting--;
	start_told(h);
}

void
coven_ready(struct coven_instance *in, bool ok)
{
	struct host *h = in->host;

	if (!h || !in->waiting)
		return;
	in->waiting = false;
	h->starting--;
	if (!ok)
		h->start_failed = true;
	start_told(h);
}

/* -- the end */

/* It may send nothing more, not even from a `done`; who waits for it is told, what it waits for is not told to it. */
static void
stop_one(struct coven_instance *in)
{
	if (!in->started)
		return;
	if (in->waiting)
		coven_ready(in, false); /* nobody waits for its start any more */
	in->started = false;
	own_purge(in);
	call_leave(in);
	if (in->plug->table->stop)
		in->plug->table->stop(in);
	call_leave(in); /* what stop() has asked for */
	dialog_purge(in);
	out_purge(in);
	clock_purge(in);
	flow_forget(in);
	mail_close(in);
}

static void
edition_left(void *arg)
{
	edition_end(arg, true);
}

static void
edition_stays(void *arg)
{
	(void)arg; /* the server ends: host_close() finds it */
}

static void
stop_plugins(struct tenure *t)
{
	const struct chain *c = &t->edition->chain;

	for (size_t i = c->count; i-- > 0;) {
		struct coven_instance *in = host_instance(t->host, c->plugs[i]);

		if (--in->tenures == 0)
			stop_one(in);
	}
}

static void
end(struct tenure *t)
{
	struct host *h = t->host;
	struct edition *e = t->edition;

	stop_plugins(t);
	list_remove(&t->link);
	work_stop(h->loop, &t->ending);
	free(t);
	if (atomic_fetch_sub(&e->tenures, 1) == 1 &&
	    loop_post(h->all->hosts[0]->loop, edition_left, edition_stays, e) != 0)
		log_line(LOG_LEVEL_WARN, "covend", "worker 0 is busy: an old configuration stays in memory");
}

static void
end_later(struct work *w)
{
	struct tenure *t = CONTAINER(w, struct tenure, ending);

	if (t->requests == 0 && t != t->host->tenure)
		end(t);
}

void
tenure_hold(struct tenure *t)
{
	t->requests++;
}

void
tenure_drop(struct tenure *t)
{
	if (--t->requests == 0 && t != t->host->tenure)
		work_start(t->host->loop, &t->ending, end_later);
}

void
tenure_take_over(struct host *h)
{
	struct tenure *old = h->tenure;

	h->tenure = CONTAINER(h->tenures.previous, struct tenure, link);
	h->tx->self = h->tenure->edition->self;
	h->tx->record_route = h->tenure->edition->record_route;
	if (old != h->tenure && old->requests == 0)
		work_start(h->loop, &old->ending, end_later);
}

void
tenure_give_up(struct host *h)
{
	struct tenure *newest = CONTAINER(h->tenures.previous, struct tenure, link);

	if (newest != h->tenure)
		end(newest);
}

void
tenure_stop_all(struct host *h)
{
	LIST_EACH (&h->tenures, at, after)
		stop_plugins(CONTAINER(at, struct tenure, link));
	while (!list_empty(&h->tenures)) {
		struct tenure *t = CONTAINER(h->tenures.next, struct tenure, link);

		work_stop(h->loop, &t->ending);
		list_remove(&t->link);
		free(t);
	}
	h->tenure = NULL;
}
