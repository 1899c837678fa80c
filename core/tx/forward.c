/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forward: the proxy's own edits. */
#include "tx/forward.h"
#include "base/random.h"
#include "base/text.h"
#include "sip/reply.h"
#include "sip/uri.h"
#include "tx/flow_wait.h"
#include "tx/fork.h"
#include "tx/match.h"
#include "tx/record.h"
#include "tx/route.h"
#include <string.h>

#define NO_NAME ((struct coven_slice){ NULL, 0 })
#define VIA_ROOM 160

static int
put_number(struct edit *e, enum sip_header id, bool there, uint64_t n)
{
	char room[24];
	struct text_builder b;

	text_begin(&b, room, sizeof room);
	text_put_number(&b, n);
	return there ? edit_replace(e, id, NO_NAME, 0, text_done(&b))
	             : edit_add(e, id, NO_NAME, text_done(&b), false);
}

void
forward_prepare(struct coven_request *r)
{
	const struct sip_message *m = &r->message;

	if (r->own)
		return;
	edit_replace(&r->edit, SIP_VIA, NO_NAME, 0, reply_via(m, &r->from.far_end, r->tx->scratch));
	if (m->max_forwards >= 0)
		put_number(&r->edit, SIP_MAX_FORWARDS, true, (uint64_t)(m->max_forwards - 1));
	else
		put_number(&r->edit, SIP_MAX_FORWARDS, false, TX_FORWARDS);
}

/* ACK is passed without a transaction: one that comes again must leave with the same branch (16.11). */
static uint64_t
branch_id(const struct coven_branch *b)
{
	const struct sip_message *m = &b->request->message;
	struct coven_slice parts[] = { sip_slice(m, m->via.branch), sip_slice(m, m->via.sent_by) };

	if (b->method_id == SIP_ACK)
		return keyed_hash_parts(&b->request->tx->shared_hash, parts, 2);
	return random_number();
}

static int
push_via(struct coven_branch *b, const struct net_flow_facts *to)
{
	struct tx *tx = b->request->tx;
	char room[VIA_ROOM], host[ADDRESS_TEXT], branch[BRANCH_TEXT];
	struct text_builder text;

	b->id = branch_id(b);
	match_write_branch(branch, tx->worker, b->id, b->request->loop_hash);
	text_begin(&text, room, sizeof room);
	text_put(&text, TEXT("SIP/2.0/"));
	text_put(&text, text_of(to->transport->via));
	text_put_char(&text, ' ');
	text_put(&text, record_host(&to->near_end, host));
	text_put(&text, TEXT(";branch="));
	text_put(&text, (struct coven_slice){ branch, BRANCH_TEXT });
	b->via = arena_dup(b->request->arena, text_done(&text));
	if (!b->via.at)
		return -1;
	if (b->request->own) /* its Via was only a place for this one */
		return edit_replace(&b->edit, SIP_VIA, NO_NAME, 0, b->via);
	return edit_add(&b->edit, SIP_VIA, NO_NAME, b->via, true);
}

/* The route set of the target goes before what is left of the request's own. */
static int
push_routes(struct edit *e, struct coven_slice routes)
{
	struct coven_slice list[REQUEST_ROUTES_MAX];
	size_t n = route_split(routes, list, REQUEST_ROUTES_MAX);

	while (n--)
		if (edit_add(e, SIP_ROUTE, NO_NAME, list[n], true) != 0)
			return -1;
	return 0;
}

/* RFC 3261 16.6 step 6: a strict router finds itself in the Request-URI. */
static int
yield_to_strict(struct edit *e)
{
	struct coven_slice next = route_next(e), room;
	struct sip_uri uri;
	char text[SIP_VALUE_MAX];
	struct text_builder b;

	if (!next.at || uri_parse(next, &uri) != 0 || uri_param(&uri, "lr").at)
		return 0;
	text_begin(&b, text, sizeof text);
	text_put_char(&b, '<');
	text_put(&b, edit_read_uri(e));
	text_put_char(&b, '>');
	room = text_done(&b);
	if (!room.at || edit_add(e, SIP_ROUTE, NO_NAME, room, false) != 0 || edit_uri(e, next) != 0)
		return -1;
	return edit_remove(e, SIP_ROUTE, NO_NAME, 0);
}

/* RFC 5393: it is written whenever the request is passed on. */
static int
put_breadth(struct coven_branch *b)
{
	const struct coven_request *r = b->request;

	if (r->own || b->method_id == SIP_ACK || (!sip_has(&r->message, SIP_MAX_BREADTH) && r->branch_count < 2 &&
	                                         list_empty(&r->targets) && b->breadth == TX_BREADTH))
		return 0; /* one branch with the usual breadth: the next hop assumes the same */
	return put_number(&b->edit, SIP_MAX_BREADTH, sip_has(&r->message, SIP_MAX_BREADTH), b->breadth);
}

