/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The named tables.  A table comes with its first record and stays. */
#include "shelf.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct shelf {
	uint64_t seed;
	_Atomic uint64_t version; /* the last given; whoever comes back goes on here */
	_Atomic size_t bytes, bytes_max;
	pthread_mutex_t lock; /* to add a table; they are never taken away */
	_Atomic size_t count;
	struct ledger *ledgers[SHELF_TABLES_MAX];
};

struct shelf *
shelf_new(uint64_t seed, size_t bytes_max)
{
	struct shelf *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->seed = seed;
	atomic_store(&s->bytes_max, bytes_max);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
shelf_free(struct shelf *s)
{
	for (size_t i = 0; i < s->count; i++)
		ledger_free(s->ledgers[i]);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct ledger *
find_ledger(struct shelf *s, struct coven_slice name)
{
	size_t count = atomic_load_explicit(&s->count, memory_order_acquire);

	for (size_t i = 0; i < count; i++)
		if (s->ledgers[i]->name_length == name.length &&
		    memcmp(s->ledgers[i]->name, name.at, name.length) == 0)
			return s->ledgers[i];
	return NULL;
}

/* NULL: there are too many, or no memory. */
static struct ledger *
make_ledger(struct shelf *s, struct coven_slice name)
{
	struct ledger *l;

	pthread_mutex_lock(&s->lock);
	l = find_ledger(s, name);
	if (!l && s->count < SHELF_TABLES_MAX && name.length <= COVEN_TABLE_NAME_MAX) {
		l = ledger_new(name, s->seed + s->count);
		if (l) {
			s->ledgers[s->count] = l;
			atomic_fetch_add_explicit(&s->count, 1, memory_order_release);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return l;
}

static struct ledger *
hold(struct shelf *s, struct coven_slice table)
{
	struct ledger *l = find_ledger(s, table);

	if (l)
		pthread_mutex_lock(&l->lock);
	return l;
}

static void
let_go(struct ledger *l)
{
	if (l)
		pthread_mutex_unlock(&l->lock);
}

static uint64_t
next_version(struct shelf *s)
{
	return atomic_fetch_add(&s->version, 1) + 1;
}

static void
show_nothing(struct coven_records *shown)
{
	*shown = (struct coven_records){ .size = sizeof *shown,
					 .stride = sizeof(struct coven_record) };
}

/* An ended record is none. */
static struct row *
find_live(struct ledger *l, struct binding_clock clock, struct coven_slice key)
{
	struct row *r = l ? ledger_find(l, key) : NULL;

	return r && !row_ended(r, clock) ? r : NULL;
}

static int
show_one(const struct row *r, struct binding_clock clock, struct copy *copy,
	 struct coven_records *shown)
{
	struct coven_record *one = copy_room(copy, sizeof *one);

	if (!one || row_show(r, clock, copy, one) != 0)
		return COVEN_STORE_DOWN;
	shown->first = one;
	shown->count = 1;
	return COVEN_STORE_OK;
}

int
shelf_get(struct shelf *s, struct binding_clock clock, struct coven_slice table,
	  struct coven_slice key, struct copy *copy, struct coven_records *shown)
{
	struct ledger *l = hold(s, table);
	struct row *r = find_live(l, clock, key);
	int result = COVEN_STORE_NONE;

	show_nothing(shown);
	if (r)
		result = show_one(r, clock, copy, shown);
	let_go(l);
	return result;
}

/* COVEN_STORE_OK: the record has the version that is expected. */
static int
check(const struct row *r, uint64_t expected, struct binding_clock clock,
      struct copy *copy, struct coven_records *shown)
{
	if (expected == COVEN_ANY_VERSION ||
	    expected == (r ? r->version : COVEN_NO_RECORD))
		return COVEN_STORE_OK;
	if (r && show_one(r, clock, copy, shown) != COVEN_STORE_OK)
		return COVEN_STORE_DOWN;
	return COVEN_STORE_CHANGED;
}

static int64_t
until(const struct coven_record *record, struct binding_clock clock)
{
	if (record->expires_ms == 0)
		return ROW_NEVER;
	return clock.now_ms + (record->expires_ms - clock.wall_ms);
}

static void
discard(struct shelf *s, struct ledger *l, struct row *r)
{
	atomic_fetch_sub(&s->bytes, row_size(r));
	ledger_remove(l, r);
}

/* A value of its own, never NULL for an empty one; NULL: no memory. */
static char *
duplicate(struct coven_slice value)
{
	char *own = malloc(value.length + 1);

	if (own && value.length)
		memcpy(own, value.at, value.length);
	return own;
}

/* The row of this key, empty if it is new; NULL: no memory. */
static struct row *
find_or_add(struct shelf *s, struct ledger *l, struct coven_slice key, bool *made)
{
	struct row *r = ledger_find(l, key);

	*made = !r;
	if (r)
		return r;
	r = ledger_add(l, key);
	if (r)
		atomic_fetch_add(&s->bytes, row_size(r));
	return r;
}

static void
install(struct shelf *s, struct ledger *l, struct binding_clock clock, struct row *r,
	char *value, const struct coven_record *record)
{
	free(r->value);
	r->value = value;
	atomic_fetch_add(&s->bytes, record->value.length);
	atomic_fetch_sub(&s->bytes, r->value_length);
	r->value_length = (uint32_t)record->value.length;
	r->version = record->version;
	ledger_due(l, r, until(record, clock));
}

/* All memory first: nothing can fail any more when the keeper has been told. */
static int
put(struct shelf *s, struct ledger *l, struct keeper *keep, struct binding_clock clock,
    struct coven_record *record, struct copy *copy, struct coven_records *shown)
{
	struct coven_slice table = { l->name, l->name_length };
	char *value = duplicate(record->value);
	bool made = false;
	struct row *r = value ? find_or_add(s, l, record->key, &made) : NULL;
	int result = r ? COVEN_STORE_OK : COVEN_STORE_DOWN;

	if (made && r && atomic_load(&s->bytes) > atomic_load(&s->bytes_max))
		result = COVEN_STORE_FULL;
	record->version = next_version(s);
	record->value.at = value;
	if (result == COVEN_STORE_OK && keep)
		result = keep->row(keep, table, record);
	if (result != COVEN_STORE_OK) {
		if (made && r)
			discard(s, l, r);
		free(value);
		return result;
	}
	install(s, l, clock, r, value, record);
	return show_one(r, clock, copy, shown);
}

int
shelf_put(struct shelf *s, struct keeper *keep, struct binding_clock clock,
	  struct coven_slice table, const struct coven_record *record, uint64_t expected,
	  struct copy *copy, struct coven_records *shown)
{
	struct ledger *l = make_ledger(s, table);
	struct coven_record fresh = *record;
	int result;

	show_nothing(shown);
	if (!l)
		return COVEN_STORE_FULL;
	pthread_mutex_lock(&l->lock);
	result = check(find_live(l, clock, record->key), expected, clock, copy, shown);
	if (result == COVEN_STORE_OK)
		result = put(s, l, keep, clock, &fresh, copy, shown);
	pthread_mutex_unlock(&l->lock);
	return result;
}

static int
take(struct shelf *s, struct ledger *l, struct keeper *keep, struct row *r)
{
	struct coven_slice table = { l->name, l->name_length };
	struct coven_record gone = { .size = sizeof gone,
				     .key = row_key(r),
				     .version = next_version(s) };
	int result = keep ? keep->row(keep, table, &gone) : COVEN_STORE_OK;

	if (result == COVEN_STORE_OK)
		discard(s, l, r);
	return result;
}

int
shelf_remove(struct shelf *s, struct keeper *keep, struct binding_clock clock,
	     struct coven_slice table, struct coven_slice key, uint64_t expected,
	     struct copy *copy, struct coven_records *shown)
{
	struct ledger *l = hold(s, table);
	struct row *r = find_live(l, clock, key);
	int result = COVEN_STORE_NONE;

	show_nothing(shown);
	if (r || expected != COVEN_NO_RECORD)
		result = r || expected == COVEN_ANY_VERSION
				 ? check(r, expected, clock, copy, shown)
				 : COVEN_STORE_CHANGED;
	if (result == COVEN_STORE_OK)
		result = r ? take(s, l, keep, r) : COVEN_STORE_NONE;
	let_go(l);
	return result;
}

static bool
begins(struct coven_slice key, struct coven_slice prefix)
{
	return key.length >= prefix.length &&
	       (prefix.length == 0 || memcmp(key.at, prefix.at, prefix.length) == 0);
}

/* The cursor is the key at which the next page begins. */
static int
fill(struct row *r, struct binding_clock clock, struct coven_slice prefix, size_t at_most,
     struct copy *copy, struct coven_records *shown)
{
	struct coven_record *list = copy_room(copy, at_most * sizeof *list + 1);
	size_t bytes = 0;

	if (!list)
		return COVEN_STORE_DOWN;
	shown->first = list;
	for (; r && begins(row_key(r), prefix); r = r->next[0]) {
		if (row_ended(r, clock))
			continue;
		if (shown->count == at_most || (bytes > SHELF_PAGE_BYTES && shown->count)) {
			shown->cursor = copy_text(copy, row_key(r));
			return shown->cursor.at ? COVEN_STORE_OK : COVEN_STORE_DOWN;
		}
		if (row_show(r, clock, copy, &list[shown->count]) != 0)
			return COVEN_STORE_DOWN;
		bytes += list[shown->count].value.length;
		shown->count++;
	}
	return COVEN_STORE_OK;
}

int
shelf_range(struct shelf *s, struct binding_clock clock, struct coven_slice table,
	    struct coven_slice prefix, struct coven_slice cursor, size_t at_most,
	    struct copy *copy, struct coven_records *shown)
{
	struct ledger *l = hold(s, table);
	struct coven_slice from = prefix;
	int result = COVEN_STORE_OK;

	show_nothing(shown);
	if (cursor.length && begins(cursor, prefix))
		from = cursor;
	if (l)
		result = fill(ledger_from(l, from), clock, prefix, at_most, copy, shown);
	let_go(l);
	if (result != COVEN_STORE_OK)
		show_nothing(shown);
	return result;
}

void
shelf_expire(struct shelf *s, struct keeper *keep, struct binding_clock clock)
{
	for (size_t i = 0; i < atomic_load(&s->count); i++) {
		struct ledger *l = s->ledgers[i];
		struct due_link *ended;

		pthread_mutex_lock(&l->lock);
		ended = due_take(&l->due, clock.now_ms);
		while (ended) {
			struct row *r = (struct row *)ended;

			ended = ended->next;
			/* full or not: it is gone here, and there when it is read back */
			if (take(s, l, keep, r) != COVEN_STORE_OK)
				discard(s, l, r);
		}
		pthread_mutex_unlock(&l->lock);
	}
}

int
shelf_restore(struct shelf *s, struct binding_clock clock, struct coven_slice table,
	      const struct coven_record *record)
{
	bool gone = !record->value.at ||
		    (record->expires_ms && record->expires_ms <= clock.wall_ms);
	struct ledger *l = make_ledger(s, table);
	char *value = gone ? NULL : duplicate(record->value);
	bool made;
	struct row *r;

	shelf_raise(s, record->version);
	if (!l || (!gone && !value)) {
		free(value);
		return -1;
	}
	pthread_mutex_lock(&l->lock);
	r = gone ? ledger_find(l, record->key) : find_or_add(s, l, record->key, &made);
	if (gone && r)
		discard(s, l, r);
	else if (r)
		install(s, l, clock, r, value, record);
	pthread_mutex_unlock(&l->lock);
	if (!gone && !r)
		free(value);
	return gone || r ? 0 : -1;
}

bool
shelf_walk(struct shelf *s, size_t nth, shelf_walk_fn *fn, void *arg)
{
	struct ledger *l = nth < atomic_load(&s->count) ? s->ledgers[nth] : NULL;

	if (!l)
		return false;
	pthread_mutex_lock(&l->lock);
	for (struct row *r = l->first[0]; r; r = r->next[0])
		fn(arg, (struct coven_slice){ l->name, l->name_length }, r);
	pthread_mutex_unlock(&l->lock);
	return true;
}

void
shelf_look(struct shelf *s, struct coven_slice table, struct coven_slice key,
	   shelf_walk_fn *fn, void *arg)
{
	struct ledger *l = hold(s, table);

	fn(arg, table, l ? ledger_find(l, key) : NULL);
	let_go(l);
}

void
shelf_shift(struct shelf *s, int64_t ms)
{
	for (size_t i = 0; i < atomic_load(&s->count); i++) {
		struct ledger *l = s->ledgers[i];

		pthread_mutex_lock(&l->lock);
		for (struct row *r = l->first[0]; r; r = r->next[0])
			if (r->until_ms != ROW_NEVER)
				ledger_due(l, r, r->until_ms + ms);
		pthread_mutex_unlock(&l->lock);
	}
}

uint64_t
shelf_version(struct shelf *s)
{
	return atomic_load(&s->version);
}

void
shelf_raise(struct shelf *s, uint64_t version)
{
	uint64_t had = atomic_load(&s->version);

	while (had < version &&
	       !atomic_compare_exchange_weak(&s->version, &had, version))
		;
}

void
shelf_limit(struct shelf *s, size_t bytes_max)
{
	atomic_store(&s->bytes_max, bytes_max);
}

size_t
shelf_count(struct shelf *s)
{
	size_t rows = 0;

	for (size_t i = 0; i < atomic_load(&s->count); i++) {
		struct ledger *l = s->ledgers[i];

		pthread_mutex_lock(&l->lock);
		rows += l->rows;
		pthread_mutex_unlock(&l->lock);
	}
	return rows;
}
