/* SPDX-License-Identifier: GPL-3.0-or-later */
/* book: all AoRs with their bindings, for all workers.  It is cut into shards, each with
 * its own lock, table and ends; a lock is held for one AoR, or for one second of one
 * shard's ends. */
#ifndef STORE_BOOK_H
#define STORE_BOOK_H

#include "entry.h"
#include "keeper.h"

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

/* Each gives an enum coven_store_result; what they show is in `copy`.  An update without
 * changes is a question.  keep NULL: memory is all there is. */
int book_update(struct book *b, struct keeper *keep, struct binding_clock clock,
		struct coven_slice aor, const struct coven_change *changes, size_t count,
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

/* Removes what has ended; one notice an AoR.  What `keep` says is not asked for. */
void book_expire(struct book *b, struct keeper *keep, struct binding_clock clock,
		 book_notice_fn *notice, void *arg);

/* What was kept comes back: the AoR has these and no others, whatever it had.  What has
 * ended by the wall clock is left out.  Versions go on behind the highest that came back.
 * -1: no memory, and the AoR has none. */
int book_restore(struct book *b, struct binding_clock clock,
		 const struct coven_bindings *list);
/* All AoRs, shard by shard, under each one's lock. */
typedef void book_walk_fn(void *arg, const struct entry *e);
void book_walk(struct book *b, unsigned shard, book_walk_fn *fn, void *arg);
/* Under the lock of its shard; NULL: it has no bindings. */
void book_look(struct book *b, struct coven_slice aor, book_walk_fn *fn, void *arg);
/* Ends move by so much: they came back before there was a clock. */
void book_shift(struct book *b, int64_t ms);
uint64_t book_version(struct book *b); /* the highest given */
void book_raise(struct book *b, uint64_t version);

struct book_size {
	size_t aors, bindings;
};
struct book_size book_count(struct book *b);

#endif
