/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory and disk compared, and made alike. */
#include "mend.h"

#include <errno.h>
#include <string.h>

#define PORTION ((size_t)1 << 20) /* bytes of one transaction */

/* -- notes of what is in memory */

int
mend_put_aor(struct bundle *b, struct binding_clock clock, struct coven_slice aor,
	     uint64_t version, struct binding *const *list, size_t count)
{
	char room[NOTE_KEY_ROOM];
	struct coven_slice key = { room, note_key_aor(room, aor) };
	size_t size = count ? NOTE_BINDINGS_FIXED : 0;
	char *at;

	if (!key.length)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct coven_binding one = binding_view(list[i], clock);

		size += note_binding_size(&one);
	}
	at = bundle_add(b, key, size);
	if (!at || !count)
		return at ? 0 : -1;
	at = note_bindings_begin(at, version, count);
	for (size_t i = 0; i < count; i++) {
		struct coven_binding one = binding_view(list[i], clock);

		at = note_binding_put(at, &one);
	}
	return 0;
}

int
mend_put_record(struct bundle *b, struct coven_slice table,
		const struct coven_record *record)
{
	char room[NOTE_KEY_ROOM];
	struct coven_slice key = { room, note_key_record(room, table, record->key) };
	bool gone = !record->value.at;
	char *at = key.length ? bundle_add(b, key, gone ? 0 : note_record_size(record))
			      : NULL;

	if (at && !gone)
		note_record_put(at, record);
	return at ? 0 : -1;
}

/* -- from disk to memory */

struct load {
	struct stock *stock;
	struct mend_sum *sum;
	int rc;
};

static bool
load(void *arg, struct coven_slice key, const struct note *note)
{
	const struct binding_clock none = { 0, 0 };
	struct load *l = arg;

	switch (note->kind) {
	case NOTE_BINDINGS:
		l->rc = book_restore(l->stock->book, none, &note->bindings);
		l->sum->users++;
		l->sum->bindings += note->bindings.count;
		break;
	case NOTE_RECORD:
		l->rc = shelf_restore(l->stock->shelf, none, note->table, &note->record);
		l->sum->records++;
		break;
	case NOTE_ABOUT:
		l->sum->versions = note->versions;
		break;
	}
	return l->rc == 0;
}

int
mend_load(struct disk *disk, struct stock *stock, struct mend_sum *sum)
{
	struct load l = { .stock = stock, .sum = sum };
	int rc = disk_walk(disk, (struct coven_slice){ NULL, 0 }, load, &l);

	book_raise(stock->book, sum->versions);
	shelf_raise(stock->shelf, sum->versions);
	return l.rc ? ENOMEM : rc;
}

/* -- changes undone */

static void
undo_aor(void *arg, struct coven_slice key, const struct note *note)
{
	const struct mend *m = arg;
	struct coven_bindings list = { .size = sizeof list,
				       .stride = sizeof(struct coven_binding),
				       .aor = { key.at + 1, key.length - 1 } };

	if (note)
		list = note->bindings;
	list.version = book_version(m->stock->book) + 1;
	book_restore(m->stock->book, m->clock, &list);
}

/* A record's key taken apart: where its table's name ends. */
static struct coven_slice
table_of(struct coven_slice key, struct coven_slice *rest)
{
	const char *end = memchr(key.at + 1, '\0', key.length - 1);

	*rest = (struct coven_slice){ end + 1, (size_t)(key.at + key.length - (end + 1)) };
	return (struct coven_slice){ key.at + 1, (size_t)(end - (key.at + 1)) };
}

static void
undo_record(void *arg, struct coven_slice key, const struct note *note)
{
	const struct mend *m = arg;
	struct coven_record record = { .size = sizeof record };
	struct coven_slice table = table_of(key, &record.key);

	if (note)
		record = note->record;
	shelf_restore(m->stock->shelf, m->clock, table, &record);
}

void
mend_undo(const struct mend *m, const struct bundle *b)
{
	struct bundle_item item;
	size_t cursor = 0;

	while (bundle_next(b, &cursor, &item)) {
		if (item.key.at[0] == NOTE_BINDINGS)
			disk_look(m->disk, item.key, undo_aor, (void *)m);
		else if (item.key.at[0] == NOTE_RECORD)
			disk_look(m->disk, item.key, undo_record, (void *)m);
	}
}

