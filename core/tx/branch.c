/* SPDX-License-Identifier: GPL-3.0-or-later */
/* branch: the client transaction. */
#include "tx/branch.h"
#include "base/text.h"
#include "tx/flow_wait.h"
#include "tx/fork.h"
#include "tx/forward.h"
#include "tx/match.h"
#include <string.h>

static bool
is_invite(const struct coven_branch *b)
{
	return b->request->message.method_id == SIP_INVITE;
}

static const struct tx_times *
times(const struct coven_branch *b)
{
	return &b->request->tx->times;
}

static void
start(struct coven_branch *b, struct timer *t, int64_t ms, void (*fire)(struct timer *t))
{
	timer_start(b->request->tx->loop, t, ms, fire);
}

static void
stop(struct coven_branch *b, struct timer *t)
{
	timer_stop(b->request->tx->loop, t);
}

static void
transmit(struct coven_branch *b, struct coven_slice bytes)
{
	if (bytes.at)
		net_flow_send(b->request->tx->net, &b->flow, bytes, NULL, NULL);
}

struct coven_branch *
branch_new(struct coven_request *r, struct coven_target *t)
{
	struct coven_branch *b = arena_zero(r->arena, sizeof *b);

	if (!b)
		return NULL;
	b->request = r;
	b->target = t;
	b->method_id = r->message.method_id;
	list_append(&r->branches, &b->link);
	r->branch_count++;
	r->live++;
	request_hold(r);
	edit_init(&b->edit, r->arena, &r->message, &r->edit);
	return b;
}

/* The transaction has ended; the branch stays readable as long as its request lives. */
void
branch_end(struct coven_branch *b)
{
	if (b->state == BRANCH_ENDED)
		return;
	b->state = BRANCH_ENDED;
	flow_wait_remove(b);
	table_remove(&b->request->tx->clients, &b->node);
	stop(b, &b->again);
	stop(b, &b->limit);
	stop(b, &b->ring);
	stop(b, &b->cancel_again);
	request_drop(b->request);
}

static void
end_timer(struct timer *t)
{
	branch_end(CONTAINER(t, struct coven_branch, limit));
}

/* Lingers so that what comes again is met. */
static void
end_after(struct coven_branch *b, int64_t ms)
{
	stop(b, &b->again);
	stop(b, &b->ring);
	flow_wait_remove(b);
	if (ms)
		start(b, &b->limit, ms, end_timer);
	else
		branch_end(b);
}

/* Given up, or refused before it left: it counts as a response with that status. */
void
branch_fail(struct coven_branch *b, unsigned status, enum branch_why why)
{
	struct coven_request *r = b->request;

	if (b->final)
		return;
	request_hold(r);
	b->final = true;
	b->status = (uint16_t)status;
	b->why = why;
	b->has_response = false;
	r->tx->up->given_up(r->tx->up_arg, b);
	/* one that is to be cancelled stays until it has said something: only then a CANCEL may leave */
	if (b->state == BRANCH_WAITING || (b->state == BRANCH_CALLING && !b->wants_cancel) || !is_invite(b))
		branch_end(b);
	fork_weigh(b);
	request_drop(r);
}

void
branch_lost(struct coven_branch *b)
{
	struct coven_request *r = b->request;

	request_hold(r);
	branch_fail(b, 503, BRANCH_UNREACHED);
	branch_end(b);
	request_drop(r);
}

static void
limit_reached(struct timer *t)
{
	struct coven_branch *b = CONTAINER(t, struct coven_branch, limit);
	struct coven_request *r = b->request;

	request_hold(r);
	if (b->state == BRANCH_PROCEEDING && is_invite(b) && !b->cancel_sent) {
		branch_cancel(b, BRANCH_SILENT, (struct coven_slice){ NULL, 0 }); /* timer C: 16.8 */
		branch_fail(b, 408, BRANCH_SILENT);
	} else {
		branch_fail(b, b->wants_cancel ? 487 : 408, b->wants_cancel ? BRANCH_CANCELLED : BRANCH_SILENT);
		branch_end(b);
	}
	request_drop(r);
}

