/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A skip list. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

struct ledger *
ledger_new(struct coven_slice name, uint64_t dice)
{
	struct ledger *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->dice = dice | 1;
	l->name_length = name.length;
	memcpy(l->name, name.at, name.length);
	return l;
}

void
ledger_free(struct ledger *l)
{
	for (struct row *r = l->first[0], *next; r; r = next) {
		next = r->next[0];
		row_free(r);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* Where each level's link stands that leads to the first row not before the key. */
static struct row *
seek(struct ledger *l, struct coven_slice key, struct row **links[ROW_LEVELS])
{
	struct row **next = l->first;

	for (size_t level = ROW_LEVELS; level-- > 0;) {
		while (next[level] && row_order(next[level], key) < 0)
			next = next[level]->next;
		if (links)
			links[level] = &next[level];
	}
	return next[0];
}

struct row *
ledger_from(struct ledger *l, struct coven_slice key)
{
	return seek(l, key, NULL);
}

struct row *
ledger_find(struct ledger *l, struct coven_slice key)
{
	struct row *r = seek(l, key, NULL);

	return r && row_order(r, key) == 0 ? r : NULL;
}

/* One in four rows stands a level higher. */
static unsigned
throw(struct ledger *l)
{
	unsigned levels = 1;
	uint64_t bits;

	l->dice ^= l->dice << 13;
	l->dice ^= l->dice >> 7;
	l->dice ^= l->dice << 17;
	for (bits = l->dice >> 8; levels < ROW_LEVELS && (bits & 3) == 0; bits >>= 2)
		levels++;
	return levels;
}

struct row *
ledger_add(struct ledger *l, struct coven_slice key)
{
	struct row **links[ROW_LEVELS];
	struct row *r = row_new(key, throw(l));

	if (!r)
		return NULL;
	seek(l, key, links);
	for (size_t i = 0; i < r->levels; i++) {
		r->next[i] = *links[i];
		*links[i] = r;
	}
	l->rows++;
	return r;
}

void
ledger_remove(struct ledger *l, struct row *r)
{
	struct row **links[ROW_LEVELS];

	seek(l, row_key(r), links);
	for (size_t i = 0; i < r->levels; i++)
		*links[i] = r->next[i];
	l->rows--;
	row_free(r);
}

void
ledger_due(struct ledger *l, struct row *r, int64_t until_ms)
{
	due_remove(&r->due);
	r->until_ms = until_ms;
	if (until_ms != ROW_NEVER)
		due_add(&l->due, &r->due, until_ms);
}
