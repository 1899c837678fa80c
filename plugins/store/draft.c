/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An update is tried in a draft: either all of its changes are kept, or nothing has
 * happened. */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

/* A binding is of no entry until its draft is kept. */
static bool
is_new(const struct binding *b)
{
	return b->of == NULL;
}

static int
begin(struct draft *d, struct entry *e, struct binding_clock clock, size_t changes)
{
	size_t had = e ? e->count : 0;

	*d = (struct draft){ .from = e, .clock = clock };
	d->list = calloc(had + changes + 1, sizeof d->list[0]);
	if (!d->list)
		return -1;
	for (size_t i = 0; i < had; i++)
		if (e->bindings[i]->until_ms > clock.now_ms)
			d->list[d->count++] = e->bindings[i];
	d->live = d->count;
	return 0;
}

static void
remove_at(struct draft *d, size_t at)
{
	if (is_new(d->list[at]))
		free(d->list[at]);
	d->count--;
	memmove(&d->list[at], &d->list[at + 1], (d->count - at) * sizeof d->list[0]);
}

static size_t
find(const struct draft *d, const struct coven_binding *b)
{
	size_t at = 0;

	while (at < d->count && !binding_same(d->list[at], b))
		at++;
	return at;
}

/* What this very update has made is not stale for its later changes. */
static bool
refuses(const struct binding *b, const struct coven_binding *change)
{
	return !is_new(b) && binding_stale(b, change);
}

static int
unbind_all(struct draft *d, const struct coven_binding *by)
{
	for (size_t i = 0; i < d->count; i++)
		if (refuses(d->list[i], by))
			return COVEN_STORE_STALE;
	while (d->count)
		remove_at(d, d->count - 1);
	return COVEN_STORE_OK;
}

static int
bind(struct draft *d, const struct coven_binding *want, size_t at)
{
	struct binding *b = binding_new(want, d->clock);

	if (!b)
		return COVEN_STORE_DOWN;
	if (at == d->count)
		d->count++;
	else if (is_new(d->list[at]))
		free(d->list[at]);
	d->list[at] = b;
	return COVEN_STORE_OK;
}

static int
apply(struct draft *d, const struct coven_change *change)
{
	const struct coven_binding *b = change->binding;
	bool ended = change->kind == COVEN_UNBIND || b->expires_ms <= d->clock.wall_ms;
	size_t at;

	if (change->kind == COVEN_UNBIND_ALL)
		return unbind_all(d, b);
	if (change->kind != COVEN_BIND && change->kind != COVEN_UNBIND)
		return COVEN_STORE_DOWN;
	at = find(d, b);
	if (at < d->count && refuses(d->list[at], b))
		return COVEN_STORE_STALE;
	if (!ended)
		return bind(d, b, at);
	if (at < d->count)
		remove_at(d, at);
	return COVEN_STORE_OK;
}

/* The old binding that was refreshed longest ago; d->count: all are new. */
static size_t
oldest(const struct draft *d)
{
	size_t found = d->count;

	for (size_t i = 0; i < d->count; i++)
		if (!is_new(d->list[i]) &&
		    (found == d->count ||
		     d->list[i]->updated_ms < d->list[found]->updated_ms))
			found = i;
	return found;
}

static int
limit(struct draft *d, const struct coven_limits *limits)
{
	size_t most = limits && limits->bindings ? limits->bindings : ENTRY_BINDINGS_MAX;

	/* whoever has too many since the limit was lowered may still refresh them */
	if (d->count <= most || d->count <= d->live)
		return COVEN_STORE_OK;
	while (limits && limits->replace_oldest && d->count > most &&
	       oldest(d) < d->count)
		remove_at(d, oldest(d));
	return d->count <= most ? COVEN_STORE_OK : COVEN_STORE_FULL;
}

int
draft_make(struct draft *d, struct entry *e, struct binding_clock clock,
	   const struct coven_change *changes, size_t count,
	   const struct coven_limits *limits)
{
	int result = begin(d, e, clock, count) == 0 ? COVEN_STORE_OK : COVEN_STORE_DOWN;

	for (size_t i = 0; i < count && result == COVEN_STORE_OK; i++)
		result = apply(d, &changes[i]);
	if (result == COVEN_STORE_OK)
		result = limit(d, limits);
	if (result != COVEN_STORE_OK)
		draft_drop(d);
	return result;
}

void
draft_drop(struct draft *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (is_new(d->list[i]))
			free(d->list[i]);
	free(d->list);
	*d = (struct draft){ .count = 0 };
}

void
draft_keep(struct draft *d, struct entry *e, struct due *due)
{
	for (size_t i = 0; i < d->count; i++) {
		struct binding *b = d->list[i];

		b->kept = true;
		if (is_new(b)) {
			b->of = e;
			due_add(due, &b->due, b->until_ms);
		}
	}
	for (size_t i = 0; i < e->count; i++) {
		if (e->bindings[i]->kept)
			continue;
		due_remove(&e->bindings[i]->due);
		free(e->bindings[i]);
	}
	for (size_t i = 0; i < d->count; i++)
		d->list[i]->kept = false;
	free(e->bindings);
	e->bindings = d->list;
	e->count = d->count;
	*d = (struct draft){ .count = 0 };
}
