/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_table: the named tables of coven/store.h.  What a caller passes in is checked here, once for all providers. */
#include "host/service_store.h"
#include <string.h>

static bool
name_good(const char *table)
{
	size_t n = strspn(table, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n > 0 && n <= COVEN_TABLE_NAME_MAX && table[n] == '\0';
}

static bool
key_good(struct coven_slice key)
{
	return key.length > 0 && key.length <= COVEN_TABLE_KEY_MAX;
}

/* Copied; an empty one stays empty. */
static bool
keep(struct call *c, struct coven_slice *to, struct coven_slice from)
{
	*to = (struct coven_slice){ NULL, 0 };
	if (from.length == 0)
		return true;
	*to = arena_dup(c->arena, from);
	return to->at;
}

/* A call with its table and key; *whole: both could be taken. */
static struct call *
begin(struct coven_instance *in, const char *table, struct coven_slice key, coven_records_fn *done, uint64_t tag,
      struct store_args **args, bool *whole)
{
	struct call *c = store_begin(in, tag, args);

	if (!*args) {
		done(in, tag, COVEN_STORE_DOWN, &store_no_records);
		return NULL;
	}
	(*args)->read = done;
	*whole = name_good(table) && keep(c, &(*args)->table, (struct coven_slice){ table, strlen(table) }) &&
	         keep(c, &(*args)->key, key);
	if (!name_good(table))
		log_line(LOG_LEVEL_ERROR, in->plug->name, "asked for a table with a name that cannot be");
	return c;
}

/* -- on their way to the provider, which may be older than tables are */

static void
refused(struct call *c)
{
	coven_store_answer_records(c->provider, c->name, COVEN_STORE_DOWN, NULL);
}

static void
make_get(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	if (STORE_HAS(ops, get))
		ops->get(c->provider, c->name, a->table, a->key);
	else
		refused(c);
}

static void
make_put(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	if (STORE_HAS(ops, put))
		ops->put(c->provider, c->name, a->table, &a->record, a->expected);
	else
		refused(c);
}

static void
make_remove(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	if (STORE_HAS(ops, remove))
		ops->remove(c->provider, c->name, a->table, a->key, a->expected);
	else
		refused(c);
}

static void
make_range(struct call *c)
{
	const struct coven_store *ops = c->ops;
	struct store_args *a = c->args;

	if (STORE_HAS(ops, range))
		ops->range(c->provider, c->name, a->table, a->key, a->cursor, a->at_most);
	else
		refused(c);
}

/* -- callers */

void
coven_table_get(struct coven_instance *in, const char *table, struct coven_slice key, coven_records_fn *done,
                uint64_t tag)
{
	struct store_args *a;
	bool whole;
	struct call *c = begin(in, table, key, done, tag, &a, &whole);

	if (c)
		store_start(c, whole && key_good(key), make_get);
}

void
coven_table_put(struct coven_instance *in, const char *table, const struct coven_record *record, uint64_t expected,
                coven_records_fn *done, uint64_t tag)
{
	struct store_args *a;
	bool whole;
	struct call *c = begin(in, table, record->key, done, tag, &a, &whole);

	if (!c)
		return;
	a->expected = expected;
	memcpy(&a->record, record, record->size < sizeof a->record ? record->size : sizeof a->record);
	a->record.size = sizeof a->record;
	a->record.key = a->key;
	whole = whole && key_good(record->key) && record->value.length <= COVEN_TABLE_VALUE_MAX &&
	        keep(c, &a->record.value, record->value);
	store_start(c, whole, make_put);
}

void
coven_table_remove(struct coven_instance *in, const char *table, struct coven_slice key, uint64_t expected,
                   coven_records_fn *done, uint64_t tag)
{
	struct store_args *a;
	bool whole;
	struct call *c = begin(in, table, key, done, tag, &a, &whole);

	if (!c)
		return;
	a->expected = expected;
	store_start(c, whole && key_good(key), make_remove);
}

void
coven_table_range(struct coven_instance *in, const char *table, struct coven_slice prefix, struct coven_slice cursor,
                  size_t at_most, coven_records_fn *done, uint64_t tag)
{
	struct store_args *a;
	bool whole;
	struct call *c = begin(in, table, prefix, done, tag, &a, &whole);

	if (!c)
		return;
	a->at_most = at_most;
	whole = whole && prefix.length <= COVEN_TABLE_KEY_MAX && keep(c, &a->cursor, cursor);
	store_start(c, whole, make_range);
}

/* -- providers */

void
coven_store_answer_records(struct coven_instance *in, coven_call call, int result, const struct coven_records *records)
{
	struct call *c = call_take(in, call);
	struct store_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->read)
		a->read(c->caller, c->tag, result, records ? records : &store_no_records);
	call_free(c);
}