/* -- from memory to disk */

struct copying {
	const struct mend *m;
	struct bundle *bundle;
	struct coven_record record; /* of the row that is looked at */
	struct coven_slice table;
	uint64_t version;
	bool same, there;
	char last[NOTE_KEY_ROOM]; /* the key where the next portion begins */
	size_t last_length;
	int rc;
};

static void
flush(struct copying *c, size_t most)
{
	if (c->rc || c->bundle->used <= most)
		return;
	c->rc = disk_write(c->m->disk, c->bundle);
	bundle_reset(c->bundle);
}

static void
compare(void *arg, struct coven_slice key, const struct note *note)
{
	struct copying *c = arg;

	c->same = note && c->version == (note->kind == NOTE_BINDINGS
						 ? note->bindings.version
						 : note->record.version);
}

static void
copy_entry(void *arg, const struct entry *e)
{
	struct copying *c = arg;
	char room[NOTE_KEY_ROOM];
	struct coven_slice key = { room, note_key_aor(room, entry_aor(e)) };

	if (c->rc || !key.length)
		return;
	c->version = e->version;
	disk_look(c->m->disk, key, compare, c);
	if (!c->same && mend_put_aor(c->bundle, c->m->clock, entry_aor(e), e->version,
				     e->bindings, e->count) != 0)
		c->rc = ENOMEM;
	flush(c, PORTION); /* under the lock: rare, and short */
}

static void
copy_row(void *arg, struct coven_slice table, const struct row *r)
{
	struct copying *c = arg;
	char room[NOTE_KEY_ROOM];
	struct coven_slice key = { room, note_key_record(room, table, row_key(r)) };
	struct coven_record record = { .size = sizeof record,
				       .key = row_key(r),
				       .value = { r->value, r->value_length },
				       .version = r->version };

	if (c->rc || !key.length)
		return;
	if (r->until_ms != ROW_NEVER)
		record.expires_ms =
			c->m->clock.wall_ms + (r->until_ms - c->m->clock.now_ms);
	c->version = r->version;
	disk_look(c->m->disk, key, compare, c);
	if (!c->same && mend_put_record(c->bundle, table, &record) != 0)
		c->rc = ENOMEM;
	flush(c, PORTION);
}

static void
see_entry(void *arg, const struct entry *e)
{
	struct copying *c = arg;

	c->there = e != NULL;
}

static void
see_row(void *arg, struct coven_slice table, const struct row *r)
{
	struct copying *c = arg;

	c->there = r != NULL;
}

/* Notes of what is not in memory any more. */
static bool
remove_lost(void *arg, struct coven_slice key, const struct note *note)
{
	struct copying *c = arg;

	c->there = true;
	if (note->kind == NOTE_BINDINGS)
		book_look(c->m->stock->book, note->bindings.aor, see_entry, c);
	else if (note->kind == NOTE_RECORD)
		shelf_look(c->m->stock->shelf, note->table, note->record.key, see_row, c);
	if (!c->there && !bundle_add(c->bundle, key, 0))
		c->rc = ENOMEM;
	if (!c->rc && c->bundle->used <= PORTION)
		return true;
	memcpy(c->last, key.at, key.length);
	c->last_length = key.length;
	return false;
}

static void
remove_all_lost(struct copying *c)
{
	do {
		struct coven_slice from = { c->last, c->last_length };
		int rc;

		c->last_length = 0;
		rc = disk_walk(c->m->disk, from, remove_lost, c);
		if (!c->rc)
			c->rc = rc;
		flush(c, 0);
	} while (c->last_length && !c->rc);
}

int
mend_disk(const struct mend *m)
{
	struct copying c = { .m = m, .bundle = bundle_new() };

	if (!c.bundle)
		return ENOMEM;
	remove_all_lost(&c);
	for (unsigned i = 0; i < BOOK_SHARDS && !c.rc; i++)
		book_walk(m->stock->book, i, copy_entry, &c);
	for (size_t i = 0; !c.rc && shelf_walk(m->stock->shelf, i, copy_row, &c);)
		i++;
	flush(&c, 0);
	bundle_done(c.bundle);
	return c.rc;
}
