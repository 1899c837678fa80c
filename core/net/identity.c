/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts by slot: few connections have one. */
#include "net/identity.h"
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

#define IDENTITY_BUCKETS 16

struct identity {
	struct table_node node;
	uint32_t slot, generation;
	size_t length;
	char text[];
};

int
identities_init(struct identities *all)
{
	pthread_mutex_init(&all->lock, NULL);
	return table_init(&all->table, IDENTITY_BUCKETS);
}

static void
free_one(struct table_node *node, void *arg)
{
	table_remove(arg, node);
	free(CONTAINER(node, struct identity, node));
}

void
identities_done(struct identities *all)
{
	if (all->table.buckets) {
		table_each(&all->table, free_one, &all->table);
		table_done(&all->table);
	}
	pthread_mutex_destroy(&all->lock);
}

/* Slots are numbered by us, and nobody chooses them. */
static uint64_t
hash_of(uint32_t slot)
{
	return slot * UINT64_C(0x9e3779b97f4a7c15) >> 16;
}

static bool
same_slot(const struct table_node *node, const void *key)
{
	return CONTAINER(node, struct identity, node)->slot == *(const uint32_t *)key;
}

static struct table_node *
find(const struct identities *all, uint32_t slot)
{
	return table_find(&all->table, hash_of(slot), same_slot, &slot);
}

int
identity_set(struct identities *all, uint32_t slot, uint32_t generation, struct coven_slice text)
{
	struct identity *i = text.length ? malloc(sizeof *i + text.length) : NULL;
	struct table_node *old;

	if (text.length && !i)
		return -1;
	pthread_mutex_lock(&all->lock);
	old = find(all, slot);
	if (old)
		free_one(old, &all->table);
	if (i) {
		*i = (struct identity){ .slot = slot, .generation = generation, .length = text.length };
		memcpy(i->text, text.at, text.length);
		table_insert(&all->table, &i->node, hash_of(slot));
	}
	pthread_mutex_unlock(&all->lock);
	return 0;
}

size_t
identity_get(struct identities *all, uint32_t slot, uint32_t generation, char *room, size_t size)
{
	struct table_node *node;
	size_t length = 0;

	pthread_mutex_lock(&all->lock);
	node = find(all, slot);
	if (node) {
		const struct identity *i = CONTAINER(node, struct identity, node);

		if (i->generation == generation && i->length <= size) {
			length = i->length;
			memcpy(room, i->text, length);
		}
	}
	pthread_mutex_unlock(&all->lock);
	return length;
}
