/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, file, and writer, for all workers. */
#include "safe.h"
#include "mend.h"
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOLDER "store"

/* What the plugin sees is `safe`; it begins with it. */
struct whole {
	struct safe safe;
	struct disk *disk;
	char folder[PLACE_MAX];
	struct mend_sum sum;
	int64_t load_ms;
	_Atomic unsigned references;
	pthread_mutex_t lock;
	bool started;
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
find_folder(struct coven_instance *in, char *room)
{
	const struct options *o = coven_options(in);
	int length;

	if (!o->folder.length)
		return place_path(room, coven_data_dir(in), FOLDER);
	if (o->folder.at[0] != '/')
		return place_path(room, coven_data_dir(in), o->folder.at);
	length = snprintf(room, PLACE_MAX, "%s", o->folder.at);
	return length < PLACE_MAX ? 0 : -1;
}

static void
discard(struct whole *w)
{
	if (w->safe.writer)
		writer_free(w->safe.writer);
	if (w->disk)
		disk_close(w->disk);
	if (w->safe.stock)
		stock_done(w->safe.stock);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static int
open_disk(struct whole *w, size_t map_max, char why[DISK_WHY])
{
	if (disk_make(w->folder, why) != 0 || disk_owned(w->folder, why) != 0 ||
	    disk_check(w->folder, why) != 0)
		return -1;
	w->disk = disk_open(w->folder, map_max, why);
	return w->disk ? 0 : -1;
}

static int
fill(struct whole *w, const struct options *o, char why[DISK_WHY])
{
	int64_t began = now_ms();
	int rc;

	if (open_disk(w, (size_t)o->map_max, why) != 0)
		return -1;
	w->safe.stock = stock_new((size_t)o->memory);
	if (w->safe.stock)
		w->safe.writer = writer_new(w->disk, w->safe.stock);
	rc = w->safe.writer ? mend_load(w->disk, w->safe.stock, &w->sum) : ENOMEM;
	w->load_ms = now_ms() - began;
	if (rc)
		disk_say(why, "cannot read %s: %s", w->folder, disk_error(rc));
	return rc ? -1 : 0;
}

static struct safe *
open_anew(struct coven_instance *in)
{
	struct whole *w = calloc(1, sizeof *w);
	char why[DISK_WHY] = "no memory";
	int rc = -1;

	if (w) {
		atomic_init(&w->references, 1);
		pthread_mutex_init(&w->lock, NULL);
		if (find_folder(in, w->folder) == 0)
			rc = fill(w, coven_options(in), why);
		else
			disk_say(why, "the name of the folder is too long");
	}
	if (rc == 0)
		return &w->safe;
	coven_complain(in, NULL, "folder", "%s", why);
	if (w)
		discard(w);
	return NULL;
}

struct safe *
safe_open(struct coven_instance *in)
{
	struct whole *before = coven_before(in);
	char folder[PLACE_MAX];

	if (!before)
		return open_anew(in);
	if (find_folder(in, folder) != 0 || strcmp(folder, before->folder) != 0) {
		coven_complain(in, NULL, "folder", "another folder needs a restart of covend");
		return NULL;
	}
	atomic_fetch_add(&before->references, 1);
	return &before->safe;
}

void
safe_done(struct safe *s)
{
	struct whole *w = (struct whole *)s;

	if (atomic_fetch_sub(&w->references, 1) == 1)
		discard(w);
}

/* Nobody hears of what ended while the server was away. */
static void
begin(struct whole *w, struct coven_instance *in)
{
	struct binding_clock clock = desk_clock(in);
	struct change change = writer_change(w->safe.writer, NULL);
	struct stock *stock = w->safe.stock;
	struct book_size size;

	book_shift(stock->book, clock.now_ms - clock.wall_ms);
	shelf_shift(stock->shelf, clock.now_ms - clock.wall_ms);
	writer_clock(w->safe.writer, clock);
	book_expire(stock->book, &change.keeper, clock, NULL, NULL);
	shelf_expire(stock->shelf, &change.keeper, clock);
	size = book_count(stock->book);
	coven_log(in, COVEN_INFO,
		  "%s: %zu bindings of %zu users and %zu records back in %lld ms, "
		  "%zu had ended",
		  w->folder, size.bindings, size.aors, shelf_count(stock->shelf),
		  (long long)w->load_ms,
		  w->sum.bindings - size.bindings + w->sum.records -
			  shelf_count(stock->shelf));
}

int
safe_start(struct safe *s, struct coven_instance *in)
{
	struct whole *w = (struct whole *)s;
	const struct options *o = coven_options(in);
	struct writer_wish wish = { .relaxed = o->durability == DURABILITY_RELAXED,
				    .in_memory = o->on_full == ON_FULL_MEMORY };
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	writer_wish(s->writer, wish);
	shelf_limit(s->stock->shelf, (size_t)o->memory);
	disk_limit(w->disk, (size_t)o->map_max);
	if (!w->started) {
		begin(w, in);
		rc = writer_start(s->writer);
		w->started = rc == 0;
	}
	pthread_mutex_unlock(&w->lock);
	return rc;
}
