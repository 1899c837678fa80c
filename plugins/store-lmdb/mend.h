/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mend: memory made like the disk, or the disk like memory. */
#ifndef STORE_LMDB_MEND_H
#define STORE_LMDB_MEND_H

#include "disk.h"

#include "store/desk.h"

struct mend {
	struct disk *disk;
	struct stock *stock;
	struct binding_clock clock;
};

struct mend_sum {
	size_t users, bindings, records;
	uint64_t versions;
};

/* All that is on the disk comes into empty memory; ends by the wall clock, until
 * book_shift() and shelf_shift() bring them to the other.  0, or what disk_error()
 * explains. */
int mend_load(struct disk *disk, struct stock *stock, struct mend_sum *sum);
/* What these changes did to memory is undone: what the disk has counts. */
void mend_undo(const struct mend *m, const struct bundle *b);
/* The disk gets what memory has, and loses what it has not.  0, or what disk_error()
 * explains: then some of it is still to do. */
int mend_disk(const struct mend *m);

/* The notes of an AoR and of a row as memory has them.  -1: no room. */
int mend_put_aor(struct bundle *b, struct binding_clock clock, struct coven_slice aor,
		 uint64_t version, struct binding *const *list, size_t count);
int mend_put_record(struct bundle *b, struct coven_slice table,
		    const struct coven_record *record);

#endif
