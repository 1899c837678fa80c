/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_store: the functions of coven/store.h. */
#include "host/service_store.h"
#include <string.h>

#define CHANGES_MAX 256

static const struct coven_bindings no_bindings = { .size = sizeof no_bindings, .stride = sizeof(struct coven_binding) };
const struct coven_records store_no_records = { .size = sizeof store_no_records, .stride = sizeof(struct coven_record) };

struct call *
store_begin(struct coven_instance *in, uint64_t tag, struct store_args **args)
{
	struct call *c = call_new(in, "store", COVEN_STORE_VERSION, tag, sizeof **args);

	*args = c ? c->args : NULL;
	return c;
}

static void
down(struct call *c)
{
	struct store_args *a = c->args;

	if (a->done)
		a->done(c->caller, c->tag, COVEN_STORE_DOWN, &no_bindings);
	else if (a->scanned)
		a->scanned(c->caller, c->tag, COVEN_STORE_DOWN, NULL, 0, (struct coven_slice){ NULL, 0 });
	else
		a->read(c->caller, c->tag, COVEN_STORE_DOWN, &store_no_records);
}

void
store_start(struct call *c, bool whole, void (*make)(struct call *c))
{
	if (!whole)
		c->provider = NULL;
	call_start(c, make, down);
}

static void
make_update(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	ops->update(c->provider, c->name, a->aor, a->changes, a->count, &a->limits);
}

static void
make_find(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	ops->find(c->provider, c->name, a->aor);
}

static void
make_scan(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	ops->scan(c->provider, c->name, a->cursor, a->at_most);
}

/* Texts of a binding into the call's memory. */
static int
copy_texts(struct arena *arena, struct coven_binding *b)
{
	struct coven_slice *texts[] = { &b->contact, &b->path, &b->instance, &b->call_id, &b->user_agent, &b->words };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!texts[i]->at)
			continue;
		*texts[i] = arena_dup(arena, *texts[i]);
		if (!texts[i]->at)
			return -1;
	}
	return 0;
}

static int
copy_changes(struct call *c, struct store_args *a, const struct coven_change *changes, size_t count)
{
	a->changes = arena_zero(c->arena, count * sizeof *a->changes + 1);
	if (!a->changes || count > CHANGES_MAX)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct coven_binding *b = arena_zero(c->arena, sizeof *b);
		const struct coven_binding *from = changes[i].binding;
		if (!b)
			return -1;
		memcpy(b, from, from->size < sizeof *b ? from->size : sizeof *b);
		b->size = sizeof *b;
		if (copy_texts(c->arena, b) != 0)
			return -1;
		a->changes[i] = (struct coven_change){ changes[i].kind, b };
	}
	a->count = count;
	return 0;
}

void
coven_store_update(struct coven_instance *in, struct coven_slice aor, const struct coven_change *changes,
                   size_t count, const struct coven_limits *limits, coven_bindings_fn *done, uint64_t tag)
{
	struct store_args *a;
	struct call *c = store_begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_STORE_DOWN, &no_bindings);
		return;
	}
	a->done = done;
	a->aor = arena_dup(c->arena, aor);
	memcpy(&a->limits, limits, limits->size < sizeof a->limits ? limits->size : sizeof a->limits);
	a->limits.size = sizeof a->limits;
	store_start(c, copy_changes(c, a, changes, count) == 0, make_update);
}

void
coven_store_find(struct coven_instance *in, struct coven_slice aor, coven_bindings_fn *done, uint64_t tag)
{
	struct store_args *a;
	struct call *c = store_begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_STORE_DOWN, &no_bindings);
		return;
	}
	a->done = done;
	a->aor = arena_dup(c->arena, aor);
	store_start(c, a->aor.at != NULL, make_find);
}

void
coven_store_scan(struct coven_instance *in, struct coven_slice cursor, size_t at_most, coven_scan_fn *done,
                 uint64_t tag)
{
	struct store_args *a;
	struct call *c = store_begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_STORE_DOWN, NULL, 0, (struct coven_slice){ NULL, 0 });
		return;
	}
	a->scanned = done;
	a->at_most = at_most;
	a->cursor = arena_dup(c->arena, cursor);
	store_start(c, true, make_scan);
}

void
coven_store_answer(struct coven_instance *in, coven_call call, int result, const struct coven_bindings *list)
{
	struct call *c = call_take(in, call);
	struct store_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->done)
		a->done(c->caller, c->tag, result, list ? list : &no_bindings);
	call_free(c);
}

void
coven_store_answer_scan(struct coven_instance *in, coven_call call, int result,
                        const struct coven_bindings *lists, size_t count, struct coven_slice cursor)
{
	struct call *c = call_take(in, call);
	struct store_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->scanned)
		a->scanned(c->caller, c->tag, result, lists, count, cursor);
	call_free(c);
}
