/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shard: a part of the book.  All but open and close is called under its lock. */
#ifndef STORE_SHARD_H
#define STORE_SHARD_H

#include "entry.h"

#include <pthread.h>

struct shard {
	pthread_mutex_t lock;
	struct entry **buckets;
	unsigned bits;
	size_t entries, bindings;
	struct due due;
};

int shard_open(struct shard *s); /* -1: no memory */
void shard_close(struct shard *s);
struct entry *shard_find(const struct shard *s, struct coven_slice aor, uint64_t hash);
/* An empty entry for an AoR that has none; NULL: no memory. */
struct entry *shard_add(struct shard *s, struct coven_slice aor, uint64_t hash);
void shard_remove(struct shard *s, struct entry *e); /* freed, too */
/* The next one by hash, then by AoR; NULL: that was the last. */
struct entry *shard_after(const struct shard *s, uint64_t hash, struct coven_slice aor);

#endif
