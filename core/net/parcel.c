/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries bytes to the worker that owns a connection, and the answer back.  A parcel
 * has one owner at a time: the sender, a letter box, the worker that owns the
 * connection, a letter box, the sender. */
#include "net/parcel.h"
#include "net/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct parcel {
	struct list link; /* in parcels.unposted */
	struct net_shared *shared;
	unsigned from, to; /* workers */
	struct coven_flow flow;
	net_sent_fn *done;
	void *arg;
	enum net_sent result;
	size_t length;
	char bytes[];
};

enum posted { POSTED, BOX_FULL, NOBODY };

static enum posted
post(struct net_shared *s, unsigned worker, struct parcel *p, void (*fn)(void *arg),
     void (*drop)(void *arg))
{
	struct seat *seat = &s->seats[worker];
	enum posted result = NOBODY;

	pthread_mutex_lock(&seat->lock);
	if (seat->net)
		result = loop_post(seat->net->loop, fn, drop, p) ? BOX_FULL : POSTED;
	pthread_mutex_unlock(&seat->lock);
	return result;
}

/* The net of this thread's worker; only its own thread changes that. */
static struct net *
own_net(struct net_shared *s, unsigned worker)
{
	struct net *n;

	pthread_mutex_lock(&s->seats[worker].lock);
	n = s->seats[worker].net;
	pthread_mutex_unlock(&s->seats[worker].lock);
	return n;
}

/* Back at the sender. */
static void
come_back(void *arg)
{
	struct parcel *p = arg;

	if (own_net(p->shared, p->from))
		p->done(p->arg, p->result);
	free(p);
}

static bool
send_back(struct parcel *p)
{
	switch (post(p->shared, p->from, p, come_back, free)) {
	case POSTED:
		return true;
	case BOX_FULL:
		return false;
	case NOBODY:
		free(p);
		return true;
	}
	return true;
}

static void
retry(struct timer *t)
{
	struct parcels *all = CONTAINER(t, struct parcels, retry);
	struct net *n = CONTAINER(all, struct net, parcels);

	LIST_EACH(&all->unposted, at, after) {
		list_remove(at);
		if (!send_back(CONTAINER(at, struct parcel, link))) {
			list_prepend(&all->unposted, at);
			timer_start(n->loop, t, PARCEL_RETRY_MS, retry);
			return;
		}
	}
}

static void
give_back(struct net *n, struct parcel *p)
{
	/* Those that wait already go first. */
	if (list_empty(&n->parcels.unposted) && send_back(p))
		return;
	list_append(&n->parcels.unposted, &p->link);
	if (!timer_running(&n->parcels.retry))
		timer_start(n->loop, &n->parcels.retry, PARCEL_RETRY_MS, retry);
}

static void
was_sent(void *arg, enum net_sent result)
{
	struct parcel *p = arg;
	struct net *n = own_net(p->shared, p->to);

	assert(n);
	p->result = result;
	give_back(n, p);
}

/* Nobody opened it: the worker is going.  Its sender may be the only one left who cares. */
static void
return_unopened(void *arg)
{
	struct parcel *p = arg;

	p->result = NET_GONE;
	if (!p->done || !send_back(p))
		free(p);
}

/* At the owner of the connection. */
static void
arrive(void *arg)
{
	struct parcel *p = arg;
	struct net *n = own_net(p->shared, p->to);
	struct coven_slice bytes = { p->bytes, p->length };

	if (!n) {
		return_unopened(p);
		return;
	}
	net_flow_send(n, &p->flow, bytes, p->done ? was_sent : NULL, p);
	if (!p->done)
		free(p);
}

void
parcel_send(struct net *n, unsigned worker, const struct coven_flow *flow,
            struct coven_slice bytes, net_sent_fn *done, void *arg)
{
	struct parcel *p = malloc(sizeof *p + bytes.length);
	enum posted posted = BOX_FULL;

	if (p) {
		*p = (struct parcel){ .shared = n->shared,
		                      .from = n->worker,
		                      .to = worker,
		                      .flow = *flow,
		                      .done = done,
		                      .arg = arg,
		                      .length = bytes.length };
		memcpy(p->bytes, bytes.at, bytes.length);
		posted = post(n->shared, worker, p, arrive, return_unopened);
	}
	if (posted == POSTED)
		return;
	free(p);
	net_count(&n->counters.dropped, 1);
	receipts_answer(&n->receipts, receipts_take(&n->receipts, done, arg),
	                posted == NOBODY ? NET_GONE : NET_FULL);
}

void
parcels_init(struct net *n)
{
	list_init(&n->parcels.unposted);
}

void
parcels_done(struct net *n)
{
	if (!n->parcels.unposted.next)
		return;
	timer_stop(n->loop, &n->parcels.retry);
	LIST_EACH(&n->parcels.unposted, at, after) {
		list_remove(at);
		free(CONTAINER(at, struct parcel, link));
	}
}
