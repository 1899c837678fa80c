/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The named tables of the stores: versions, order, ends, limits, and a keeper that is
 * asked first. */
#include "../../plugins/store/shelf.h"
#include "../tap.h"

#include <stdlib.h>

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define MANY 5000

struct desk {
	struct shelf *shelf;
	struct keeper *keep;
	struct copy copy;
	struct binding_clock clock;
	struct coven_records shown;
};

static int
put(struct desk *d, const char *table, const char *key, const char *value,
    int64_t expires_ms, uint64_t expected)
{
	struct coven_record r = { .size = sizeof r,
				  .key = S(key),
				  .value = S(value),
				  .expires_ms = expires_ms };

	copy_reset(&d->copy);
	return shelf_put(d->shelf, d->keep, d->clock, S(table), &r, expected, &d->copy,
			 &d->shown);
}

static int
get(struct desk *d, const char *table, const char *key)
{
	copy_reset(&d->copy);
	return shelf_get(d->shelf, d->clock, S(table), S(key), &d->copy, &d->shown);
}

static int
take(struct desk *d, const char *table, const char *key, uint64_t expected)
{
	copy_reset(&d->copy);
	return shelf_remove(d->shelf, d->keep, d->clock, S(table), S(key), expected,
			    &d->copy, &d->shown);
}

static const char *
value(const struct desk *d)
{
	static char room[100];
	struct coven_slice v;

	if (!d->shown.count)
		return "none";
	v = coven_record_at(&d->shown, 0)->value;
	snprintf(room, sizeof room, "%.*s", (int)v.length, v.at ? v.at : "");
	return room;
}

static uint64_t
version(const struct desk *d)
{
	return d->shown.count ? coven_record_at(&d->shown, 0)->version : 0;
}

static void
versions(struct desk *d)
{
	uint64_t first, second;

	is_int(get(d, "t", "a"), COVEN_STORE_NONE, "a table that is not there");
	is_int(take(d, "t", "a", COVEN_ANY_VERSION), COVEN_STORE_NONE, "nothing to take");
	is_int(put(d, "t", "a", "1", 0, COVEN_NO_RECORD), COVEN_STORE_OK, "a new record");
	first = version(d);
	ok(first > 0, "has a version");
	is_int(put(d, "t", "a", "2", 0, COVEN_NO_RECORD), COVEN_STORE_CHANGED,
	       "it is not new any more");
	is_text(value(d), "1", "and what is there is shown");
	is_int(put(d, "t", "a", "2", 0, first), COVEN_STORE_OK, "by its version");
	second = version(d);
	ok(second > first, "which has grown");
	is_int(put(d, "t", "a", "3", 0, first), COVEN_STORE_CHANGED, "the old one is over");
	is_int(put(d, "t", "a", "", 0, COVEN_ANY_VERSION), COVEN_STORE_OK, "whatever it is");
	is_int(get(d, "t", "a"), COVEN_STORE_OK, "it is there");
	is_text(value(d), "", "an empty value is a value");
	is_int(get(d, "u", "a"), COVEN_STORE_NONE, "another table has another");
	is_int(take(d, "t", "a", second), COVEN_STORE_CHANGED, "an old version takes nothing");
	is_int(take(d, "t", "a", version(d)), COVEN_STORE_OK, "the right one does");
	is_int(get(d, "t", "a"), COVEN_STORE_NONE, "and it is gone");
	is_int(take(d, "t", "a", second), COVEN_STORE_CHANGED, "what is gone has no version");
	is_int(take(d, "t", "a", COVEN_NO_RECORD), COVEN_STORE_NONE, "nor needs one");
	put(d, "t", "a", "4", 0, COVEN_NO_RECORD);
	ok(version(d) > second, "whoever comes back goes on");
	take(d, "t", "a", COVEN_ANY_VERSION);
}

static void
ends(struct desk *d)
{
	put(d, "e", "short", "1", d->clock.wall_ms + 2500, COVEN_ANY_VERSION);
	put(d, "e", "long", "1", d->clock.wall_ms + 7200000, COVEN_ANY_VERSION);
	put(d, "e", "ever", "1", 0, COVEN_ANY_VERSION);
	is_int((int)shelf_count(d->shelf), 3, "three records");
	d->clock.wall_ms += 86400000; /* somebody set the clock */
	is_int(get(d, "e", "short"), COVEN_STORE_OK, "a clock that is set ends nothing");
	ok(coven_record_at(&d->shown, 0)->expires_ms == d->clock.wall_ms + 2500,
	   "ends are shown by the new clock");
	d->clock.now_ms += 2500;
	is_int(get(d, "e", "short"), COVEN_STORE_NONE, "its time is over");
	is_int(put(d, "e", "short", "2", d->clock.wall_ms + 1000, COVEN_NO_RECORD),
	       COVEN_STORE_OK, "an ended one is none");
	d->clock.now_ms += 2000; /* a second more: ends are looked at once a second */
	shelf_expire(d->shelf, NULL, d->clock);
	is_int((int)shelf_count(d->shelf), 2, "what has ended goes");
	d->clock.now_ms += 7200000;
	shelf_expire(d->shelf, NULL, d->clock);
	is_int((int)shelf_count(d->shelf), 1, "then the long one");
	is_int(get(d, "e", "ever"), COVEN_STORE_OK, "the last never");
	take(d, "e", "ever", COVEN_ANY_VERSION);
}

