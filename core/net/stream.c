/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections: begun, written to, ended. */
#include "net/stream.h"
#include "net/flow.h"
#include "net/inside.h"
#include "net/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STREAM_BUCKETS 64
#define STREAM_LINGER_MS 1000          /* for the far end to read our last words */
#define STREAM_LINGER_BYTES (256 * 1024) /* that it may send meanwhile */

struct far_key {
	struct coven_address far_end;
	uint32_t transport;
};

struct wanted {
	struct far_key far;
	const struct net_tls_demand *demand;
};

static uint64_t
far_hash(const struct net *n, const struct far_key *key)
{
	return keyed_hash(&n->shared->sources.key, key, sizeof *key);
}

static bool
same_far(const struct table_node *node, const void *key)
{
	const struct stream *s = CONTAINER(node, struct stream, node);
	const struct wanted *wanted = key;

	return s->transport->id == wanted->far.transport && address_same(&s->far_end, &wanted->far.far_end) &&
	       s->wire->serves(s, wanted->demand);
}

int
streams_init(struct net *n)
{
	struct streams *all = &n->streams;

	list_init(&all->all);
	list_init(&all->dirty);
	all->scratch = malloc(STREAM_SCRATCH);
	return all->scratch ? table_init(&all->by_far_end, STREAM_BUCKETS) : -1;
}

void
stream_watch(struct stream *s)
{
	unsigned events = 0;

	if (s->lent)
		;
	else if (s->state == STREAM_CONNECTING)
		events = WATCH_WRITE;
	else if (s->state == STREAM_SHAKING)
		events = s->read_on;
	else if (s->state == STREAM_OPEN)
		events = (s->paused ? 0u : s->read_on) | (s->blocked ? s->write_on : 0u);
	else if (s->state == STREAM_LINGERING)
		events = WATCH_READ;
	watch_set(s->watch, events);
}

/* -- the end ------------------------------------------------------------------------- */

static void
stop_timers(struct stream *s)
{
	timer_stop(s->net->loop, &s->deadline);
	timer_stop(s->net->loop, &s->idle);
	timer_stop(s->net->loop, &s->stall);
}

static void
count_connections(struct net *n, const struct stream *s, int more)
{
	n->streams.count += (uint32_t)more;
	n->streams.secure += s->transport->secure ? (uint32_t)more : 0;
	atomic_store_explicit(&n->counters.connections, n->streams.count,
	                      memory_order_relaxed);
	atomic_store_explicit(&n->counters.secure, n->streams.secure, memory_order_relaxed);
}

static void
free_stream(struct stream *s)
{
	struct net *n = s->net;

	stop_timers(s);
	work_stop(n->loop, &s->work);
	stream_intake_free(s);
	list_remove(&s->link);
	count_connections(n, s, -1);
	watch_free(s->watch);
	s->wire->free(s);
	if (s->fd >= 0)
		close(s->fd);
	if (s->accepted)
		sources_leave(&n->shared->sources, &s->far_end);
	free(s);
	acceptors_resume(n);
}

static void
on_lingered(struct timer *t)
{
	free_stream(CONTAINER(t, struct stream, deadline));
}

/* Closing with unread bytes in the kernel would reset the connection, and our last
 * words with it. */
