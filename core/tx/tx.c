/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tx: the layer as a whole: made, ended, and where what comes in is sorted. */
#include "tx/tx.h"
#include "base/random.h"
#include "base/text.h"
#include "sip/reply.h"
#include "tx/cancel.h"
#include "tx/flow_wait.h"
#include "tx/match.h"
#include <stdlib.h>
#include <string.h>

#define TX_BUCKETS 1024
#define TX_POOL 4096 /* chunks kept */

static void
limit_load(struct tx *tx, size_t memory)
{
	load_init(&tx->load);
	load_limit(&tx->load, LOAD_SERVERS, tx->max);
	load_limit(&tx->load, LOAD_CLIENTS, tx->max);
	load_limit(&tx->load, LOAD_LETTERS, LOOP_MAIL_MAX);
	load_limit(&tx->load, LOAD_PASSING, LOAD_LAG_MAX);
	load_limit(&tx->load, LOAD_SOCKET, 1000);
	load_limit(&tx->load, LOAD_LAG, LOAD_LAG_MAX);
	if (!memory || !tx->pool)
		return;
	load_limit(&tx->load, LOAD_MEMORY, memory);
	arena_pool_limit(tx->pool, memory);
}

struct tx *
tx_new(const struct tx_setup *setup)
{
	struct tx *tx = calloc(1, sizeof *tx);

	if (!tx)
		return NULL;
	tx->loop = setup->loop;
	tx->net = setup->net;
	tx->net_shared = setup->net_shared;
	tx->self = setup->self;
	tx->worker = setup->worker;
	tx->record_route = setup->record_route;
	tx->up = setup->up;
	tx->up_arg = setup->up_arg;
	tx->shared_hash = *setup->shared_hash;
	tx->times = (struct tx_times)TX_TIMES;
	keyed_random(&tx->hash);
	tx->pool = arena_pool_new(TX_POOL);
	tx->scratch = tx->pool ? arena_new(tx->pool) : NULL;
	tx->max = setup->transactions_max ? setup->transactions_max : TX_MAX;
	limit_load(tx, setup->memory_max);
	tx->token = token_new(setup->keys, setup->net_shared);
	if (!tx->scratch || !tx->token || table_init(&tx->servers, TX_BUCKETS) != 0 ||
	    table_init(&tx->clients, TX_BUCKETS) != 0 || table_init(&tx->flows, TX_BUCKETS) != 0) {
		tx_free(tx);
		return NULL;
	}
	return tx;
}

/* With its branches that have not left, and what it was about to do. */
static void
end_request(struct table_node *node, void *arg)
{
	struct coven_request *r = CONTAINER(node, struct coven_request, node);

	(void)arg;
	request_hold(r);
	LIST_EACH (&r->branches, at, after)
		branch_end(CONTAINER(at, struct coven_branch, link));
	request_rest(r);
	request_abandon(r);
	request_drop(r);
}

static void
end_branch(struct table_node *node, void *arg)
{
	(void)arg;
	branch_end(CONTAINER(node, struct coven_branch, node));
}

void
tx_stop(struct tx *tx)
{
	if (tx->clients.buckets)
		table_each(&tx->clients, end_branch, NULL);
	if (tx->servers.buckets)
		table_each(&tx->servers, end_request, NULL);
}

void
tx_free(struct tx *tx)
{
	if (!tx)
		return;
	tx_stop(tx);
	table_done(&tx->servers);
	table_done(&tx->clients);
	table_done(&tx->flows);
	token_free(tx->token);
	arena_free(tx->scratch);
	if (tx->pool)
		arena_pool_free(tx->pool);
	free(tx);
}

unsigned
tx_owner_of(const struct keyed *shared_hash, struct coven_slice key, unsigned workers)
{
	return workers < 2 ? 0 : (unsigned)(keyed_hash(shared_hash, key.at, key.length) % workers);
}

int
tx_owner(const struct keyed *shared_hash, const struct sip_message *m, unsigned workers)
{
	unsigned worker;
	uint64_t id, loop;

	if (workers < 2)
		return 0;
	if (m->status == 0)
		return (int)tx_owner_of(shared_hash, sip_slice(m, m->call_id), workers);
	if (!match_read_branch(sip_slice(m, m->via.branch), &worker, &id, &loop) || worker >= workers)
		return -1;
	return (int)worker;
}

struct coven_slice
tx_stateless_tag(struct tx *tx, const struct sip_message *m, char room[24])
{
	struct coven_slice parts[] = { sip_slice(m, m->via.branch), sip_slice(m, m->from_tag),
	                               sip_slice(m, m->call_id) };
	uint64_t h = keyed_hash_parts(&tx->shared_hash, parts, 3);
	struct text_builder b;

	text_begin(&b, room, 24);
	text_put_hex(&b, &h, sizeof h);
	return text_done(&b);
}

