/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shelf: the named tables, for all workers.  Each has a lock of its own, held for one
 * record, one page of a range, or one second's ends. */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

#include "keeper.h"
#include "ledger.h"

#define SHELF_TABLES_MAX 64
#define SHELF_PAGE_BYTES (1 << 20) /* values of one answer, about */

struct shelf;
struct shelf *shelf_new(uint64_t seed, size_t bytes_max); /* NULL: no memory */
void shelf_free(struct shelf *s);

/* Each gives an enum coven_store_result and what an answer shows, in `copy`.  keep NULL:
 * memory is all there is. */
int shelf_get(struct shelf *s, struct binding_clock clock, struct coven_slice table,
	      struct coven_slice key, struct copy *copy, struct coven_records *shown);
int shelf_put(struct shelf *s, struct keeper *keep, struct binding_clock clock,
	      struct coven_slice table, const struct coven_record *record,
	      uint64_t expected, struct copy *copy, struct coven_records *shown);
int shelf_remove(struct shelf *s, struct keeper *keep, struct binding_clock clock,
		 struct coven_slice table, struct coven_slice key, uint64_t expected,
		 struct copy *copy, struct coven_records *shown);
int shelf_range(struct shelf *s, struct binding_clock clock, struct coven_slice table,
		struct coven_slice prefix, struct coven_slice cursor, size_t at_most,
		struct copy *copy, struct coven_records *shown);
void shelf_expire(struct shelf *s, struct keeper *keep, struct binding_clock clock);

/* What was kept comes back (value NULL: it is gone), whatever there is now; one that has
 * ended by the wall clock is left out.  -1: no memory, or too many tables. */
int shelf_restore(struct shelf *s, struct binding_clock clock, struct coven_slice table,
		  const struct coven_record *record);
/* All records of the nth table, under its lock; false: there is no nth. */
typedef void shelf_walk_fn(void *arg, struct coven_slice table, const struct row *r);
bool shelf_walk(struct shelf *s, size_t nth, shelf_walk_fn *fn, void *arg);
/* Under the lock of its table; NULL: there is no such record. */
void shelf_look(struct shelf *s, struct coven_slice table, struct coven_slice key,
		shelf_walk_fn *fn, void *arg);
void shelf_shift(struct shelf *s, int64_t ms); /* as book_shift() */
uint64_t shelf_version(struct shelf *s);       /* the highest given */
void shelf_raise(struct shelf *s, uint64_t version);
void shelf_limit(struct shelf *s, size_t bytes_max);
size_t shelf_count(struct shelf *s); /* records of all tables */

#endif
