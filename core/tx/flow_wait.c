/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow_wait: a table from streams to the branches that wait on them. */
#include "tx/flow_wait.h"
#include <stdlib.h>
#include <string.h>

struct flow_wait {
	struct table_node node;
	struct coven_flow flow;
	struct list branches;
};

static bool
same_flow(const struct table_node *node, const void *key)
{
	return memcmp(&CONTAINER(node, struct flow_wait, node)->flow, key, sizeof(struct coven_flow)) == 0;
}

static struct flow_wait *
find(struct tx *tx, const struct coven_flow *flow, uint64_t hash)
{
	struct table_node *node = table_find(&tx->flows, hash, same_flow, flow);

	return node ? CONTAINER(node, struct flow_wait, node) : NULL;
}

void
flow_wait_add(struct coven_branch *b)
{
	struct tx *tx = b->request->tx;
	uint64_t hash;
	struct flow_wait *w;

	if (!b->stream || b->wait)
		return;
	hash = keyed_hash(&tx->hash, &b->flow, sizeof b->flow);
	w = find(tx, &b->flow, hash);
	if (!w) {
		w = calloc(1, sizeof *w);
		if (!w)
			return; /* its timers will end it all the same */
		w->flow = b->flow;
		list_init(&w->branches);
		table_insert(&tx->flows, &w->node, hash);
	}
	list_append(&w->branches, &b->flow_link);
	b->wait = w;
}

static void
free_if_empty(struct tx *tx, struct flow_wait *w)
{
	if (!list_empty(&w->branches))
		return;
	table_remove(&tx->flows, &w->node);
	free(w);
}

void
flow_wait_remove(struct coven_branch *b)
{
	struct flow_wait *w = b->wait;

	if (!w)
		return;
	b->wait = NULL;
	list_remove(&b->flow_link);
	free_if_empty(b->request->tx, w);
}

void
flow_wait_closed(struct tx *tx, const struct coven_flow *flow)
{
	struct flow_wait *w = find(tx, flow, keyed_hash(&tx->hash, flow, sizeof *flow));
	struct coven_branch *b;
	bool last = !w;

	while (!last) {
		b = CONTAINER(w->branches.next, struct coven_branch, flow_link);
		last = b->flow_link.next == &w->branches;
		flow_wait_remove(b); /* with the last one w is gone */
		if (b->state == BRANCH_CALLING || b->state == BRANCH_PROCEEDING)
			branch_lost(b);
	}
}
