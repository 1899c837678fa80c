/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table with its links inside the members that grows a few buckets at a time. */
#include "base/table.h"

#include <assert.h>
#include <stdlib.h>

#define TABLE_STEP 4 /* old buckets moved over with each insertion */

int
table_init(struct table *t, size_t buckets)
{
	assert(buckets && !(buckets & (buckets - 1)));
	*t = (struct table){.mask = buckets - 1};
	t->buckets = calloc(buckets, sizeof *t->buckets);
	return t->buckets ? 0 : -1;
}

void
table_done(struct table *t)
{
	free(t->buckets);
	free(t->old);
	*t = (struct table){.buckets = NULL};
}

static void
push(struct table *t, struct table_node *node)
{
	struct table_node **bucket = &t->buckets[node->hash & t->mask];

	node->next = *bucket;
	*bucket = node;
}

static void
move_some(struct table *t)
{
	for (unsigned step = 0; step < TABLE_STEP && t->moved <= t->old_mask; step++) {
		struct table_node *node = t->old[t->moved++];

		while (node) {
			struct table_node *next = node->next;

			push(t, node);
			node = next;
		}
	}
	if (t->moved > t->old_mask) {
		free(t->old);
		t->old = NULL;
	}
}

static void
grow(struct table *t)
{
	size_t buckets = (t->mask + 1) * 2;
	struct table_node **fresh = calloc(buckets, sizeof *fresh);

	if (!fresh)
		return;
	t->old = t->buckets;
	t->old_mask = t->mask;
	t->moved = 0;
	t->buckets = fresh;
	t->mask = buckets - 1;
}

void
table_insert(struct table *t, struct table_node *node, uint64_t hash)
{
	assert(!node->in);
	if (t->old)
		move_some(t);
	else if (t->count > t->mask)
		grow(t);
	node->hash = hash;
	node->in = true;
	push(t, node);
	t->count++;
}

static bool
unlink_from(struct table_node **bucket, struct table_node *node)
{
	for (; *bucket; bucket = &(*bucket)->next)
		if (*bucket == node) {
			*bucket = node->next;
			return true;
		}
	return false;
}

void
table_remove(struct table *t, struct table_node *node)
{
	bool found;

	if (!node->in)
		return;
	found = unlink_from(&t->buckets[node->hash & t->mask], node);
	if (!found && t->old)
		found = unlink_from(&t->old[node->hash & t->old_mask], node);
	assert(found);
	node->in = false;
	node->next = NULL;
	t->count--;
}

static struct table_node *
search(struct table_node *node, uint64_t hash, table_same_fn *same, const void *key)
{
	for (; node; node = node->next)
		if (node->hash == hash && same(node, key))
			return node;
	return NULL;
}

/* Buckets that have been moved keep stale heads, so they are not looked at. */
struct table_node *
table_find(const struct table *t, uint64_t hash, table_same_fn *same, const void *key)
{
	struct table_node *node = search(t->buckets[hash & t->mask], hash, same, key);

	if (!node && t->old && (hash & t->old_mask) >= t->moved)
		node = search(t->old[hash & t->old_mask], hash, same, key);
	return node;
}

static void
each_in(struct table_node *node, void (*fn)(struct table_node *node, void *arg),
	void *arg)
{
	while (node) {
		struct table_node *next = node->next;

		fn(node, arg);
		node = next;
	}
}

void
table_each(struct table *t, void (*fn)(struct table_node *node, void *arg), void *arg)
{
	if (t->old)
		for (size_t i = t->moved; i <= t->old_mask; i++)
			each_in(t->old[i], fn, arg);
	for (size_t i = 0; i <= t->mask; i++)
		each_in(t->buckets[i], fn, arg);
}
