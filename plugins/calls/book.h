/* SPDX-License-Identifier: GPL-3.0-or-later */
/* book: the calls that one worker follows, found by Call-ID, and ended in time. */
#ifndef CALLS_BOOK_H
#define CALLS_BOOK_H

#include <coven/types.h>

#define BOOK_TEXT_MAX 255 /* bytes of each text; a longer Call-ID is not followed, other texts are cut */

struct call {
	struct call *next;        /* in its bucket */
	uint64_t hash;
	size_t at;                /* in the heap */
	int64_t due, begun;       /* monotonic ms */
	uint32_t tags[2];         /* hashes: who called, who answered */
	uint8_t call_id_length, caller_length, callee_length;
	char text[];              /* one behind the other */
};

struct book;

struct book *book_new(size_t most); /* NULL: no memory */
void book_free(struct book *b);
size_t book_count(const struct book *b);
uint32_t book_hash(const struct book *b, struct coven_slice text); /* for tags; never the same as that of another */

struct call *book_find(struct book *b, struct coven_slice call_id);
/* NULL: the book is full, or the Call-ID too long. */
struct call *book_add(struct book *b, struct coven_slice call_id, struct coven_slice caller,
                      struct coven_slice callee);
void book_remove(struct book *b, struct call *c); /* and frees it */
void book_set_due(struct book *b, struct call *c, int64_t due); /* also for a new one */
struct call *book_first(struct book *b); /* the one due first, or NULL */

struct coven_slice call_id(const struct call *c);
struct coven_slice call_caller(const struct call *c);
struct coven_slice call_callee(const struct call *c);

/* Walking in steps, between which anything may change: the calls of bucket `at`, chained; NULL with at >= the
 * number of buckets: the end. */
size_t book_buckets(const struct book *b);
const struct call *book_bucket(const struct book *b, size_t at);

#endif
