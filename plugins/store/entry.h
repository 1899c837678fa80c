/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entry: an AoR and its bindings; and the draft in which an update is tried before it
 * counts. */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include "binding.h"

#define ENTRY_BINDINGS_MAX 256 /* where the caller sets no limit */

struct entry {
	struct entry *next; /* in its bucket, by rising hash, then by AoR */
	uint64_t hash, version;
	struct binding **bindings; /* in the order in which they came */
	size_t count, aor_length;
	char aor[];
};

struct entry *entry_new(struct coven_slice aor, uint64_t hash); /* NULL: no memory */
/* Bindings go too; they leave their buckets. */
void entry_free(struct entry *e);
struct coven_slice entry_aor(const struct entry *e);
/* Removes what has ended.  How many went. */
size_t entry_sweep(struct entry *e, int64_t now_ms);
/* As an answer shows it: what has ended is left out.  -1: no memory. */
int entry_show(const struct entry *e, struct binding_clock clock, struct copy *copy,
	       struct coven_bindings *shown);

struct draft {
	struct entry *from; /* NULL: the AoR is new */
	struct binding **list;
	size_t count, live; /* live: as many had not ended before the update */
	struct binding_clock clock;
};

/* Fills a draft with what `e` has now and makes all changes in it.  COVEN_STORE_OK,
 * _STALE, _FULL, or _DOWN (no memory); if it is not OK the draft is already gone. */
int draft_make(struct draft *d, struct entry *e, struct binding_clock clock,
	       const struct coven_change *changes, size_t count,
	       const struct coven_limits *limits);
/* The draft becomes what `e` has; bindings that are new are due in `due`. */
void draft_keep(struct draft *d, struct entry *e, struct due *due);
void draft_drop(struct draft *d);

#endif
