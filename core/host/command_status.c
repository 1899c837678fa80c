/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `status`: the counters of all workers, added up. */
#include "host/command_own.h"
#include "base/text.h"
#include "host/round.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

struct worker_status {
	struct host_counts host;
	struct tx_counts tx;
	struct net_counts net;
	size_t servers, clients, spare;
};

struct status {
	struct coven_out *out;
	const struct command_server *server;
	struct worker_status at[TX_WORKERS_MAX];
};

static void
read_status(struct host *h, void *arg)
{
	struct status *s = arg;

	s->at[h->worker] = (struct worker_status){
		.host = h->counts, .tx = h->tx->counts,
		.servers = h->tx->servers.count, .clients = h->tx->clients.count,
		.spare = arena_pool_spare(h->tx->pool),
	};
	net_counts(h->net, &s->at[h->worker].net);
}

static void
put_counts(struct coven_out *out, const struct worker_status *at, unsigned workers)
{
	struct worker_status sum = { .servers = 0 };

	for (unsigned i = 0; i < workers; i++) {
		sum.servers += at[i].servers;
		sum.clients += at[i].clients;
		sum.net.connections += at[i].net.connections;
		sum.net.secure += at[i].net.secure;
		sum.net.handshakes += at[i].net.handshakes;
		sum.net.resumed += at[i].net.resumed;
		sum.net.failed_handshakes += at[i].net.failed_handshakes;
		sum.tx.requests += at[i].tx.requests;
		sum.tx.responses += at[i].tx.responses;
		sum.tx.repeated += at[i].tx.repeated;
		sum.tx.overload += at[i].tx.overload;
		sum.host.served += at[i].host.served;
		sum.host.routed += at[i].host.routed;
		sum.host.refused += at[i].host.refused;
		sum.host.parked += at[i].host.parked;
		sum.host.service_calls += at[i].host.service_calls;
		sum.host.misbehaved += at[i].host.misbehaved;
	}
	coven_put_number(out, "server_transactions", (int64_t)sum.servers);
	coven_put_number(out, "client_transactions", (int64_t)sum.clients);
	coven_put_number(out, "connections", sum.net.connections);
	coven_put_number(out, "tls_connections", sum.net.secure);
	coven_put_number(out, "tls_handshakes", (int64_t)sum.net.handshakes);
	coven_put_number(out, "tls_resumed", (int64_t)sum.net.resumed);
	coven_put_number(out, "tls_failed", (int64_t)sum.net.failed_handshakes);
	coven_put_number(out, "requests", (int64_t)sum.tx.requests);
	coven_put_number(out, "responses", (int64_t)sum.tx.responses);
	coven_put_number(out, "repeated", (int64_t)sum.tx.repeated);
	coven_put_number(out, "overload", (int64_t)sum.tx.overload);
	coven_put_number(out, "served", (int64_t)sum.host.served);
	coven_put_number(out, "routed", (int64_t)sum.host.routed);
	coven_put_number(out, "refused", (int64_t)sum.host.refused);
	coven_put_number(out, "parked", (int64_t)sum.host.parked);
	coven_put_number(out, "service_calls", (int64_t)sum.host.service_calls);
	coven_put_number(out, "misbehaved", (int64_t)sum.host.misbehaved);
}

/* Bytes that the whole process has asked for and not given back, but for what is kept to be used again. */
static int64_t
memory_used(const struct status *s)
{
	struct mallinfo2 all = mallinfo2();
	size_t used = all.uordblks + all.hblkhd;

	for (unsigned i = 0; i < s->server->all->workers; i++)
		used -= s->at[i].spare < used ? s->at[i].spare : used;
	return (int64_t)used;
}

static void
put_status(void *arg, bool whole)
{
	struct status *s = arg;
	const struct host_shared *all = s->server->all;

	if (whole) {
		coven_row(s->out);
		coven_put_text(s->out, "version", TEXT(COVEN_VERSION));
		coven_put_number(s->out, "pid", getpid());
		coven_put_number(s->out, "workers", all->workers);
		coven_put_number(s->out, "uptime", (loop_now(all->hosts[0]->loop) - s->server->started) / 1000);
		coven_put_number(s->out, "plugins", (int64_t)host_edition(all->hosts[0])->chain.count);
		put_counts(s->out, s->at, all->workers);
		coven_put_number(s->out, "memory", memory_used(s));
	} else {
		out_error(s->out, "the server is ending");
	}
	coven_end(s->out, whole ? 0 : 1);
	free(s);
}

enum coven_verdict
command_status(const struct command_call *c)
{
	struct status *s = calloc(1, sizeof *s);

	if (!s)
		return COVEN_FAIL;
	s->out = c->out;
	s->server = c->server;
	if (round_run(c->server->all, read_status, put_status, s)) {
		free(s);
		return COVEN_FAIL;
	}
	return COVEN_WAIT;
}
