/* SPDX-License-Identifier: GPL-3.0-or-later */
/* desk: what every store does for a worker: asks the book and the shelf, and tells others
 * what has changed.  When the answer leaves is the plugin's affair. */
#ifndef STORE_DESK_H
#define STORE_DESK_H

#include "book.h"
#include "shelf.h"

#include <stdatomic.h>

#define DESK_PAGE_MAX 1000 /* AoRs or records in one answer */

/* Counted: after a reload the old use and the new one share it. */
struct stock {
	struct book *book;
	struct shelf *shelf;
	_Atomic unsigned references;
};

struct stock *stock_new(size_t bytes_max); /* one reference; NULL: no memory */
struct stock *stock_share(struct stock *s);
void stock_done(struct stock *s);

struct binding_clock desk_clock(const struct coven_instance *in);
/* An AoR has `count` bindings now; cause NULL: some have ended. */
void desk_tell(struct coven_instance *in, struct coven_slice aor, size_t count,
	       const struct coven_binding *cause);

/* Questions are answered at once, whatever the store. */
void desk_find(struct coven_instance *in, struct stock *s, struct copy *copy,
	       coven_call call, struct coven_slice aor);
void desk_scan(struct coven_instance *in, struct stock *s, struct copy *copy,
	       coven_call call, struct coven_slice cursor, size_t at_most);
void desk_get(struct coven_instance *in, struct stock *s, struct copy *copy,
	      coven_call call, struct coven_slice table, struct coven_slice key);
void desk_range(struct coven_instance *in, struct stock *s, struct copy *copy,
		coven_call call, struct coven_slice table, struct coven_slice prefix,
		struct coven_slice cursor, size_t at_most);
/* What has ended goes, and others are told. */
void desk_expire(struct coven_instance *in, struct stock *s, struct keeper *keep);

#endif