static void
linger(struct stream *s)
{
	ssize_t n = recv(s->fd, s->net->streams.scratch, STREAM_SCRATCH, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	s->lingered += n > 0 ? (uint32_t)n : 0;
	if (n <= 0 || s->lingered > STREAM_LINGER_BYTES)
		free_stream(s);
}

static void
finish(struct work *w)
{
	struct stream *s = CONTAINER(w, struct stream, work);
	struct net *n = s->net;

	if (n->up.closed)
		n->up.closed(n->arg, &s->flow, s->why);
	/* Not before: message() may have ended it, with its bytes in hand. */
	stream_intake_free(s);
	if (!s->polite) {
		free_stream(s);
		return;
	}
	s->state = STREAM_LINGERING;
	stream_watch(s);
	timer_start(n->loop, &s->deadline, STREAM_LINGER_MS, on_lingered);
}

static void
give_name_back(struct stream *s)
{
	struct seat *seat = &s->net->shared->seats[s->net->worker];

	table_remove(&s->net->streams.by_far_end, &s->node);
	if (s->identified)
		identity_set(&seat->identities, s->slot, s->generation, (struct coven_slice){ NULL, 0 });
	slots_free(&seat->slots, s->slot);
}

/* From here on the name is dead; the rest happens on nobody's stack. */
void
stream_end(struct stream *s, const char *why, bool polite)
{
	struct net *n = s->net;
	size_t before = s->out.bytes;

	if (s->state >= STREAM_ENDING)
		return;
	s->polite = polite && (s->state == STREAM_OPEN || s->state == STREAM_SHAKING) && !s->lent;
	if (s->polite && s->state == STREAM_OPEN)
		s->polite = outbox_write(&s->out, s->wire->write, s, &n->receipts) >= 0;
	if (s->polite)
		s->polite = s->wire->finish(s) == 0;
	s->state = STREAM_ENDING;
	s->why = why;
	stop_timers(s);
	list_remove(&s->dirty);
	outbox_done(&s->out, &n->receipts, true);
	n->streams.out_bytes -= before;
	give_name_back(s);
	if (s->watch)
		stream_watch(s);
	work_start(n->loop, &s->work, finish);
}

void
streams_done(struct net *n)
{
	if (!n->streams.all.next)
		return;
	LIST_EACH(&n->streams.all, at, after) {
		struct stream *s = CONTAINER(at, struct stream, link);

		if (s->state < STREAM_ENDING) {
			if (s->state == STREAM_OPEN && !s->lent &&
			    outbox_write(&s->out, s->wire->write, s, &n->receipts) >= 0)
				s->wire->finish(s);
			outbox_done(&s->out, &n->receipts, false);
			list_remove(&s->dirty);
			give_name_back(s);
		}
		free_stream(s);
	}
	table_done(&n->streams.by_far_end);
	free(n->streams.scratch);
}

/* -- writing ------------------------------------------------------------------------- */

static void
on_stall(struct timer *t)
{
	stream_end(CONTAINER(t, struct stream, stall), "the far end reads nothing", false);
}

static void
flush(struct stream *s)
{
	struct net *n = s->net;
	size_t before = s->out.bytes;
	int rc = outbox_write(&s->out, s->wire->write, s, &n->receipts);
	bool progress = s->out.bytes < before;

	n->streams.out_bytes -= before - s->out.bytes;
	if (rc < 0) {
		stream_end(s, strerrordesc_np(errno), false);
		return;
	}
	if (progress)
		s->active = loop_now(n->loop);
	s->blocked = rc > 0;
	if (!s->blocked)
		timer_stop(n->loop, &s->stall);
	else if (progress || !timer_running(&s->stall))
		timer_start(n->loop, &s->stall, NET_STALL_MS, on_stall);
	stream_watch(s);
}

void
streams_flush(struct net *n)
{
	LIST_EACH(&n->streams.dirty, at, after) {
		list_remove(at);
		flush(CONTAINER(at, struct stream, dirty));
	}
}

static bool
has_room(const struct stream *s, size_t length)
{
	size_t largest = FRAME_HEAD_MAX + s->net->shared->limits.body;
	size_t max = NET_QUEUE_MAX > 2 * largest ? NET_QUEUE_MAX : 2 * largest;

	return s->out.bytes + length <= max &&
	       s->net->streams.out_bytes + length <= NET_OUTPUT_MAX;
}

/* It is not here that its bytes are put in order. */
static void
send_elsewhere(struct stream *s, struct coven_slice bytes, struct receipt *receipt)
{
	struct net *n = s->net;
	int rc = n->up.lent ? n->up.lent(n->arg, &s->flow, bytes) : -1;

	net_count(rc == 0 ? &n->counters.sent : &n->counters.dropped, 1);
	receipts_answer(&n->receipts, receipt, rc == 0 ? NET_SENT : NET_GONE);
}

void
stream_send(struct stream *s, struct coven_slice bytes, struct receipt *receipt)
{
	struct net *n = s->net;

	if (s->lent) {
		send_elsewhere(s, bytes, receipt);
		return;
	}
	if (!has_room(s, bytes.length) && s->state == STREAM_OPEN && !s->blocked)
		flush(s);
	if (s->state >= STREAM_ENDING) {
		receipts_answer(&n->receipts, receipt, NET_GONE);
		return;
	}
	if (!has_room(s, bytes.length) || outbox_put(&s->out, bytes, receipt)) {
		net_count(&n->counters.dropped, 1);
		log_often(&n->log_full, LOG_LEVEL_WARN, "net", "send %s: queue full",
		          s->transport->parameter);
		receipts_answer(&n->receipts, receipt, NET_FULL);
		return;
	}
	n->streams.out_bytes += bytes.length;
	net_count(&n->counters.sent, 1);
	if (s->state == STREAM_OPEN && !s->blocked && !list_linked(&s->dirty))
		list_append(&n->streams.dirty, &s->dirty);
}

/* -- the beginning ------------------------------------------------------------------- */

static void
on_idle(struct timer *t)
{
	struct stream *s = CONTAINER(t, struct stream, idle);
	int64_t left = s->active + NET_IDLE_MS - loop_now(s->net->loop);

	if (left > 0)
		timer_start(s->net->loop, &s->idle, left, on_idle);
	else
		stream_end(s, "idle", true);
}

/* Somebody who connects and says nothing is no phone. */
static void
on_silence(struct timer *t)
{
	struct stream *s = CONTAINER(t, struct stream, idle);

	if (s->active)
		on_idle(t);
	else
		stream_end(s, "silent", false);
}

static void
on_connect_slow(struct timer *t)
{
	stream_end(CONTAINER(t, struct stream, deadline), "no connection in time", false);
}

static void
connected(struct stream *s)
{
	int error = 0;
	socklen_t length = sizeof error;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length))
		error = errno;
	if (error) {
		stream_end(s, strerrordesc_np(error), false);
		return;
	}
	timer_stop(s->net->loop, &s->deadline);
	s->wire->begin(s);
}

