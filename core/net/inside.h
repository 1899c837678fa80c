/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inside: what the files of this floor share, and nobody above sees. */
#ifndef NET_INSIDE_H
#define NET_INSIDE_H

#include "base/keyed.h"
#include "base/log.h"
#include "net/acceptor.h"
#include "net/batch.h"
#include "net/identity.h"
#include "net/inherit.h"
#include "net/net.h"
#include "net/parcel.h"
#include "net/receipt.h"
#include "net/route.h"
#include "net/slots.h"
#include "net/sources.h"
#include "net/stream.h"
#include "net/udp.h"

#include <pthread.h>
#include <stdatomic.h>

/* Where a worker's net is found by the others.  The slots outlive the net. */
struct seat {
	pthread_mutex_t lock; /* parcels are posted under it: the loop cannot go meanwhile */
	struct net *net;
	struct slots slots;
	struct identities identities;
};

struct net_shared {
	uint32_t boot;
	unsigned workers;
	size_t count;
	struct net_listener *listeners;
	pthread_mutex_t opening; /* around all of net_new() */
	bool *opened;            /* by listener: its port is known to be ours alone */
	_Atomic bool tapped;     /* somebody looks at what leaves */
	struct inherited inherited; /* until all are open */
	struct sources sources;
	struct net_limits limits;
	pthread_mutex_t tls_lock;
	struct tls_set *tls;
	struct sources shakers;  /* those whose handshakes have begun, */
	_Atomic unsigned shaking; /* and how many there are */
	struct seat seats[]; /* by worker */
};

/* Written by the owner, read by any thread. */
struct counters {
	_Atomic uint64_t received, sent, dropped, refused;
	_Atomic uint64_t handshakes, resumed, failed;
	_Atomic uint32_t connections, secure;
};

struct net {
	struct net_shared *shared;
	struct loop *loop;
	unsigned worker;
	struct net_up up;
	void *arg;
	struct counters counters;
	struct net_backlog backlog;
	int64_t backlog_at; /* loop_now() */
	struct loop_idle idle; /* flushes the batch and the connections */

	struct udp_socket **udp; /* by listener, NULL where it is none */
	struct udp_inbox *inbox;
	struct batch *batch;

	struct acceptors acceptors;
	struct streams streams;

	struct receipts receipts;
	struct parcels parcels;
	struct route_cache *routes;
	struct log_cause log_receive, log_send, log_full;
};

/* Counters have one writer: no locked instruction is needed. */
static inline void
net_count(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t n = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, n + more, memory_order_relaxed);
}

#endif
