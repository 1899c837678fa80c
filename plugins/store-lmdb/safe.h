/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safe: the shared part: what is in memory, the file, and the writer between them.  LMDB
 * must not be opened twice in a process: after a reload the old use and the new one have
 * one safe between them. */
#ifndef STORE_LMDB_SAFE_H
#define STORE_LMDB_SAFE_H

#include "writer.h"

struct options {
	struct coven_slice folder;
	int64_t durability, on_full, map_max, memory;
};

enum { DURABILITY_COMMIT, DURABILITY_RELAXED };
enum { ON_FULL_REFUSE, ON_FULL_MEMORY };

struct safe {
	struct stock *stock;
	struct writer *writer;
};

/* NULL: said in one line. */
struct safe *safe_open(struct coven_instance *in);
void safe_done(struct safe *s);
/* By the first worker that starts, before there is a request: ends find their clock, the
 * thread begins, and it is said what came back. */
int safe_start(struct safe *s, struct coven_instance *in);

#endif
