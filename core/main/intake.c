/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake: packets find their owner. */
#include "main/intake.h"
#include "base/text.h"
#include "host/proof.h"
#include "host/trace.h"
#include "main/past.h"
#include "main/upgrade.h"
#include "net/tls.h"
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 5 /* until a stream's message that found a full box is tried again */

/* A message on its way to another worker. */
struct parcel {
	struct list link; /* in worker->waiting of who sends it */
	struct worker *to, *from;
	struct coven_flow flow;
	bool stream;
	int64_t sent; /* loop_now(); 0: a test clock, which is not the same for all workers while it moves */
	size_t length;
	char bytes[];
};

static void
refuse(struct worker *w, const struct sip_message *m, const struct coven_flow *flow, const struct sip_fault *fault)
{
	log_often(&w->refused, LOG_LEVEL_DEBUG, "scan", "refused a message: %s", fault->why);
	host_misfit(w->host, flow, fault->status);
	if (fault->status)
		tx_refuse(w->tx, m, flow, fault->status, fault->why, NULL, 0);
	arena_reset(w->tx->scratch);
}

/* One datagram of many: what it starts is done before the next is looked at, so that a burst does not make all of its
 * requests wait at once.  Not inside a stream's reading, which counts on work being done later. */
static void
receive(struct worker *w, const struct sip_message *m, const struct coven_flow *flow, bool stream)
{
	if (!w->set->past || !past_takes(w->set->past, w->tx, m, flow))
		tx_receive(w->tx, m, flow);
	if (stream)
		return;
	loop_work(w->loop);
	arena_reset(w->tx->scratch);
}

/* On the owner. */
static void
take(void *arg)
{
	struct parcel *p = arg;
	struct worker *w = p->to;
	struct sip_message m;
	struct sip_fault fault;

	if (p->sent)
		load_pass(&w->tx->load, loop_now(w->loop), p->sent);
	if (sip_scan(&m, p->bytes, p->length, p->stream, &w->scratch, &fault) == 0)
		receive(w, &m, &p->flow, p->stream);
	free(p);
}

static void
try_again(struct timer *t)
{
	struct worker *w = CONTAINER(t, struct worker, retry);

	while (!list_empty(&w->waiting)) {
		struct parcel *p = CONTAINER(w->waiting.next, struct parcel, link);
		struct coven_flow flow = p->flow;
		list_remove(&p->link);
		if (loop_post(p->to->loop, take, free, p) != 0) {
			list_prepend(&w->waiting, &p->link);
			timer_start(w->loop, t, RETRY_MS, try_again);
			return;
		}
		net_flow_pause(w->net, &flow, false);
	}
}

/* A full box drops a datagram; a stream is not read from until there is room. */
static void
box_full(struct worker *w, struct parcel *p)
{
	if (!p->stream) {
		w->host->counts.dropped++;
		free(p);
		return;
	}
	list_append(&w->waiting, &p->link);
	net_flow_pause(w->net, &p->flow, true);
	if (!timer_running(&w->retry))
		timer_start(w->loop, &w->retry, RETRY_MS, try_again);
}

/* How long it has waited in the kernel counts for its owner, too. */
static int64_t
since(const struct worker *w, const struct net_packet *packet)
{
	struct net_backlog backlog = { 0, 0 };

	if (!packet->transport->stream)
		net_backlog(w->net, &backlog);
	return loop_now(w->loop) - backlog.age;
}

static void
hand_over(struct worker *w, struct worker *to, const struct net_packet *packet, size_t length)
{
	struct parcel *p = malloc(sizeof *p + length);

	if (!p)
		return;
	*p = (struct parcel){ .to = to, .from = w, .flow = packet->flow, .length = length,
	                      .stream = packet->transport->stream,
	                      .sent = w->set->test_clock ? 0 : since(w, packet) };
	memcpy(p->bytes, packet->bytes, length);
	if ((p->stream && !list_empty(&w->waiting)) || loop_post(to->loop, take, free, p) != 0)
		box_full(w, p);
}

/* For `covenctl trace`. */
static void
show(struct worker *w, const struct net_packet *packet)
{
	struct coven_slice bytes = { packet->bytes, packet->length };

	if (lookout_wanted(&w->host->all->lookout.messages))
		trace_message(w->host, &packet->flow, bytes, false);
}

static void
leaves(void *up, const struct coven_flow *flow, struct coven_slice bytes)
{
	struct worker *w = up;

	trace_message(w->host, flow, bytes, true);
}

/* false: a source hook does not want it. */
static bool
welcome(struct worker *w, const struct net_packet *packet)
{
	show(w, packet);
	if (host_source(w->host, packet))
		return true;
	if (packet->transport->stream)
		net_flow_close(w->net, &packet->flow, "not wanted");
	return false;
}