/* Timers A and E. */
static void
repeat(struct timer *t)
{
	struct coven_branch *b = CONTAINER(t, struct coven_branch, again);

	transmit(b, b->bytes);
	b->again_ms *= 2;
	if (!is_invite(b) && (b->again_ms > times(b)->t2 || b->state == BRANCH_PROCEEDING))
		b->again_ms = times(b)->t2;
	start(b, &b->again, b->again_ms, repeat);
}

static void
rang_out(struct timer *t)
{
	struct coven_branch *b = CONTAINER(t, struct coven_branch, ring);
	struct coven_request *r = b->request;

	request_hold(r);
	branch_cancel(b, BRANCH_RANG_OUT, (struct coven_slice){ NULL, 0 });
	branch_fail(b, 408, BRANCH_RANG_OUT);
	request_drop(r);
}

/* Nobody answers an ACK: it leaves once, and that was it. */
static void
send_ack(struct coven_branch *b)
{
	transmit(b, edit_render(&b->edit, b->request->tx->scratch));
	b->final = true;
	b->request->live--;
	branch_end(b);
}

void
branch_send(struct coven_branch *b)
{
	struct tx *tx = b->request->tx;

	if (b->method_id == SIP_ACK) {
		send_ack(b);
		return;
	}
	b->bytes = edit_render(&b->edit, b->request->arena);
	if (!b->bytes.at || tx->clients.count >= tx->max) {
		branch_fail(b, 503, BRANCH_UNREACHED);
		return;
	}
	if (!b->stream && b->bytes.length > NET_DATAGRAM_MAX) {
		branch_fail(b, 513, BRANCH_UNREACHED);
		return;
	}
	b->state = BRANCH_CALLING;
	match_add_client(tx, b);
	if (b->stream && !net_flow_alive(tx->net_shared, &b->flow)) {
		branch_lost(b); /* it ended while SEND waited: nobody will tell */
		return;
	}
	flow_wait_add(b);
	transmit(b, b->bytes);
	start(b, &b->limit, 64 * tx->times.t1, limit_reached);
	if (!b->stream) {
		b->again_ms = tx->times.t1;
		start(b, &b->again, b->again_ms, repeat);
	}
	if (b->target->ring)
		start(b, &b->ring, b->target->ring, rang_out);
}

void
branch_quiet(struct coven_branch *b)
{
	if (b->state == BRANCH_CALLING)
		stop(b, &b->again);
}

/* -- CANCEL --------------------------------------------------------------------------------------- */

static void
repeat_cancel(struct timer *t)
{
	struct coven_branch *b = CONTAINER(t, struct coven_branch, cancel_again);

	b->cancel_left -= b->cancel_ms;
	if (b->cancel_left <= 0)
		return;
	transmit(b, b->cancel);
	b->cancel_ms = b->cancel_ms * 2 < times(b)->t2 ? b->cancel_ms * 2 : times(b)->t2;
	start(b, &b->cancel_again, b->cancel_ms, repeat_cancel);
}

/* Only once a provisional response has come (RFC 3261 9.1); then the INVITE has 64 T1 to end. */
static void
send_cancel(struct coven_branch *b)
{
	b->cancel = forward_cancel(b);
	b->cancel_sent = true;
	transmit(b, b->cancel);
	start(b, &b->limit, 64 * times(b)->t1, limit_reached);
	if (!b->stream) {
		b->cancel_ms = times(b)->t1;
		b->cancel_left = 64 * times(b)->t1;
		start(b, &b->cancel_again, b->cancel_ms, repeat_cancel);
	}
}

void
branch_cancel(struct coven_branch *b, enum branch_why why, struct coven_slice reason)
{
	if (b->wants_cancel || b->state >= BRANCH_ACCEPTED)
		return;
	if (b->state == BRANCH_WAITING) {
		b->why = why;
		branch_fail(b, 487, why);
		return;
	}
	if (!is_invite(b) || b->final)
		return;
	b->wants_cancel = true;
	b->why = why;
	b->reason = arena_dup(b->request->arena, reason);
	if (b->state == BRANCH_PROCEEDING)
		send_cancel(b);
}

/* -- responses ------------------------------------------------------------------------------------- */

