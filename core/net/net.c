/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One worker's sockets and connections, opened and closed together, and what all
 * workers share. */
#include "net/net.h"
#include "base/random.h"
#include "net/flow.h"
#include "net/inside.h"
#include "net/tls_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Descriptors for all that is no connection; half of all if there are few. */
#define NET_OTHER_DESCRIPTORS 256
#define NET_BACKLOG_MS 500 /* a measure is worth nothing after that */

/* -- shared -------------------------------------------------------------------------- */

static int
init_seats(struct net_shared *s)
{
	for (unsigned i = 0; i < s->workers; i++) {
		pthread_mutex_init(&s->seats[i].lock, NULL);
		if (identities_init(&s->seats[i].identities) || slots_init(&s->seats[i].slots, NET_CONNECTIONS_MAX))
			return -1;
	}
	return 0;
}

struct net_shared *
net_shared_new(const struct net_listener *listeners, size_t count, unsigned workers)
{
	struct net_shared *s = calloc(1, sizeof *s + workers * sizeof s->seats[0]);

	if (!s)
		return NULL;
	s->count = count;
	s->workers = workers;
	s->boot = (uint32_t)random_number();
	s->limits = (struct net_limits){ FRAME_BODY_MAX, NET_PER_SOURCE_MAX };
	pthread_mutex_init(&s->opening, NULL);
	pthread_mutex_init(&s->tls_lock, NULL);
	s->listeners = malloc((count ? count : 1) * sizeof *listeners);
	s->opened = calloc(count ? count : 1, sizeof *s->opened);
	if (!s->listeners || !s->opened || sources_init(&s->sources) || sources_init(&s->shakers) ||
	    init_seats(s)) {
		net_shared_free(s);
		return NULL;
	}
	if (count)
		memcpy(s->listeners, listeners, count * sizeof *listeners);
	return s;
}

void
net_shared_free(struct net_shared *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->workers; i++) {
		slots_done(&s->seats[i].slots);
		identities_done(&s->seats[i].identities);
		pthread_mutex_destroy(&s->seats[i].lock);
	}
	if (s->sources.table.buckets)
		sources_done(&s->sources);
	if (s->shakers.table.buckets)
		sources_done(&s->shakers);
	tls_set_drop(s->tls);
	pthread_mutex_destroy(&s->tls_lock);
	pthread_mutex_destroy(&s->opening);
	inherited_done(&s->inherited);
	free(s->opened);
	free(s->listeners);
	free(s);
}

void
net_shared_limit(struct net_shared *s, const struct net_limits *limits)
{
	assert(limits->body <= FRAME_BODY_LARGE);
	s->limits = *limits;
}

const struct net_listener *
net_shared_listener(const struct net_shared *s, unsigned index)
{
	return index < s->count ? &s->listeners[index] : NULL;
}

size_t
net_shared_count(const struct net_shared *s)
{
	return s->count;
}

/* -- opening ------------------------------------------------------------------------- */

/* The first worker makes sure that nobody else has the port; the others join it. */
static int
open_listener(struct net *n, uint16_t i)
{
	struct net_shared *s = n->shared;
	bool together = s->workers > 1;

	if (together && !s->opened[i] && !inherited_has(&s->inherited, &s->listeners[i]) &&
	    socket_probe(&s->listeners[i]))
		return -1;
	if (s->listeners[i].transport->stream) {
		if (acceptor_open(n, i, together))
			return -1;
	} else {
		n->udp[i] = udp_open(n, i, together);
		if (!n->udp[i])
			return -1;
	}
	s->opened[i] = true;
	return 0;
}

static int
open_listeners(struct net *n, const struct net_listener **where)
{
	for (size_t i = 0; i < n->shared->count; i++)
		if (open_listener(n, (uint16_t)i)) {
			*where = &n->shared->listeners[i];
			return -1;
		}
	return 0;
}

/* Connections must not take the descriptors that everything else needs. */
static uint32_t
connections_max(unsigned workers)
{
	struct rlimit limit;
	rlim_t other = NET_OTHER_DESCRIPTORS, max;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return NET_CONNECTIONS_MAX;
	if (other > limit.rlim_cur / 2)
		other = limit.rlim_cur / 2;
	max = (limit.rlim_cur - other) / workers;
	return max < NET_CONNECTIONS_MAX ? (uint32_t)max : NET_CONNECTIONS_MAX;
}

static void
flush_all(struct net *n)
{
	batch_flush(n->batch);
	streams_flush(n);
}

