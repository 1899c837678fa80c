/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: the server transaction. */
#include "tx/request.h"
#include "base/text.h"
#include "sip/reply.h"
#include "tx/fork.h"
#include "tx/match.h"
#include "tx/route.h"
#include <stdlib.h>
#include <string.h>

static bool
is_invite(const struct coven_request *r)
{
	return r->message.method_id == SIP_INVITE;
}

static bool
is_stream(const struct coven_request *r)
{
	return r->from.transport && r->from.transport->stream;
}

struct coven_request *
request_new(struct tx *tx, const struct sip_message *m, const struct coven_flow *source)
{
	struct arena *arena = arena_new(tx->pool);
	struct coven_request *r = arena ? arena_zero(arena, sizeof *r) : NULL;

	if (!r || sip_copy(&r->message, m, arena) != 0 ||
	    (source && net_flow_facts(tx->net_shared, source, &r->from) != 0)) {
		arena_free(arena);
		return NULL;
	}
	r->tx = tx;
	r->arena = arena;
	r->holds = 1;
	if (source)
		r->source = *source;
	r->breadth = TX_BREADTH;
	r->q = -1;
	list_init(&r->targets);
	list_init(&r->branches);
	edit_init(&r->edit, arena, &r->message, NULL);
	return r;
}

void
request_hold(struct coven_request *r)
{
	r->holds++;
}

static void
free_request(struct coven_request *r)
{
	struct tx *tx = r->tx;

	tx->up->gone(tx->up_arg, r);
	timer_stop(tx->loop, &r->again);
	timer_stop(tx->loop, &r->end);
	work_stop(tx->loop, &r->run);
	free(r->last);
	arena_free(r->arena);
}

void
request_drop(struct coven_request *r)
{
	if (--r->holds == 0)
		free_request(r);
}

/* Out of the table: what comes again from now on is a new request. */
static void
end(struct coven_request *r)
{
	if (r->state == REQUEST_NEW || r->state == REQUEST_ENDED)
		return;
	r->state = REQUEST_ENDED;
	table_remove(&r->tx->servers, &r->node);
	timer_stop(r->tx->loop, &r->again);
	timer_stop(r->tx->loop, &r->end);
	request_drop(r);
}

void
request_abandon(struct coven_request *r)
{
	r->finished = true;
	end(r);
}

void
request_rest(struct coven_request *r)
{
	if (!list_linked(&r->run.link))
		return;
	work_stop(r->tx->loop, &r->run);
	request_drop(r);
}

static void
end_timer(struct timer *t)
{
	end(CONTAINER(t, struct coven_request, end));
}

static void
end_after(struct coven_request *r, int64_t ms)
{
	if (ms)
		timer_start(r->tx->loop, &r->end, ms, end_timer);
	else
		end(r);
}

/* Nothing has been said for 200 ms (INVITE), or until a client would ask every T2 only: 100 Trying. */
static void
trying(struct timer *t)
{
	struct coven_request *r = CONTAINER(t, struct coven_request, again);

	if (r->state == REQUEST_TRYING)
		request_reply(r, 100, NULL, NULL, 0, false);
}

int
request_adopt(struct coven_request *r)
{
	struct tx *tx = r->tx;

	if (r->state != REQUEST_NEW || r->own)
		return 0;
	if (tx->servers.count >= tx->max)
		return -1;
	r->state = REQUEST_TRYING;
	match_add_server(tx, r);
	request_hold(r);
	timer_start(tx->loop, &r->again, is_invite(r) ? tx->times.trying : 7 * tx->times.t1, trying);
	return 0;
}

struct coven_slice
request_tag(struct coven_request *r)
{
	char room[24];

	if (!r->to_tag.at)
		r->to_tag = arena_dup(r->arena, tx_stateless_tag(r->tx, &r->message, room));
	return r->to_tag;
}

/* A connection that has gone is opened anew, to where the top Via says it listens (RFC 3261 18.2.2); the
 * address stays the packet's.  Not of TLS: who listens there has proven nothing. */
static void
reopen(struct coven_request *r)
{
	struct coven_address to = r->from.far_end;
	uint64_t port = r->from.transport->default_port;
	struct coven_slice text = sip_slice(&r->message, r->message.via.port);

	if (r->from.transport->secure || (text.length && text_number(text, 65535, &port) != 0))
		return;
	to.port = (uint16_t)port;
	if (net_flow_open(r->tx->net, r->from.transport, &to, &r->source) == 0)
		net_flow_facts(r->tx->net_shared, &r->source, &r->from);
}

/* What costs a stranger little must not cost a third party more: the source of a datagram may be forged. */
static bool
amplifies(const struct coven_request *r, struct coven_slice bytes)
{
	return !is_stream(r) && !r->vouched && r->branch_count == 0 && bytes.length > TX_GAIN * r->message.length;
}

