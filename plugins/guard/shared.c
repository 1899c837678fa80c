/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, made once, and each worker's part. */
#include "shared.h"
#include "desk.h"

#include <stdlib.h>

static void
tables_drop(struct tables *t)
{
	if (!t || atomic_fetch_sub(&t->uses, 1) != 1)
		return;
	meter_free(t->sources);
	meter_free(t->prefixes);
	known_free(t->known);
	bans_free(t->bans);
	free(t);
}

static struct tables *
tables_new(void)
{
	struct tables *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	atomic_init(&t->uses, 1);
	coven_random(&t->key, sizeof t->key);
	t->sources = meter_new(SHARED_SOURCE_BITS);
	t->prefixes = meter_new(SHARED_PREFIX_BITS);
	t->known = known_new();
	t->bans = bans_new();
	if (t->sources && t->prefixes && t->known && t->bans)
		return t;
	tables_drop(t);
	return NULL;
}

/* Those of the use that this one replaces, or new ones. */
static struct tables *
tables_get(const struct coven_instance *in)
{
	const struct shared *before = coven_before(in);

	if (!before)
		return tables_new();
	atomic_fetch_add(&before->tables->uses, 1);
	return before->tables;
}

static void
shared_free(struct shared *all)
{
	rule_close(&all->rule);
	tables_drop(all->tables);
	free(all);
}

int
shared_open(struct coven_instance *in)
{
	struct shared *all = calloc(1, sizeof *all);

	if (!all)
		return -1;
	if (rule_open(&all->rule, in) != 0 || !(all->tables = tables_get(in))) {
		shared_free(all);
		return -1;
	}
	coven_set_shared(in, all);
	return 0;
}

void
shared_close(struct coven_instance *in)
{
	struct shared *all = coven_shared(in);

	if (all)
		shared_free(all);
}

enum coven_verdict
shared_start(struct coven_instance *in)
{
	const struct rule_options *o = coven_options(in);
	struct worker *self = calloc(1, sizeof *self);
	int64_t part;

	if (!self)
		return COVEN_FAIL;
	part = (o->total_rate + coven_workers(in) - 1) / coven_workers(in);
	self->total = allowance_of(part, part);
	self->desk = desk_new();
	if (!self->desk) {
		free(self);
		return COVEN_FAIL;
	}
	coven_set_self(in, self);
	return COVEN_DONE;
}

void
shared_stop(struct coven_instance *in)
{
	struct worker *self = coven_self(in);

	if (!self)
		return;
	coven_set_self(in, NULL);
	desk_free(self->desk);
	free(self);
}

bool
shared_may_log(struct coven_instance *in, enum bans_cause cause)
{
	const struct shared *all = coven_shared(in);
	struct lines *lines = &all->tables->lines[cause];
	int64_t second = coven_now_ms(in) / 1000;

	if (atomic_exchange(&lines->second, second) != second)
		atomic_store(&lines->count, 0);
	return atomic_fetch_add(&lines->count, 1) < SHARED_LINES;
}