int
branch_open(struct coven_branch *b, const struct sip_message *m, bool keep)
{
	struct coven_request *r = b->request;

	keep = keep || m->status >= 300; /* until the best is chosen */
	b->has_response = false;
	if (!keep)
		b->response = *m;
	else if ((m->status < 200 && b->kept_count++ >= BRANCH_KEPT_MAX) ||
	         sip_copy(&b->response, m, r->arena) != 0)
		return -1;
	edit_init(&b->response_edit, keep ? r->arena : r->tx->scratch, &b->response, NULL);
	b->has_response = true;
	return 0;
}

static void
provisional(struct coven_branch *b, const struct sip_message *m)
{
	bool first = b->state == BRANCH_CALLING;

	b->state = BRANCH_PROCEEDING;
	if (is_invite(b)) {
		stop(b, &b->again);
		if (!b->cancel_sent && (first || m->status > 100))
			start(b, &b->limit, times(b)->c, limit_reached);
		if (b->wants_cancel && !b->cancel_sent)
			send_cancel(b);
	} else if (first && !b->stream) {
		b->again_ms = times(b)->t2;
		start(b, &b->again, b->again_ms, repeat);
	}
}

/* The transaction's part of a final response. */
static void
complete(struct coven_branch *b, const struct sip_message *m)
{
	stop(b, &b->cancel_again);
	if (!is_invite(b)) {
		b->state = BRANCH_COMPLETED;
		end_after(b, b->stream ? 0 : times(b)->t4);
	} else if (m->status < 300) {
		b->state = BRANCH_ACCEPTED;
		end_after(b, 64 * times(b)->t1);
	} else {
		transmit(b, forward_ack_failed(b, m));
		b->state = BRANCH_COMPLETED;
		end_after(b, b->stream ? 0 : 64 * times(b)->t1);
	}
}

static void
hand_up(struct coven_branch *b, const struct sip_message *m)
{
	struct tx *tx = b->request->tx;

	if (b->final && (m->status < 200 || m->status >= 300))
		return; /* given up: only an answer counts now */
	b->status = m->status;
	if (m->status > 100)
		tx->up->response(tx->up_arg, b, m);
}

void
branch_receive(struct coven_branch *b, const struct sip_message *m)
{
	struct coven_request *r = b->request;

	if (m->method_id == SIP_CANCEL) {
		if (m->status >= 200)
			stop(b, &b->cancel_again);
		return;
	}
	request_hold(r);
	switch (b->state) {
	case BRANCH_CALLING:
	case BRANCH_PROCEEDING:
		if (m->status < 200)
			provisional(b, m);
		else
			complete(b, m);
		hand_up(b, m);
		break;
	case BRANCH_ACCEPTED: /* 2xx again, or of another device behind a fork: RFC 6026 */
		if (m->status >= 200 && m->status < 300 && !r->own)
			forward_again(b, m);
		break;
	case BRANCH_COMPLETED:
		if (is_invite(b) && m->status >= 300)
			transmit(b, forward_ack_failed(b, m));
		break;
	case BRANCH_WAITING:
	case BRANCH_ENDED:
		break;
	}
	request_drop(r);
}

/* 2xx: passed on at once, whatever else is known. */
static void
take_good(struct coven_branch *b)
{
	struct coven_request *r = b->request;

	if (!b->final) {
		b->final = true;
		b->why = BRANCH_ANSWERED;
		r->live--;
	}
	if (is_invite(b) || !r->finished) {
		bool first = !r->finished;
		r->finished = true;
		forward_response(b);
		if (first)
			fork_cancel(r, b, TEXT("SIP;cause=200;text=\"Call completed elsewhere\""));
	}
}

void
branch_take(struct coven_branch *b)
{
	struct coven_request *r = b->request;
	unsigned status = b->response.status;

	if (!b->has_response)
		return;
	request_hold(r);
	if (status < 200) {
		/* RFC 4320: of a non-INVITE nothing but 100, and that is ours to say */
		if (!r->finished && !b->final && (is_invite(b) || r->own))
			forward_response(b);
	} else if (status < 300)
		take_good(b);
	else if (!b->final) {
		b->final = true;
		fork_weigh(b);
	}
	request_drop(r);
}
