/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keeper: who is told of each change, so that it can be written down elsewhere.  It is
 * called under the lock of what is about to change, so changes of one thing are told in
 * the order in which they happen; and it may refuse. */
#ifndef STORE_KEEPER_H
#define STORE_KEEPER_H

#include "binding.h"

struct keeper {
	/* The AoR is about to have these bindings (count 0: none).  COVEN_STORE_OK, or a
	 * result that becomes the answer, and nothing changes. */
	int (*aor)(struct keeper *k, struct binding_clock clock, struct coven_slice aor,
		   uint64_t version, struct binding *const *list, size_t count);
	/* The record is about to be written (value NULL: removed).  As above. */
	int (*row)(struct keeper *k, struct coven_slice table,
		   const struct coven_record *record);
};

#endif