void
stream_opened(struct stream *s)
{
	s->state = STREAM_OPEN;
	if (s->accepted) {
		timer_start(s->net->loop, &s->idle, NET_FIRST_MS, on_silence);
		stream_watch(s);
		return;
	}
	s->active = loop_now(s->net->loop);
	timer_start(s->net->loop, &s->idle, NET_IDLE_MS, on_idle);
	flush(s);
}

void
stream_ready(void *arg, unsigned events)
{
	struct stream *s = arg;

	if (s->state == STREAM_LINGERING) {
		linger(s);
		return;
	}
	if (s->state == STREAM_CONNECTING)
		connected(s);
	else if (s->state == STREAM_OPEN && (events & WATCH_WRITE))
		flush(s);
	if (s->state == STREAM_OPEN && !s->paused && (events & WATCH_READ))
		stream_read(s);
}

/* A new place; or, with a name, the one that it had. */
static int
take_slot(struct stream *s, const struct flow_name *name)
{
	struct slots *slots = &s->net->shared->seats[s->net->worker].slots;

	if (!name)
		return slots_take(slots, &s->far_end, s, &s->slot, &s->generation);
	s->slot = name->slot;
	s->generation = name->generation;
	return slots_put(slots, name->slot, name->generation, &s->far_end, s);
}

/* A name for it, and its place among the others. */
static int
enroll(struct stream *s, const struct flow_name *name)
{
	struct net *n = s->net;
	struct far_key key = { s->far_end, s->transport->id };

	if (n->streams.count >= n->streams.max || take_slot(s, name))
		return -1;
	s->flow = flow_make(&(struct flow_name){ .transport = s->transport->id,
	                                         .listener = s->listener,
	                                         .boot = n->shared->boot,
	                                         .far_end = s->far_end,
	                                         .worker = (uint16_t)n->worker,
	                                         .slot = s->slot,
	                                         .generation = s->generation });
	list_append(&n->streams.all, &s->link);
	table_insert(&n->streams.by_far_end, &s->node, far_hash(n, &key));
	count_connections(n, s, 1);
	return 0;
}

/* fd < 0: it could not even begin to connect, which closed() will tell. */
static struct stream *
new_stream(struct net *n, int fd, uint16_t listener, const struct coven_address *far_end,
           const struct flow_name *name)
{
	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->net = n;
	s->fd = fd;
	s->listener = listener;
	s->transport = n->shared->listeners[listener].transport;
	s->far_end = *far_end;
	s->wire = s->transport->secure ? &tls_wire : &plain_wire;
	s->read_on = WATCH_READ;
	s->write_on = WATCH_WRITE;
	outbox_init(&s->out);
	if (fd >= 0)
		s->watch = watch_new(n->loop, fd, s->wire->ready, s);
	if ((fd >= 0 && !s->watch) || enroll(s, name)) {
		watch_free(s->watch);
		free(s);
		return NULL;
	}
	return s;
}

