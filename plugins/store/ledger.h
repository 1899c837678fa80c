/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger: one named table: its records in the order of their keys, each found, added and
 * removed in the logarithm of their number.  All but new and free is called under its
 * lock. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "row.h"

#include <pthread.h>

struct ledger {
	pthread_mutex_t lock;
	char name[COVEN_TABLE_NAME_MAX + 1];
	size_t name_length, rows;
	uint64_t dice; /* whose bits decide how high a row stands */
	struct row *first[ROW_LEVELS];
	struct due due;
};

/* `dice` is a secret: who knows it could make a list of one level.  NULL: no memory. */
struct ledger *ledger_new(struct coven_slice name, uint64_t dice);
void ledger_free(struct ledger *l);

struct row *ledger_find(struct ledger *l, struct coven_slice key);
/* The first one whose key is not before this one. */
struct row *ledger_from(struct ledger *l, struct coven_slice key);
/* An empty record for a key that has none; NULL: no memory. */
struct row *ledger_add(struct ledger *l, struct coven_slice key);
void ledger_remove(struct ledger *l, struct row *r); /* freed, too */
void ledger_due(struct ledger *l, struct row *r, int64_t until_ms);

#endif
