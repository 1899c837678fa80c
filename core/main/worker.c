/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker: threads. */
#include "main/worker.h"
#include "main/intake.h"
#include <signal.h>
#include <stdlib.h>

static int
open_worker(struct worker *w, struct net_shared *shared, const struct net_listener **where)
{
	struct worker_set *set = w->set;
	struct tx_setup setup = {
		.net_shared = shared,
		.self = host_newest(set->all)->self,
		.keys = &set->keys,
		.shared_hash = &set->all->shared_hash,
		.worker = w->index,
		.record_route = set->record_route,
		.transactions_max = set->transactions_max,
		.memory_max = set->memory_max,
		.up = &host_up,
	};

	list_init(&w->waiting);
	w->loop = loop_new(set->test_clock);
	if (!w->loop)
		return -1;
	w->net = net_new(shared, w->loop, w->index, &intake_up, w, where);
	if (!w->net)
		return -1;
	*where = NULL;
	w->host = host_new(set->all, w->index, w->loop, w->net);
	if (!w->host)
		return -1;
	setup.loop = w->loop;
	setup.net = w->net;
	setup.up_arg = w->host;
	w->tx = tx_new(&setup);
	w->host->tx = w->tx;
	if (!w->tx)
		return -1;
	load_limit(&w->tx->load, LOAD_PARKED, HOST_PARKED_MAX);
	return 0;
}

int
worker_set_open(struct worker_set *set, unsigned count, struct net_shared *net, const struct net_listener **where)
{
	*where = NULL;
	set->at = calloc(count, sizeof *set->at);
	if (!set->at)
		return -1;
	set->count = count;
	for (unsigned i = 0; i < count; i++) {
		set->at[i].set = set;
		set->at[i].index = i;
	}
	for (unsigned i = 0; i < count; i++)
		if (open_worker(&set->at[i], net, where) != 0)
			return -1;
	return 0;
}

static void
plugins_started(void *arg, bool ok)
{
	struct worker *w = arg;

	if (ok)
		net_start(w->net);
	w->set->started(w->set->arg, ok);
}

void
worker_run(struct worker *w)
{
	host_start(w->host, plugins_started, w);
	loop_run(w->loop);
	host_stop(w->host);
}

static void *
thread_main(void *arg)
{
	worker_run(arg);
	return NULL;
}

int
worker_set_start(struct worker_set *set)
{
	for (unsigned i = 1; i < set->count; i++) {
		struct worker *w = &set->at[i];
		if (pthread_create(&w->thread, NULL, thread_main, w) != 0)
			return -1;
		w->running = true;
	}
	return 0;
}

void
worker_set_stop(struct worker_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->at[i].loop)
			loop_stop(set->at[i].loop);
}

void
worker_set_join(struct worker_set *set)
{
	for (unsigned i = 1; i < set->count; i++) {
		if (set->at[i].running)
			pthread_join(set->at[i].thread, NULL);
		set->at[i].running = false;
	}
}

/* Each step for all before the next: what ends on one worker may still be told to another. */
void
worker_set_close(struct worker_set *set)
{
	for (unsigned i = 0; i < set->count; i++) {
		intake_close(&set->at[i]);
		tx_free(set->at[i].tx);
	}
	for (unsigned i = 0; i < set->count; i++)
		if (set->at[i].net)
			net_free(set->at[i].net);
	for (unsigned i = 0; i < set->count; i++)
		if (set->at[i].loop)
			loop_free(set->at[i].loop);
	for (unsigned i = 0; i < set->count; i++)
		host_free(set->at[i].host);
	free(set->at);
	set->at = NULL;
	set->count = 0;
}