int
stream_accept(struct net *n, int fd, uint16_t listener,
              const struct coven_address *far_end)
{
	struct stream *s = new_stream(n, fd, listener, far_end, NULL);
	const char *why;

	if (!s) {
		close(fd);
		return -1;
	}
	s->accepted = true;
	why = s->wire->prepare(s, NULL);
	if (why)
		stream_end(s, why, false);
	else
		s->wire->begin(s);
	return 0;
}

int
stream_adopt(struct net *n, int fd, const struct flow_name *name, const struct net_lent *lent)
{
	struct stream *s = NULL;

	if (!lent->accepted || sources_enter(&n->shared->sources, &name->far_end, UINT32_MAX) == 0)
		s = new_stream(n, fd, name->listener, &name->far_end, name);
	if (!s) {
		close(fd);
		return -1;
	}
	s->accepted = lent->accepted;
	s->state = STREAM_OPEN;
	s->active = lent->spoken ? loop_now(n->loop) : 0;
	timer_start(n->loop, &s->idle, lent->spoken ? NET_IDLE_MS : NET_FIRST_MS, on_silence);
	stream_watch(s);
	return 0;
}

void
stream_lend(struct stream *s, bool lent)
{
	s->lent = lent;
	stop_timers(s);
	if (!lent)
		timer_start(s->net->loop, &s->idle, NET_IDLE_MS, on_idle);
	stream_watch(s);
}

static bool
is_limit(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

static struct stream *
connect_to(struct net *n, uint16_t listener, const struct coven_address *far_end,
           const struct net_tls_demand *demand)
{
	int fd = socket_connect(&n->shared->listeners[listener].address, far_end);
	int error = errno;
	struct stream *s;
	const char *why;

	if (fd < 0 && is_limit(error))
		return NULL;
	s = new_stream(n, fd, listener, far_end, NULL);
	if (!s) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	s->state = STREAM_CONNECTING;
	why = s->wire->prepare(s, demand);
	if (!why && fd < 0)
		why = strerrordesc_np(error);
	if (why) {
		stream_end(s, why, false);
		return s;
	}
	timer_start(n->loop, &s->deadline, NET_CONNECT_MS, on_connect_slow);
	stream_watch(s);
	return s;
}

struct stream *
stream_to(struct net *n, uint16_t listener, const struct coven_address *far_end, const struct net_tls_demand *demand)
{
	struct wanted wanted = { { *far_end, n->shared->listeners[listener].transport->id }, demand };
	struct table_node *node =
		table_find(&n->streams.by_far_end, far_hash(n, &wanted.far), same_far, &wanted);

	return node ? CONTAINER(node, struct stream, node)
	            : connect_to(n, listener, far_end, demand);
}

struct stream *
stream_named(struct net *n, const struct coven_flow *flow)
{
	struct flow_name name = flow_read(flow);

	if (name.boot != n->shared->boot || name.worker != n->worker)
		return NULL;
	return slots_owner(&n->shared->seats[n->worker].slots, name.slot, name.generation);
}

/* -- pausing ------------------------------------------------------------------------- */

static void
go_on(struct work *w)
{
	struct stream *s = CONTAINER(w, struct stream, work);

	if (!s->paused)
		stream_read_rest(s);
	if (s->state == STREAM_OPEN && !s->paused && s->wire->pending(s))
		stream_read(s);
	if (s->state == STREAM_OPEN)
		stream_watch(s);
}

void
stream_pause(struct stream *s, bool paused)
{
	if (s->state >= STREAM_ENDING || s->paused == paused)
		return;
	s->paused = paused;
	if (s->state < STREAM_OPEN)
		return;
	if (!paused) {
		work_start(s->net->loop, &s->work, go_on);
		return;
	}
	/* The clock of a message stands still while nobody reads it. */
	timer_stop(s->net->loop, &s->deadline);
	stream_watch(s);
}
