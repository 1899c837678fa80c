/* SPDX-License-Identifier: GPL-3.0-or-later */
/* book: all AoRs with their bindings, for all workers.  It is cut into shards, each with
 * its own lock, table and ends; a lock is held for one AoR, or for one second of one
 * shard's ends. */
#ifndef STORE_MEMORY_BOOK_H
#define STORE_MEMORY_BOOK_H

#include "entry.h"

#define BOOK_SHARD_BITS 6
#define BOOK_SHARDS (1 << BOOK_SHARD_BITS)
#define BOOK_FIRST_BITS 4 /* buckets of a new shard, as a power of two */
#define BOOK_LAST_BITS 24
#define BOOK_CURSOR_HEX 16 /* a cursor: the hash in hex, then the AoR */

struct book;
/* Called under the shard's lock: aor has `count` bindings now. */
typedef void book_notice_fn(void *arg, struct coven_slice aor, size_t count);

struct book *book_new(const uint64_t seed[2]); /* NULL: no memory */
void book_free(struct book *b);

/* Each gives an enum coven_store_result; what they show is in `copy`. */
int book_update(struct book *b, struct binding_clock clock, struct coven_slice aor,
		const struct coven_change *changes, size_t count,
		const struct coven_limits *limits, struct copy *copy,
		struct coven_bindings *shown);
int book_find(struct book *b, struct binding_clock clock, struct coven_slice aor,
	      struct copy *copy, struct coven_bindings *shown);

struct book_page {
	struct coven_bindings *lists;
	size_t count;
	struct coven_slice cursor;
};
/* AoRs in the order of their hashes, so that a cursor means the same after any change. */
int book_scan(struct book *b, struct binding_clock clock, struct coven_slice cursor,
	      size_t at_most, struct copy *copy, struct book_page *page);

/* Removes what has ended; one notice an AoR. */
void book_expire(struct book *b, int64_t now_ms, book_notice_fn *notice, void *arg);

struct book_size {
	size_t aors, bindings;
};
struct book_size book_count(struct book *b);

#endif