void
tx_refuse(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow, unsigned status,
          const char *reason, const struct reply_line *lines, size_t count)
{
	struct net_flow_facts facts;
	char tag[24];
	struct coven_slice bytes;

	if (m->status != 0 || m->method_id == SIP_ACK || net_flow_facts(tx->net_shared, flow, &facts) != 0)
		return;
	struct reply reply = {
		.request = m,
		.source = &facts.far_end,
		.status = (uint16_t)status,
		.reason = text_of(reason),
		.to_tag = tx_stateless_tag(tx, m, tag),
		.lines = lines,
		.line_count = count,
	};
	bytes = reply_build(&reply, tx->scratch);
	if (!bytes.at || (!facts.transport->stream && bytes.length > TX_GAIN * m->length))
		return;
	tx->counts.stateless_replies++;
	net_flow_send(tx->net, flow, bytes, NULL, NULL);
}

/* Was it one of our stateless replies that this ACK answers? */
static bool
acks_stateless(struct tx *tx, const struct sip_message *m)
{
	char room[24];

	return text_same(sip_slice(m, m->to_tag), tx_stateless_tag(tx, m, room));
}

static void
come_later(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	char room[4];
	struct text_builder b;
	struct reply_line line = { TEXT("Retry-After"), { NULL, 0 } };

	text_begin(&b, room, sizeof room);
	text_put_number(&b, 1 + random_number() % LOAD_RETRY_MAX);
	line.value = text_done(&b);
	tx->counts.overload++;
	tx_refuse(tx, m, flow, 503, NULL, &line, 1);
}

static void
pass_up(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow,
        void (*fn)(void *up, struct coven_request *r), bool unwelcome)
{
	struct coven_request *r = request_new(tx, m, flow);

	if (!r) {
		tx_refuse(tx, m, flow, 503, NULL, NULL, 0);
		return;
	}
	r->unwelcome = unwelcome;
	fn(tx->up_arg, r);
	request_drop(r);
}

static void
receive_ack(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	struct coven_request *r = match_server(tx, m, SIP_INVITE);

	if (r && r->state != REQUEST_ACCEPTED)
		request_acked(r);
	else if (acks_stateless(tx, m))
		tx->counts.stray_acks++;
	else
		pass_up(tx, m, flow, tx->up->ack, false);
}

/* More than we can do. */
static bool
is_too_much(struct tx *tx)
{
	struct load *l = &tx->load;
	struct net_backlog backlog;

	net_backlog(tx->net, &backlog);
	l->used[LOAD_SERVERS] = tx->servers.count;
	l->used[LOAD_CLIENTS] = tx->clients.count;
	l->used[LOAD_MEMORY] = arena_pool_used(tx->pool);
	l->used[LOAD_LETTERS] = loop_waiting(tx->loop);
	l->used[LOAD_SOCKET] = backlog.fill;
	l->used[LOAD_LAG] = backlog.age;
	if (loop_now(tx->loop) - l->passed_at > LOAD_PASS_MS)
		l->used[LOAD_PASSING] = 0;
	return load_is_high(l);
}

/* What belongs to a call that has begun is done all the same: it ends it.  A To tag says so; whether it is true is seen
 * above. */
static void
receive_new(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	bool high = is_too_much(tx);

	if (high && !m->to_tag.length)
		come_later(tx, m, flow);
	else
		pass_up(tx, m, flow, tx->up->request, high);
}

static void
receive_request(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	struct coven_request *r;

	tx->counts.requests++;
	if (m->method_id == SIP_ACK) {
		receive_ack(tx, m, flow);
		return;
	}
	r = match_server(tx, m, SIP_METHOD_OTHER);
	if (r) {
		tx->counts.repeated++;
		request_repeated(r);
	} else if (m->method_id == SIP_CANCEL)
		cancel_receive(tx, m, flow);
	else
		receive_new(tx, m, flow);
}

static void
receive_response(struct tx *tx, const struct sip_message *m)
{
	struct coven_branch *b = match_client(tx, m);

	tx->counts.responses++;
	if (b)
		branch_receive(b, m);
	else
		tx->counts.stray_responses++;
}

void
tx_receive(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	if (m->status)
		receive_response(tx, m);
	else
		receive_request(tx, m, flow);
	arena_reset(tx->scratch);
}

void
tx_flow_closed(struct tx *tx, const struct coven_flow *flow)
{
	flow_wait_closed(tx, flow);
}
