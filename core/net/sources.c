/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts the connections of each address. */
#include "net/sources.h"
#include "base/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SOURCES_BUCKETS 64
#define SOURCES_V6_BYTES 8

struct source {
	struct table_node node;
	struct coven_address address;
	uint32_t count;
};

int
sources_init(struct sources *s)
{
	keyed_random(&s->key);
	if (table_init(&s->table, SOURCES_BUCKETS))
		return -1;
	pthread_mutex_init(&s->lock, NULL);
	return 0;
}

static void
free_source(struct table_node *node, void *arg)
{
	struct table *table = arg;

	table_remove(table, node);
	free(CONTAINER(node, struct source, node));
}

void
sources_done(struct sources *s)
{
	table_each(&s->table, free_source, &s->table);
	table_done(&s->table);
	pthread_mutex_destroy(&s->lock);
}

static struct coven_address
network_of(const struct coven_address *a)
{
	struct coven_address network = { .family = a->family, .scope = a->scope };

	memcpy(network.ip, a->ip, a->family == 6 ? SOURCES_V6_BYTES : sizeof a->ip);
	return network;
}

static bool
same_source(const struct table_node *node, const void *key)
{
	const struct source *source = CONTAINER(node, struct source, node);

	return memcmp(&source->address, key, sizeof source->address) == 0;
}

static struct source *
find(const struct sources *s, const struct coven_address *network, uint64_t hash)
{
	struct table_node *node = table_find(&s->table, hash, same_source, network);

	return node ? CONTAINER(node, struct source, node) : NULL;
}

static struct source *
add(struct sources *s, const struct coven_address *network, uint64_t hash)
{
	struct source *source = calloc(1, sizeof *source);

	if (source) {
		source->address = *network;
		table_insert(&s->table, &source->node, hash);
	}
	return source;
}

int
sources_enter(struct sources *s, const struct coven_address *a, uint32_t max)
{
	struct coven_address network = network_of(a);
	uint64_t hash = keyed_hash(&s->key, &network, sizeof network);
	struct source *source;
	int rc = -1;

	pthread_mutex_lock(&s->lock);
	source = find(s, &network, hash);
	if (!source)
		source = add(s, &network, hash);
	if (source && source->count < max) {
		source->count++;
		rc = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void
sources_leave(struct sources *s, const struct coven_address *a)
{
	struct coven_address network = network_of(a);
	uint64_t hash = keyed_hash(&s->key, &network, sizeof network);
	struct source *source;

	pthread_mutex_lock(&s->lock);
	source = find(s, &network, hash);
	assert(source && source->count);
	if (--source->count == 0) {
		table_remove(&s->table, &source->node);
		free(source);
	}
	pthread_mutex_unlock(&s->lock);
}
