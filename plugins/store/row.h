/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row: one record of a named table.  Its key never changes; its value is replaced whole. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "clock.h"
#include "copy.h"
#include "due.h"

#include <coven/store.h>

#define ROW_LEVELS 20 /* of the skip list it stands in */
#define ROW_NEVER INT64_MAX

struct row {
	struct due_link due; /* first: a due_link is a row */
	uint64_t version;
	int64_t until_ms; /* ROW_NEVER, or by the clock that never jumps */
	char *value;
	uint32_t value_length;
	uint16_t key_length;
	uint8_t levels;
	struct row *next[]; /* as many as levels; the key lies behind them */
};

/* Without a value yet; NULL: no memory. */
struct row *row_new(struct coven_slice key, unsigned levels);
void row_free(struct row *r);
struct coven_slice row_key(const struct row *r);
/* As memcmp, the shorter one first. */
int row_order(const struct row *r, struct coven_slice key);
bool row_ended(const struct row *r, struct binding_clock clock);
size_t row_size(const struct row *r); /* bytes of memory it takes, about */
/* As an answer shows it, texts copied.  -1: no memory. */
int row_show(const struct row *r, struct binding_clock clock, struct copy *copy,
	     struct coven_record *shown);

#endif