static void
transmit(struct coven_request *r, struct coven_slice bytes)
{
	if (amplifies(r, bytes))
		return;
	if (is_stream(r) && !net_flow_alive(r->tx->net_shared, &r->source))
		reopen(r);
	net_flow_send(r->tx->net, &r->source, bytes, NULL, NULL);
}

/* What a retransmission earns again. */
static void
keep(struct coven_request *r, struct coven_slice bytes)
{
	if (bytes.length > r->last_size) {
		char *room = realloc(r->last, bytes.length);
		if (!room) {
			r->last_length = 0;
			return;
		}
		r->last = room;
		r->last_size = bytes.length;
	}
	memcpy(r->last, bytes.at, bytes.length);
	r->last_length = bytes.length;
}

static void
transmit_last(struct coven_request *r)
{
	if (r->last_length)
		transmit(r, (struct coven_slice){ r->last, r->last_length });
}

/* Timer G: a final response other than 2xx is repeated until the ACK comes. */
static void
again(struct timer *t)
{
	struct coven_request *r = CONTAINER(t, struct coven_request, again);

	transmit_last(r);
	r->again_ms = r->again_ms * 2 < r->tx->times.t2 ? r->again_ms * 2 : r->tx->times.t2;
	timer_start(r->tx->loop, &r->again, r->again_ms, again);
}

static void
complete(struct coven_request *r)
{
	const struct tx_times *times = &r->tx->times;

	r->state = REQUEST_COMPLETED;
	timer_stop(r->tx->loop, &r->again);
	/* nobody vouches for its source, and nothing came of it: one answer, no memory.  What comes again is answered
	 * again, and an ACK is known by its tag. */
	if (!r->vouched && r->branch_count == 0) {
		end(r);
		return;
	}
	if (!is_invite(r)) {
		end_after(r, is_stream(r) ? 0 : 64 * times->t1);
		return;
	}
	end_after(r, 64 * times->t1);
	if (!is_stream(r)) {
		r->again_ms = times->t1;
		timer_start(r->tx->loop, &r->again, r->again_ms, again);
	}
}

static void
accept_invite(struct coven_request *r)
{
	if (r->state == REQUEST_ACCEPTED)
		return;
	r->state = REQUEST_ACCEPTED;
	timer_stop(r->tx->loop, &r->again);
	end_after(r, 64 * r->tx->times.t1);
}

void
request_respond(struct coven_request *r, unsigned status, struct coven_slice bytes)
{
	bool good = status >= 200 && status < 300 && is_invite(r);

	if (!bytes.at)
		return;
	if (r->state >= REQUEST_ACCEPTED) { /* a 2xx is passed on whatever was said before: 16.7 step 5 */
		if (good)
			transmit(r, bytes);
		return;
	}
	transmit(r, bytes);
	r->last_status = (uint16_t)status;
	if (r->state == REQUEST_NEW)
		return;
	if (good) {
		accept_invite(r);
		return;
	}
	keep(r, bytes);
	if (status >= 200)
		complete(r);
	else
		r->state = REQUEST_PROCEEDING;
}

void
request_finish(struct coven_request *r)
{
	r->finished = true;
	if (r->state != REQUEST_TRYING && r->state != REQUEST_PROCEEDING)
		return;
	r->last_length = 0;
	complete(r);
}

int
request_reply(struct coven_request *r, unsigned status, const char *reason,
              const struct reply_line *lines, size_t count, bool record_route)
{
	struct tx *tx = r->tx;
	struct coven_slice bytes;
	struct reply reply = {
		.request = &r->message,
		.source = &r->from.far_end,
		.status = (uint16_t)status,
		.reason = text_of(reason),
		.to_tag = request_tag(r),
		.lines = lines,
		.line_count = count,
		.record_route = record_route,
	};

	if (status >= 200)
		r->finished = true;
	if (r->message.method_id == SIP_ACK)
		return 0; /* never answered */
	if (r->own) {
		if (status >= 200)
			tx->up->answered(tx->up_arg, r, status, NULL, NULL);
		return 0;
	}
	bytes = reply_build(&reply, tx->scratch);
	if (bytes.at && status > 100)
		bytes = tx->up->reply(tx->up_arg, r, status, bytes);
	if (!bytes.at) {
		if (status >= 200)
			request_finish(r);
		return -1;
	}
	if (r->state == REQUEST_NEW)
		tx->counts.stateless_replies++;
	request_respond(r, status, bytes);
	return 0;
}

void
request_repeated(struct coven_request *r)
{
	if (r->state == REQUEST_TRYING && is_invite(r))
		request_reply(r, 100, NULL, NULL, 0, false);
	else if (r->state == REQUEST_PROCEEDING || r->state == REQUEST_COMPLETED)
		transmit_last(r);
}

void
request_acked(struct coven_request *r)
{
	if (r->state != REQUEST_COMPLETED)
		return;
	r->state = REQUEST_CONFIRMED;
	timer_stop(r->tx->loop, &r->again);
	end_after(r, is_stream(r) ? 0 : r->tx->times.t4);
}
