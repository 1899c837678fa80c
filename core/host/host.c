/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host: the workers' and the plugins' beginning and end. */
#include "host/host.h"
#include "host/answer.h"
#include "host/clock.h"
#include "host/event.h"
#include "host/launch.h"
#include "host/life.h"
#include "host/mail.h"
#include "host/own.h"
#include "host/park.h"
#include "host/respond.h"
#include "host/service.h"
#include <stdlib.h>

const struct tx_up host_up = {
	.request = life_request,
	.ack = life_ack,
	.cancel = life_cancel,
	.launch = launch_branch,
	.response = answer_response,
	.branch_failed = answer_branch_failed,
	.failed = answer_failed,
	.reply = respond_reply,
	.cancelled = life_cancelled,
	.given_up = life_given_up,
	.answered = own_answered,
	.gone = life_gone,
};

struct coven_instance *
host_instance(struct host *h, const struct plug *plug)
{
	return &h->instances[plug->index];
}

static void
make_instances(struct host *h)
{
	for (size_t i = 0; i < h->all->chain.count; i++) {
		struct coven_instance *in = &h->instances[i];
		in->plug = h->all->chain.plugs[i];
		in->host = h;
		in->all = h->all;
		list_init(&in->timers);
		list_init(&in->watches);
		list_init(&in->sendings);
		list_init(&in->mailboxes);
	}
}

struct host *
host_new(struct host_shared *all, unsigned worker, struct loop *loop, struct net *net)
{
	struct host *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	h->all = all;
	h->worker = worker;
	h->loop = loop;
	h->net = net;
	list_init(&h->parked);
	list_init(&h->open_calls);
	h->instances = calloc(all->chain.count + 1, sizeof *h->instances);
	h->tickets = names_new(worker);
	h->handles = names_new(worker);
	h->timers = names_new(worker);
	h->calls = names_new(worker);
	h->sendings = names_new(worker);
	if (!h->instances || !h->tickets || !h->handles || !h->timers || !h->calls || !h->sendings) {
		host_free(h);
		return NULL;
	}
	make_instances(h);
	all->hosts[worker] = h;
	return h;
}

void
host_free(struct host *h)
{
	if (!h)
		return;
	names_free(h->tickets);
	names_free(h->handles);
	names_free(h->timers);
	names_free(h->calls);
	names_free(h->sendings);
	free(h->instances);
	free(h);
}

/* -- the shared part: before the first worker, after the last --------------------------------------- */

static void
close_one(struct host_shared *all, const struct plug *p)
{
	struct coven_instance in = { .plug = p, .all = all };

	if (p->table->close)
		p->table->close(&in);
}

static int
open_one(struct host_shared *all, struct plug *p)
{
	struct coven_instance in = { .plug = p, .all = all };
	size_t before = complaints_count(all->complaints);
	int rc = p->table->open ? p->table->open(&in) : 0;

	if (rc != 0 && complaints_count(all->complaints) == before)
		complain(all->complaints, NULL, 0, "plugin \"%s\": it could not open", p->name);
	if (p->options)
		option_wipe_secrets(p->options); /* who needed them has them */
	return rc;
}

/* Those that can are closed again when one cannot; the others are asked all the same, so that every mistake is
 * said at once. */
int
host_open(struct host_shared *all)
{
	bool opened[PLUGS_MAX] = { false }, good = true;

	for (size_t i = 0; i < all->chain.count; i++) {
		opened[i] = open_one(all, all->chain.plugs[i]) == 0;
		good = good && opened[i];
	}
	if (good)
		return 0;
	for (size_t i = all->chain.count; i-- > 0;)
		if (opened[i])
			close_one(all, all->chain.plugs[i]);
	return -1;
}

void
host_close(struct host_shared *all)
{
	for (size_t i = all->chain.count; i-- > 0;)
		close_one(all, all->chain.plugs[i]);
}

/* -- the workers' part --------------------------------------------------------------------------------- */

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
host_start(struct host *h, void (*done)(void *arg, bool ok), void *arg)
{
	h->started = done;
	h->started_arg = arg;
	h->starting = 1; /* ours, so that an early coven_ready() does not end it */
	for (size_t i = 0; i < h->all->chain.count; i++)
		start_one(h, &h->instances[i]);
	h->starting--;
	start_told(h);
}

void
coven_ready(struct coven_instance *in, bool ok)
{
	struct host *h = in->host;

	if (!in->waiting)
		return;
	in->waiting = false;
	h->starting--;
	if (!ok)
		h->start_failed = true;
	start_told(h);
}

/* Who waits, waits for nothing now. */
static void
stop_waiting(struct host *h)
{
	while (!list_empty(&h->parked))
		park_end(h->parked.next);
	while (!list_empty(&h->open_calls))
		call_end(h->open_calls.next);
}

void
host_stop(struct host *h)
{
	stop_waiting(h);
	tx_stop(h->tx); /* while the plugins are there to take their data back */
	for (size_t i = h->all->chain.count; i-- > 0;) {
		struct coven_instance *in = &h->instances[i];
		if (!in->started)
			continue;
		in->started = false; /* it may send nothing more, not even from a `done` */
		own_purge(in);
		if (in->plug->table->stop)
			in->plug->table->stop(in);
		clock_purge(in);
		mail_close(in);
	}
	stop_waiting(h); /* what a stop() has asked for */
}

/* -- what is not SIP, and connections that end ------------------------------------------------------------ */

void
host_datagram(struct host *h, const struct net_packet *packet)
{
	struct coven_slice bytes = { packet->bytes, packet->length };

	for (size_t i = 0; i < h->all->chain.count; i++) {
		struct coven_instance *in = &h->instances[i];
		if (in->plug->table->datagram && in->started &&
		    in->plug->table->datagram(in, packet->flow, bytes) == COVEN_DONE)
			return;
	}
	h->counts.not_sip++;
}

void
host_flow_closed(struct host *h, const struct coven_flow *flow, bool owner)
{
	struct coven_event e = { .size = sizeof e, .kind = COVEN_FLOW_CLOSED, .flow = *flow };

	tx_flow_closed(h->tx, flow);
	if (owner)
		event_emit(h->all, h, &e);
}