static void
on_idle(struct loop_idle *idle)
{
	flush_all(CONTAINER(idle, struct net, idle));
}

static int
init_parts(struct net *n)
{
	parcels_init(n);
	n->acceptors.reserve = -1;
	n->udp = calloc(n->shared->count ? n->shared->count : 1, sizeof *n->udp);
	n->inbox = udp_inbox_new();
	n->batch = batch_new();
	n->routes = route_cache_new();
	n->streams.max = connections_max(n->shared->workers);
	if (!n->udp || !n->inbox || !n->batch || !n->routes)
		return -1;
	if (receipts_init(&n->receipts, n->loop) || streams_init(n) || acceptors_init(n))
		return -1;
	return 0;
}

static void
sit(struct net *n, struct net *who)
{
	struct seat *seat = &n->shared->seats[n->worker];

	pthread_mutex_lock(&seat->lock);
	seat->net = who;
	pthread_mutex_unlock(&seat->lock);
}

struct net *
net_new(struct net_shared *s, struct loop *loop, unsigned worker, const struct net_up *up,
        void *arg, const struct net_listener **where)
{
	struct net *n = calloc(1, sizeof *n);
	int rc, error;

	*where = NULL;
	if (!n)
		return NULL;
	n->shared = s;
	n->loop = loop;
	n->worker = worker;
	n->up = *up;
	n->arg = arg;
	errno = ENOMEM;
	rc = init_parts(n);
	if (rc == 0) {
		pthread_mutex_lock(&s->opening);
		rc = open_listeners(n, where);
		pthread_mutex_unlock(&s->opening);
	}
	if (rc) {
		error = errno;
		net_free(n);
		errno = error;
		return NULL;
	}
	loop_idle_add(loop, &n->idle, on_idle);
	sit(n, n);
	return n;
}

void
net_start(struct net *n)
{
	for (size_t i = 0; i < n->shared->count; i++)
		if (n->udp[i])
			udp_start(n->udp[i]);
	acceptors_start(n);
}

void
net_free(struct net *n)
{
	if (!n)
		return;
	sit(n, NULL);
	loop_idle_remove(n->loop, &n->idle);
	acceptors_done(n);
	streams_done(n);
	if (n->batch && n->udp)
		batch_flush(n->batch);
	for (size_t i = 0; n->udp && i < n->shared->count; i++)
		udp_close(n->udp[i]);
	parcels_done(n);
	receipts_done(&n->receipts);
	route_cache_free(n->routes);
	batch_free(n->batch);
	udp_inbox_free(n->inbox);
	free(n->udp);
	free(n);
}

void
net_counts(const struct net *n, struct net_counts *counts)
{
	const struct counters *c = &n->counters;

	*counts = (struct net_counts){
		.received = atomic_load_explicit(&c->received, memory_order_relaxed),
		.sent = atomic_load_explicit(&c->sent, memory_order_relaxed),
		.dropped = atomic_load_explicit(&c->dropped, memory_order_relaxed),
		.refused_connections = atomic_load_explicit(&c->refused, memory_order_relaxed),
		.handshakes = atomic_load_explicit(&c->handshakes, memory_order_relaxed),
		.resumed = atomic_load_explicit(&c->resumed, memory_order_relaxed),
		.failed_handshakes = atomic_load_explicit(&c->failed, memory_order_relaxed),
		.connections = atomic_load_explicit(&c->connections, memory_order_relaxed),
		.secure = atomic_load_explicit(&c->secure, memory_order_relaxed),
	};
}

void
net_backlog(const struct net *n, struct net_backlog *backlog)
{
	bool stale = loop_now(n->loop) - n->backlog_at > NET_BACKLOG_MS;

	*backlog = stale ? (struct net_backlog){ 0, 0 } : n->backlog;
}

/* -- flows --------------------------------------------------------------------------- */

static void
send_datagram(struct net *n, const struct flow_name *name, struct coven_slice bytes,
              struct receipt *receipt)
{
	struct udp_socket *s = NULL;

	if (name->listener < n->shared->count)
		s = n->udp[name->listener];
	if (!s || name->boot != n->shared->boot || !name->far_end.port ||
	    n->shared->listeners[name->listener].address.family != name->far_end.family) {
		net_count(&n->counters.dropped, 1);
		receipts_answer(&n->receipts, receipt, NET_GONE);
		return;
	}
	batch_add(n->batch, s, &name->far_end, bytes, receipt);
}

