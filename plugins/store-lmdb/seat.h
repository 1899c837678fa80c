/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seat: where a worker waits for the disk: how the writer reaches it. */
#ifndef STORE_LMDB_SEAT_H
#define STORE_LMDB_SEAT_H

#include <coven/plugin.h>

#include <stdatomic.h>

struct seat {
	unsigned number; /* among the writer's */
	struct coven_instance *in;
	struct coven_mailbox *box;
	coven_fn *wake; /* on that worker: some bundles have a result now */
	_Atomic bool called; /* a letter is on its way */
};

#endif
