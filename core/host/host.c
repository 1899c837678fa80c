/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host: the workers' and the plugins' beginning and end. */
#include "host/host.h"
#include "host/answer.h"
#include "host/dialog.h"
#include "host/event.h"
#include "host/hold.h"
#include "host/launch.h"
#include "host/life.h"
#include "host/own.h"
#include "host/park.h"
#include "host/proof.h"
#include "host/respond.h"
#include "host/service.h"
#include "host/tenure.h"
#include <stdlib.h>

#define PROOF_BUCKETS 64

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
host_instance(const struct host *h, const struct plug *plug)
{
	return &plug->instances[h->worker];
}

/* Letters that are opened after the end find nobody there. */
const struct edition *
host_edition(const struct host *h)
{
	static const struct edition nothing;

	return h->tenure ? h->tenure->edition : &nothing;
}

/* Services are called by instances: the core is one, too. */
static void
be_caller(struct host *h)
{
	static struct plug core = { .name = "covend" };

	h->core = (struct coven_instance){ .plug = &core, .host = h, .all = h->all, .started = true };
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
	list_init(&h->tenures);
	list_init(&h->proofs);
	h->tickets = names_new(worker);
	h->handles = names_new(worker);
	h->timers = names_new(worker);
	h->calls = names_new(worker);
	h->sendings = names_new(worker);
	h->journeys = names_new(worker);
	h->holds = holds_new();
	h->proof_names = names_new(worker);
	be_caller(h);
	h->dialogs = dialogs_new(worker);
	if (!h->dialogs || !h->tickets || !h->handles || !h->timers || !h->calls || !h->sendings ||
	    !h->journeys || !h->holds || !h->proof_names || table_init(&h->proof_flows, PROOF_BUCKETS) != 0) {
		host_free(h);
		return NULL;
	}
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
	names_free(h->journeys);
	holds_free(h->holds);
	names_free(h->proof_names);
	table_done(&h->proof_flows);
	dialogs_free(h->dialogs);
	free(h);
}

/* -- the shared part: before the first worker, after the last --------------------------------------- */

void
host_shared_open(struct host_shared *all)
{
	list_init(&all->editions);
	lookout_init(&all->lookout);
}

struct edition *
host_newest(const struct host_shared *all)
{
	return CONTAINER(all->editions.previous, struct edition, link);
}

int
host_open(struct host_shared *all)
{
	return edition_open(host_newest(all));
}

void
host_close(struct host_shared *all)
{
	while (all->editions.next && !list_empty(&all->editions))
		edition_end(CONTAINER(all->editions.next, struct edition, link), false);
}

/* -- the workers' part --------------------------------------------------------------------------------- */

void
host_start(struct host *h, void (*done)(void *arg, bool ok), void *arg)
{
	tenure_start(h, host_newest(h->all), done, arg);
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
	proof_end(h);
	tx_stop(h->tx); /* while the plugins are there to take their data back */
	tenure_stop_all(h);
	stop_waiting(h); /* what a stop() has asked for */
}

/* -- what is not SIP, and connections that end ------------------------------------------------------------ */

void
host_datagram(struct host *h, const struct net_packet *packet)
{
	struct coven_slice bytes = { packet->bytes, packet->length };

	const struct chain *c = &host_edition(h)->chain;

	for (size_t i = 0; i < c->count; i++) {
		struct coven_instance *in = host_instance(h, c->plugs[i]);
		if (in->plug->table->datagram && in->started &&
		    in->plug->table->datagram(in, packet->flow, bytes) == COVEN_DONE)
			return;
	}
	h->counts.not_sip++;
}

bool
host_source(struct host *h, const struct net_packet *packet)
{
	const struct chain *c = &host_edition(h)->chain;

	for (size_t i = 0; i < c->source_count; i++) {
		struct coven_instance *in = host_instance(h, c->sources[i]);

		if (in->started &&
		    in->plug->table->source(in, &packet->flow, &packet->far_end, packet->length) == COVEN_DROP) {
			h->counts.dropped++;
			return false;
		}
	}
	return true;
}

/* Each costs a letter: a flood must not become a flood of letters. */
void
host_misfit(struct host *h, const struct coven_flow *flow, unsigned status)
{
	struct coven_event e = { .size = sizeof e, .kind = COVEN_MALFORMED, .flow = *flow, .code = status };

	if (h->misfit_told == loop_now(h->loop))
		return;
	h->misfit_told = loop_now(h->loop);
	event_emit(h->all, h, &e);
}

void
host_flow_closed(struct host *h, const struct coven_flow *flow, bool owner)
{
	struct coven_event e = { .size = sizeof e, .kind = COVEN_FLOW_CLOSED, .flow = *flow };

	tx_flow_closed(h->tx, flow);
	if (!owner)
		return;
	proof_closed(h, flow);
	event_emit(h->all, h, &e);
}
