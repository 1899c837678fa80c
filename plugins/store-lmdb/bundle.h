/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bundle: changes that go to the disk together, in order, and what has become of them.
 * Filled by workers under the writer's lock; counted: whoever waits for it holds it. */
#ifndef STORE_LMDB_BUNDLE_H
#define STORE_LMDB_BUNDLE_H

#include "note.h"

#include <stdatomic.h>

#define BUNDLE_MAX (8 << 20) /* bytes that may wait for the disk */
#define BUNDLE_KEPT (256 << 10) /* room that is kept for the next one */
#define BUNDLE_SEATS 256
#define BUNDLE_WAITS -1 /* no result yet */

struct bundle {
	_Atomic unsigned references;
	_Atomic int result; /* an enum coven_store_result, or BUNDLE_WAITS */
	uint64_t seats[BUNDLE_SEATS / 64]; /* whose answers wait for it */
	size_t items, used, room;
	char *bytes;
};

struct bundle *bundle_new(void); /* one reference; NULL: no memory */
struct bundle *bundle_share(struct bundle *b);
void bundle_done(struct bundle *b);

/* Room for a value of this length, to be written at once; NULL: too much is waiting, or no
 * memory.  length 0: the key is to go. */
char *bundle_add(struct bundle *b, struct coven_slice key, size_t length);
/* Goes through it; cursor begins with 0.  value.at NULL: the key is to go. */
struct bundle_item {
	struct coven_slice key;
	char *value;
	size_t length;
};
bool bundle_next(const struct bundle *b, size_t *cursor, struct bundle_item *item);
void bundle_reset(struct bundle *b); /* empty again, its room kept */

#endif