static int
open_hop(struct net *n, const struct branch_hop *hop, struct coven_flow *flow)
{
	if (hop->demand && hop->transport->secure)
		return net_flow_open_tls(n, &hop->address, hop->demand, flow);
	return net_flow_open(n, hop->transport, &hop->address, flow);
}

int
branch_address(struct coven_branch *b, const struct branch_hop *hop)
{
	struct tx *tx = b->request->tx;
	struct net_flow_facts to;
	struct edit *e = &b->edit;

	b->flow = hop->flow;
	if (hop->transport && open_hop(tx->net, hop, &b->flow) != 0)
		return -1;
	if (net_flow_facts(tx->net_shared, &b->flow, &to) != 0)
		return -1;
	b->stream = to.transport->stream;
	if (!text_same(b->target->uri, edit_read_uri(e)) && edit_uri(e, b->target->uri) != 0)
		return -1;
	if (b->target->route.length && push_routes(e, b->target->route) != 0)
		return -1;
	if (yield_to_strict(e) != 0 || record_route(b, &to) != 0 || put_breadth(b) != 0)
		return -1;
	return push_via(b, &to);
}

/* -- requests that follow a branch: ACK (17.1.1.3) and CANCEL (9.1) --------------------------------- */

static struct coven_slice
follow(struct coven_branch *b, const char *method, struct coven_slice to, struct coven_slice reason)
{
	struct coven_request *r = b->request;
	const struct sip_message *m = &r->message;
	size_t size = 512 + to.length + reason.length + b->via.length + m->from.length + m->call_id.length +
	              edit_read_uri(&b->edit).length, routes = edit_count(&b->edit, SIP_ROUTE, NO_NAME);
	struct text_builder t;
	char *room;

	for (size_t i = 0; i < routes; i++)
		size += edit_read(&b->edit, SIP_ROUTE, NO_NAME, i).length + 16;
	room = arena_alloc(r->tx->scratch, size);
	if (!room)
		return NO_NAME;
	text_begin(&t, room, size);
	text_print(&t, "%s %.*s SIP/2.0\r\nVia: %.*s\r\nMax-Forwards: 70\r\n", method,
	           TEXT_ARG(edit_read_uri(&b->edit)), TEXT_ARG(b->via));
	for (size_t i = 0; i < routes; i++)
		text_print(&t, "Route: %.*s\r\n", TEXT_ARG(edit_read(&b->edit, SIP_ROUTE, NO_NAME, i)));
	text_print(&t, "From: %.*s\r\nTo: %.*s\r\nCall-ID: %.*s\r\nCSeq: %u %s\r\n",
	           TEXT_ARG(sip_slice(m, m->from)), TEXT_ARG(to), TEXT_ARG(sip_slice(m, m->call_id)), m->cseq,
	           method);
	if (reason.length)
		text_print(&t, "Reason: %.*s\r\n", TEXT_ARG(reason));
	text_print(&t, "Content-Length: 0\r\n\r\n");
	return text_done(&t);
}

struct coven_slice
forward_ack_failed(struct coven_branch *b, const struct sip_message *response)
{
	return follow(b, "ACK", sip_slice(response, response->to), NO_NAME);
}

struct coven_slice
forward_cancel(struct coven_branch *b)
{
	const struct sip_message *m = &b->request->message;

	return arena_dup(b->request->arena, follow(b, "CANCEL", sip_slice(m, m->to), b->reason));
}

/* -- responses ---------------------------------------------------------------------------------------- */

/* Without our Via.  Ours was the only one: it answers nobody. */
static void
pass(struct coven_request *r, struct edit *e)
{
	if (edit_remove(e, SIP_VIA, NO_NAME, 0) == 0 && edit_count(e, SIP_VIA, NO_NAME) > 0)
		request_respond(r, e->message->status, edit_render(e, r->tx->scratch));
}

void
forward_again(struct coven_branch *b, const struct sip_message *m)
{
	struct coven_request *r = b->request;
	bool first = !r->finished;
	struct edit e;

	r->finished = true;
	edit_init(&e, r->tx->scratch, m, NULL);
	pass(r, &e);
	if (first) /* the one before it is still looked at */
		fork_cancel(r, b, TEXT("SIP;cause=200;text=\"Call completed elsewhere\""));
}

void
forward_response(struct coven_branch *b)
{
	struct coven_request *r = b->request;
	struct tx *tx = r->tx;

	if (!r->own)
		pass(r, &b->response_edit);
	else if (b->response.status >= 200)
		tx->up->answered(tx->up_arg, r, b->response.status, &b->response, b);
}
