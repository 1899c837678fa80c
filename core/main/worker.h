/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker: one thread with its loop, sockets, transactions and plugin instances; and how messages get to the worker
 * that owns them. */
#ifndef MAIN_WORKER_H
#define MAIN_WORKER_H

#include "host/host.h"
#include "sip/scan.h"
#include <pthread.h>

struct worker_set;

struct worker {
	struct worker_set *set;
	unsigned index;
	struct loop *loop;
	struct net *net;
	struct host *host;
	struct tx *tx;
	struct sip_scratch scratch;
	struct list waiting; /* parcels of streams that found a full box */
	struct timer retry;
	pthread_t thread;    /* all but worker 0, which is the main thread */
	bool running;
	struct log_cause refused, unproven;
};

struct worker_set {
	struct worker *at;
	unsigned count;
	struct host_shared *all;
	struct reload *reload;               /* for worker 0 */
	struct drain *drain;                 /* the same   */
	struct upgrade *upgrade;             /* the same   */
	struct past *past;                   /* the server before us, while it ends; or NULL */
	struct token_keys keys;
	enum tx_record record_route;
	size_t transactions_max, memory_max; /* of one worker */
	bool test_clock;
	void (*started)(void *arg, bool ok); /* on each worker's thread, once it is up */
	void *arg;
};

/* Everything of all workers, sockets bound, nothing read yet.  -1: *where is the listener that failed (errno), or NULL. */
int worker_set_open(struct worker_set *set, unsigned count, struct net_shared *net, const struct net_listener **where);
/* Threads for all but worker 0. */
int worker_set_start(struct worker_set *set);
void worker_run(struct worker *w);            /* starts its plugins, then its loop, until stopped */
void worker_set_stop(struct worker_set *set); /* any thread */
void worker_set_join(struct worker_set *set);  /* waits for the threads; harmless when there are none */
void worker_set_close(struct worker_set *set);

#endif