/* A head of another protocol: a browser can be made to send one with SIP behind it. */
static bool
is_foreign(const struct sip_message *m)
{
	return !m->first_line && (m->length < 4 || memcmp(m->bytes, "SIP/", 4) != 0);
}

/* A response that no worker of ours has asked for. */
static void
stray(struct worker *w, const struct sip_message *m, const struct coven_flow *flow)
{
	if (!w->set->past || !past_takes(w->set->past, w->tx, m, flow))
		w->tx->counts.stray_responses++;
}

static void
message(void *up, const struct net_packet *packet)
{
	struct worker *w = up;
	struct sip_message m;
	struct sip_fault fault;
	int owner;

	if (!welcome(w, packet))
		return;
	if (sip_scan(&m, packet->bytes, packet->length, packet->transport->stream, &w->scratch, &fault) != 0) {
		refuse(w, &m, &packet->flow, &fault);
		if (packet->transport->stream && is_foreign(&m))
			net_flow_close(w->net, &packet->flow, "this is not SIP");
		return;
	}
	owner = tx_owner(&w->tx->shared_hash, &m, w->set->count);
	if (owner < 0)
		stray(w, &m, &packet->flow);
	else if ((unsigned)owner == w->index)
		receive(w, &m, &packet->flow, packet->transport->stream);
	else
		hand_over(w, &w->set->at[owner], packet, m.length);
}

static void
other(void *up, const struct net_packet *packet)
{
	struct worker *w = up;

	if (!welcome(w, packet))
		return;
	host_misfit(w->host, &packet->flow, 0);
	host_datagram(w->host, packet);
}

/* The head is there, or part of it: what can be answered is. */
static void
broken(void *up, const struct net_packet *packet, enum net_broken why)
{
	struct worker *w = up;
	struct sip_message m;
	struct sip_fault fault = { 0, "" };

	show(w, packet);
	sip_scan(&m, packet->bytes, packet->length, false, &w->scratch, &fault);
	if (fault.status) {
		fault.status = (uint16_t)why;
		refuse(w, &m, &packet->flow, &fault);
	}
}

struct closing {
	struct worker *worker;
	struct coven_flow flow;
};

static void
closed_elsewhere(void *arg)
{
	struct closing *c = arg;

	host_flow_closed(c->worker->host, &c->flow, false);
	free(c);
}

/* The far end is not whom we wanted, or cannot show it: somebody has to know. */
static void
tell_unproven(struct worker *w, const struct coven_flow *flow, const char *why)
{
	struct net_flow_facts facts;
	char room[ADDRESS_TEXT] = "?";

	if (net_flow_facts(w->host->all->net, flow, &facts) == 0)
		address_print(&facts.far_end, room);
	log_often(&w->unproven, LOG_LEVEL_WARN, "tls", "%s: %s; nothing was sent there", room, why);
}

static void
closed(void *up, const struct coven_flow *flow, const char *why)
{
	struct worker *w = up;

	log_line(LOG_LEVEL_DEBUG, "net", "connection ended: %s", why);
	if (text_begins(text_of(why), "certificate:"))
		tell_unproven(w, flow, why);
	host_flow_closed(w->host, flow, true);
	for (unsigned i = 0; i < w->set->count; i++) {
		struct closing *c = i == w->index ? NULL : malloc(sizeof *c);
		if (!c)
			continue;
		*c = (struct closing){ &w->set->at[i], *flow };
		if (loop_post(c->worker->loop, closed_elsewhere, free, c) != 0)
			free(c);
	}
}

static void
secured(void *up, const struct coven_flow *flow, const struct net_tls_peer *peer)
{
	static const char *const levels[] = { "encrypted only", "proven by authorities", "proven by DANE" };

	struct worker *w = up;

	log_line(LOG_LEVEL_DEBUG, "tls", "%s%s: %s, %s, %s%s%.*s", peer->inbound ? "accepted" : "connected",
	         peer->resumed ? ", resumed" : "", peer->version, peer->cipher, levels[peer->level],
	         peer->name_count ? ", " : "", TEXT_ARG(peer->names[0].text));
	proof_secured(w->host, flow, peer);
}

static int
lent(void *up, const struct coven_flow *flow, struct coven_slice bytes)
{
	struct worker *w = up;

	return upgrade_send(w->set->upgrade, flow, bytes);
}

const struct net_up intake_up = {
	.lent = lent, .secured = secured,
	.message = message, .other = other, .broken = broken, .closed = closed, .leaves = leaves,
};

void
intake_close(struct worker *w)
{
	if (!w->waiting.next)
		return;
	timer_stop(w->loop, &w->retry);
	while (!list_empty(&w->waiting)) {
		struct parcel *p = CONTAINER(w->waiting.next, struct parcel, link);
		list_remove(&p->link);
		free(p);
	}
}
