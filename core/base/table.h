/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table: a hash table with its links inside the members.  It grows a few buckets at a time with each
 * insertion, so no single call ever pays for the whole; the hash is the caller's (see keyed.h). */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_node {
	struct table_node *next;
	uint64_t hash;
	bool in; /* is a member now */
};

struct table {
	struct table_node **buckets, **old; /* old: being moved over, NULL when at rest */
	size_t mask, old_mask, moved, count;
};

typedef bool table_same_fn(const struct table_node *node, const void *key);

int table_init(struct table *t, size_t buckets); /* a power of two; -1: no memory */
void table_done(struct table *t);                /* frees the buckets, not the members */
/* Always succeeds: when there is no memory to grow, chains get longer. */
void table_insert(struct table *t, struct table_node *node, uint64_t hash);
void table_remove(struct table *t, struct table_node *node); /* harmless when not in */
struct table_node *table_find(const struct table *t, uint64_t hash, table_same_fn *same,
                              const void *key);
/* Calls fn for all; fn may remove the node at hand. */
void table_each(struct table *t, void (*fn)(struct table_node *node, void *arg), void *arg);

#endif