void
net_shared_tap(struct net_shared *s, bool on)
{
	atomic_store_explicit(&s->tapped, on, memory_order_relaxed);
}

static void
show(struct net *n, const struct coven_flow *flow, struct coven_slice bytes)
{
	if (__builtin_expect(atomic_load_explicit(&n->shared->tapped, memory_order_relaxed), 0) && n->up.leaves)
		n->up.leaves(n->arg, flow, bytes);
}

static void
send_here(struct net *n, const struct coven_flow *flow, struct coven_slice bytes,
          struct receipt *receipt)
{
	struct stream *s = stream_named(n, flow);

	if (s) {
		show(n, flow, bytes);
		stream_send(s, bytes, receipt);
		return;
	}
	net_count(&n->counters.dropped, 1);
	receipts_answer(&n->receipts, receipt, NET_GONE);
}

void
net_flow_send(struct net *n, const struct coven_flow *flow, struct coven_slice bytes,
              net_sent_fn *done, void *arg)
{
	struct flow_name name = flow_read(flow);
	const struct net_transport *transport = net_transport(name.transport);

	if (bytes.length == 0)
		receipts_answer(&n->receipts, receipts_take(&n->receipts, done, arg),
		                NET_SENT);
	else if (transport && !transport->stream) {
		show(n, flow, bytes);
		send_datagram(n, &name, bytes, receipts_take(&n->receipts, done, arg));
	} else if (name.worker != n->worker && net_flow_alive(n->shared, flow))
		parcel_send(n, name.worker, flow, bytes, done, arg);
	else
		send_here(n, flow, bytes, receipts_take(&n->receipts, done, arg));
}

bool
net_flow_is_up(struct net *n, const struct coven_flow *flow)
{
	struct flow_name name = flow_read(flow);
	const struct net_transport *transport = net_transport(name.transport);
	const struct stream *s;

	if (!transport || !transport->stream)
		return transport != NULL;
	s = stream_named(n, flow);
	return s && s->state == STREAM_OPEN;
}

static int
open_flow(struct net *n, const struct net_transport *transport, const struct coven_address *to,
          const struct net_tls_demand *demand, struct coven_flow *flow)
{
	struct coven_address on_link;
	struct stream *s;
	int listener;

	if (!to->port)
		return -1;
	listener = route_choose(n->routes, n->shared, loop_now(n->loop), transport, to);
	if (listener < 0)
		return -1;
	if (address_is_link_local(to) && !to->scope) {
		on_link = *to;
		on_link.scope = n->shared->listeners[listener].address.scope;
		to = &on_link;
	}
	if (!transport->stream)
		return net_flow_from(n->shared, (unsigned)listener, to, flow);
	s = stream_to(n, (uint16_t)listener, to, demand);
	if (!s)
		return -1;
	*flow = s->flow;
	return 0;
}

int
net_flow_open(struct net *n, const struct net_transport *transport, const struct coven_address *to,
              struct coven_flow *flow)
{
	return open_flow(n, transport, to, NULL, flow);
}

int
net_flow_open_tls(struct net *n, const struct coven_address *to, const struct net_tls_demand *demand,
                  struct coven_flow *flow)
{
	return tls_demand_valid(demand) ? open_flow(n, net_transport(NET_TLS), to, demand, flow) : -1;
}

int
net_flow_set_identity(struct net *n, const struct coven_flow *flow, struct coven_slice text)
{
	struct stream *s = stream_named(n, flow);

	if (!s || text.length > NET_IDENTITY_MAX)
		return -1;
	s->identified = s->identified || text.length;
	return identity_set(&n->shared->seats[n->worker].identities, s->slot, s->generation, text);
}

struct coven_slice
net_flow_identity(struct net_shared *s, const struct coven_flow *flow, char room[NET_IDENTITY_MAX])
{
	struct flow_name name = flow_read(flow);
	struct coven_slice text = { room, 0 };

	if (!net_flow_alive(s, flow) || !net_transport(name.transport)->stream)
		return text;
	text.length = identity_get(&s->seats[name.worker].identities, name.slot, name.generation, room,
	                           NET_IDENTITY_MAX);
	return text;
}

void
net_flow_close(struct net *n, const struct coven_flow *flow, const char *why)
{
	struct stream *s = stream_named(n, flow);

	if (s)
		stream_end(s, why, true);
}

void
net_flow_pause(struct net *n, const struct coven_flow *flow, bool paused)
{
	struct stream *s = stream_named(n, flow);

	if (s)
		stream_pause(s, paused);
}