/* How many keys a walk in pages sees; -1: not in order. */
static int
walk(struct desk *d, const char *prefix, size_t at_most, bool disturb)
{
	struct coven_slice cursor = { NULL, 0 };
	char last[64] = "", kept[64];
	int seen = 0;

	do {
		copy_reset(&d->copy);
		if (shelf_range(d->shelf, d->clock, S("r"), S(prefix), cursor, at_most,
				&d->copy, &d->shown) != 0 ||
		    d->shown.count > at_most)
			return -1;
		for (size_t i = 0; i < d->shown.count; i++) {
			struct coven_slice key = coven_record_at(&d->shown, i)->key;
			char now[64];

			snprintf(now, sizeof now, "%.*s", (int)key.length, key.at);
			if (strcmp(last, now) >= 0)
				return -1;
			snprintf(last, sizeof last, "%s", now);
			seen++;
		}
		cursor = d->shown.cursor;
		if (cursor.length) {
			memcpy(kept, cursor.at, cursor.length);
			cursor.at = kept;
		}
		if (disturb && cursor.length) {
			kept[cursor.length] = '\0';
			take(d, "r", kept, COVEN_ANY_VERSION); /* the very next one */
			seen++;
		}
	} while (cursor.length);
	return seen;
}

static void
ranges(struct desk *d)
{
	char key[40];

	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "k%04d", (i * 2777) % MANY);
		put(d, "r", key, key, 0, COVEN_NO_RECORD);
	}
	put(d, "r", "j", "before", 0, COVEN_NO_RECORD);
	put(d, "r", "l", "behind", 0, COVEN_NO_RECORD);
	is_int(walk(d, "", 100, false), MANY + 2, "all, in the order of their keys");
	is_int(walk(d, "k", 77, false), MANY, "those that begin so");
	is_int(walk(d, "k12", 7, false), 100, "fewer");
	is_int(walk(d, "x", 7, false), 0, "none");
	is_int(walk(d, "k", 100, true), MANY, "while records go that the cursor stood on");
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "k%04d", i);
		take(d, "r", key, COVEN_ANY_VERSION);
	}
	is_int(walk(d, "", 100, false), 2, "all but two are gone");
	take(d, "r", "j", COVEN_ANY_VERSION);
	take(d, "r", "l", COVEN_ANY_VERSION);
}

static void
limits(struct desk *d)
{
	static char big[COVEN_TABLE_VALUE_MAX];
	char name[40];
	int made = 0, result = COVEN_STORE_OK;

	memset(big, 'x', sizeof big - 1);
	while (made < 1000 && result == COVEN_STORE_OK) {
		snprintf(name, sizeof name, "%d", made);
		result = put(d, "big", name, big, 0, COVEN_NO_RECORD);
		made += result == COVEN_STORE_OK;
	}
	is_int(result, COVEN_STORE_FULL, "there is an end");
	ok(made >= 15 && made <= 16, "at a megabyte (%d)", made);
	is_int(put(d, "big", "0", "small", 0, COVEN_ANY_VERSION), COVEN_STORE_OK,
	       "what is there can be changed");
	is_int(put(d, "big", "again", "small", 0, COVEN_ANY_VERSION), COVEN_STORE_OK,
	       "and makes room");
	for (result = COVEN_STORE_OK, made = 0; made < 200 && !result; made++) {
		snprintf(name, sizeof name, "table-%d", made);
		result = put(d, name, "k", "v", 0, COVEN_NO_RECORD);
	}
	is_int(result, COVEN_STORE_FULL, "tables, too, have an end");
	ok(made <= SHELF_TABLES_MAX, "of %d", SHELF_TABLES_MAX);
}

struct witness {
	struct keeper keeper;
	int result, calls;
	bool gone;
};

static int
witness(struct keeper *k, struct coven_slice table, const struct coven_record *record)
{
	struct witness *w = (struct witness *)k;

	w->calls++;
	w->gone = !record->value.at;
	return w->result;
}

static void
kept(void)
{
	struct witness w = { .keeper = { .row = witness } };
	struct desk d = { .shelf = shelf_new(3, 1 << 20), .keep = &w.keeper };
	struct coven_record back = { .key = S("back"), .value = S("v"), .version = 500 };

	put(&d, "k", "a", "", 0, COVEN_ANY_VERSION);
	is_int(w.calls, 1, "a change is told to the keeper");
	ok(!w.gone, "an empty value is no removal");
	w.result = COVEN_STORE_REFUSED;
	is_int(put(&d, "k", "a", "2", 0, COVEN_ANY_VERSION), COVEN_STORE_REFUSED, "refused");
	is_int(put(&d, "k", "b", "2", 0, COVEN_ANY_VERSION), COVEN_STORE_REFUSED,
	       "a new one, too");
	is_int(take(&d, "k", "a", COVEN_ANY_VERSION), COVEN_STORE_REFUSED,
	       "and a removal");
	ok(w.gone, "which is told as one");
	is_int((int)shelf_count(d.shelf), 1, "nothing has happened");
	is_int(get(&d, "k", "a"), COVEN_STORE_OK, "it is there");
	is_text(value(&d), "", "as it was");
	shelf_restore(d.shelf, d.clock, S("k"), &back);
	is_int(get(&d, "k", "back"), COVEN_STORE_OK, "one comes back");
	ok(version(&d) == 500, "with its version");
	w.result = COVEN_STORE_OK;
	put(&d, "k", "a", "2", 0, COVEN_ANY_VERSION);
	ok(version(&d) > 500, "and versions go on behind it");
	copy_free(&d.copy);
	shelf_free(d.shelf);
}

int
main(void)
{
	struct desk d = { .shelf = shelf_new(3, 1 << 20), .clock = { 5000, 1005000 } };

	versions(&d);
	ends(&d);
	ranges(&d);
	limits(&d);
	copy_free(&d.copy);
	shelf_free(d.shelf);
	kept();
	return done();
}
