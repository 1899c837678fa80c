/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a store: an LMDB environment that grows by itself. */
#include "disk.h"
#include "place.h"

#include <errno.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

struct disk {
	MDB_env *env;
	MDB_dbi dbi;
	size_t map, map_max;
	char path[PLACE_MAX];
};

static const struct coven_slice about_key = { "m", 1 };

int
disk_say(char why[DISK_WHY], const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	vsnprintf(why, DISK_WHY, fmt, list);
	va_end(list);
	return -1;
}

const char *
disk_error(int rc)
{
	return mdb_strerror(rc);
}

/* -- opening */

static size_t
first_map(const struct disk *d)
{
	size_t file = place_size(d->path), map = DISK_MAP_FIRST;

	while (map < file + file / 4)
		map *= 2;
	return map < d->map_max || d->map_max < file ? map : d->map_max;
}

static int
open_table(struct disk *d)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return rc;
	rc = mdb_dbi_open(txn, NULL, 0, &d->dbi);
	mdb_txn_abort(txn);
	return rc;
}

static int
open_environment(struct disk *d)
{
	mdb_filehandle_t fd;
	int rc = mdb_env_create(&d->env);

	if (rc)
		return rc;
	d->map = first_map(d);
	rc = mdb_env_set_mapsize(d->env, d->map);
	if (!rc)
		rc = mdb_env_open(d->env, d->path, MDB_NOSUBDIR | MDB_NOLOCK, 0600);
	if (!rc)
		rc = mdb_env_get_fd(d->env, &fd);
	if (!rc && flock(fd, LOCK_EX | LOCK_NB) != 0)
		rc = errno;
	if (!rc)
		rc = open_table(d);
	if (!rc)
		return 0;
	mdb_env_close(d->env);
	d->env = NULL;
	return rc;
}

struct disk *
disk_open_file(const char *path, size_t map_max, char why[DISK_WHY])
{
	struct disk *d = calloc(1, sizeof *d);
	int rc = d ? 0 : ENOMEM;

	if (d) {
		snprintf(d->path, sizeof d->path, "%s", path);
		d->map_max = map_max;
		rc = open_environment(d);
	}
	if (!rc)
		return d;
	if (rc == EWOULDBLOCK)
		disk_say(why, "%s is in use by another process", path);
	else
		disk_say(why, "cannot open %s: %s", path, mdb_strerror(rc));
	free(d);
	return NULL;
}

struct disk *
disk_open(const char *folder, size_t map_max, char why[DISK_WHY])
{
	char path[PLACE_MAX];

	if (place_path(path, folder, DISK_FILE) == 0)
		return disk_open_file(path, map_max, why);
	disk_say(why, "the name of folder %.80s... is too long", folder);
	return NULL;
}

void
disk_close(struct disk *d)
{
	disk_shut(d);
	free(d);
}

void
disk_limit(struct disk *d, size_t map_max)
{
	d->map_max = map_max;
}

void
disk_shut(struct disk *d)
{
	if (d->env)
		mdb_env_close(d->env);
	d->env = NULL;
}

/* Also after an error in the very write of a meta page: LMDB does nothing any more until it
 * is opened anew. */
int
disk_reopen(struct disk *d)
{
	disk_shut(d);
	return open_environment(d);
}

/* -- writing */

static int
grow(struct disk *d)
{
	size_t map = d->map * 2;
	int rc;

	if (map > d->map_max)
		map = d->map_max;
	if (map <= d->map)
		return MDB_MAP_FULL;
	rc = mdb_env_set_mapsize(d->env, map);
	if (!rc)
		d->map = map;
	return rc;
}

static int
write_item(struct disk *d, MDB_txn *txn, const struct bundle_item *item)
{
	MDB_val key = { item->key.length, (void *)item->key.at };
	MDB_val value = { item->length, item->value };
	int rc;

	if (item->value) {
		note_seal(item->key, item->value, item->length);
		return mdb_put(txn, d->dbi, &key, &value, 0);
	}
	rc = mdb_del(txn, d->dbi, &key, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
write_once(struct disk *d, const struct bundle *b)
{
	struct bundle_item item;
	size_t cursor = 0;
	MDB_txn *txn;
	int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

	if (rc)
		return rc;
	while (!rc && bundle_next(b, &cursor, &item))
		rc = write_item(d, txn, &item);
	if (!rc)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

int
disk_write(struct disk *d, const struct bundle *b)
{
	int rc = d->env ? 0 : disk_reopen(d);

	if (rc)
		return rc;
	rc = write_once(d, b);
	while (rc == MDB_MAP_FULL) {
		rc = grow(d);
		if (rc)
			return rc;
		rc = write_once(d, b);
	}
	if (rc == MDB_PANIC && disk_reopen(d) == 0)
		rc = write_once(d, b);
	return rc;
}

int
disk_write_about(struct disk *d, uint64_t versions)
{
	struct bundle *b = bundle_new();
	char *at = b ? bundle_add(b, about_key, NOTE_ABOUT_SIZE) : NULL;
	int rc = ENOMEM;

	if (at) {
		note_about_put(at, versions);
		rc = disk_write(d, b);
	}
	if (b)
		bundle_done(b);
	return rc;
}

/* -- reading */

static struct coven_slice
slice(const MDB_val *v)
{
	return (struct coven_slice){ v->mv_data, v->mv_size };
}

void
disk_look(struct disk *d, struct coven_slice key, disk_fn *fn, void *arg)
{
	MDB_val k = { key.length, (void *)key.at }, value;
	struct note note;
	MDB_txn *txn;
	bool good;

	if (!d->env || mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn) != 0) {
		fn(arg, key, NULL);
		return;
	}
	good = mdb_get(txn, d->dbi, &k, &value) == 0 &&
	       note_read(&note, key, slice(&value)) == NOTE_GOOD;
	fn(arg, key, good ? &note : NULL);
	if (good)
		note_free(&note);
	mdb_txn_abort(txn);
}

static int
walk(MDB_cursor *cursor, struct coven_slice from, disk_walk_fn *fn, void *arg)
{
	MDB_val key = { from.length, (void *)from.at }, value;
	int rc = mdb_cursor_get(cursor, &key, &value,
				from.length ? MDB_SET_RANGE : MDB_FIRST);
	bool more = true;

	while (!rc && more) {
		struct note note;

		if (note_read(&note, slice(&key), slice(&value)) != NOTE_GOOD)
			return MDB_CORRUPTED;
		more = fn(arg, slice(&key), &note);
		note_free(&note);
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int
disk_walk(struct disk *d, struct coven_slice from, disk_walk_fn *fn, void *arg)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	int rc = d->env ? 0 : EIO;

	if (!rc)
		rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);
	if (rc)
		return rc;
	rc = mdb_cursor_open(txn, d->dbi, &cursor);
	if (!rc) {
		rc = walk(cursor, from, fn, arg);
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return rc;
}
