/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writer: the thread that brings changes to the disk, all that have come meanwhile in one
 * go.  While the disk takes nothing it tries again each second, and changes are refused,
 * or taken for what memory can promise. */
#ifndef STORE_LMDB_WRITER_H
#define STORE_LMDB_WRITER_H

#include "disk.h"
#include "seat.h"

#include "store/desk.h"

struct writer_wish {
	bool relaxed;   /* changes are answered at once and synced each second */
	bool in_memory; /* disk full: memory is enough */
};

struct writer;
/* Both stay the caller's.  NULL: no memory. */
struct writer *writer_new(struct disk *disk, struct stock *stock);
int writer_start(struct writer *w); /* its thread; harmless when it runs */
/* Writes what is left, ends the thread. */
void writer_free(struct writer *w);
/* Any thread, as the next three. */
void writer_wish(struct writer *w, struct writer_wish wish);
int writer_sit(struct writer *w, struct seat *seat); /* -1: no seat is left */
void writer_rise(struct writer *w, struct seat *seat);
void writer_clock(struct writer *w, struct binding_clock clock);

/* The file goes to another process: all that was acknowledged is in it, it is closed, and
 * changes are refused.  Not away: it is ours again.  -1: memory has what the disk has not. */
int writer_away(struct writer *w, bool away);

/* A keeper for one change on behalf of a seat; NULL: nobody waits.  If the change has to
 * wait for the disk, `bundle` is what it waits for, held for the caller. */
struct change {
	struct keeper keeper; /* first */
	struct writer *writer;
	struct seat *seat;
	struct bundle *bundle;
};
struct change writer_change(struct writer *w, struct seat *seat);

#endif
