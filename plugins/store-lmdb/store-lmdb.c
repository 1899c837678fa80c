/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store-lmdb -- bindings and tables, kept on disk: gives the service "store".  Questions
 * are answered from memory; changes when the disk has them. */
#include "safe.h"
#include "waiting.h"

#include <stdlib.h>

#define TICK_MS 1000

static const char *const durabilities[] = { "commit", "relaxed", NULL };
static const char *const reactions[] = { "refuse", "memory", NULL };

static const struct coven_option options[] = {
	COVEN_OPTION("folder", COVEN_STRING, struct options, folder, "store",
		     "folder of the file, in the data folder unless it begins with \"/\""),
	COVEN_CHOICE("durability", struct options, durability, "commit", durabilities,
		     "\"commit\": a change is answered when it is on disk; \"relaxed\": at "
		     "once, and up to a second is lost with the power"),
	COVEN_CHOICE("on_full", struct options, on_full, "refuse", reactions,
		     "when the disk takes nothing: refuse changes, or keep them in memory"),
	COVEN_RANGE("map_max", COVEN_SIZE, struct options, map_max, "16G", 1 << 20,
		    INT64_C(1) << 40, "how large the file may grow"),
	COVEN_RANGE("memory", COVEN_SIZE, struct options, memory, "256m", 1 << 20,
		    INT64_C(1) << 40, "what all records of tables may take together"),
	COVEN_OPTIONS_END
};

/* This worker's part. */
struct worker {
	struct copy copy; /* for the answer to a question */
	struct seat seat;
	bool seated;
	struct waiting waiting;
};

static struct stock *
stock_of(struct coven_instance *in)
{
	struct safe *safe = coven_shared(in);

	return safe->stock;
}

/* -- questions */

static void
find(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	struct worker *self = coven_self(in);

	desk_find(in, stock_of(in), &self->copy, call, aor);
}

static void
scan(struct coven_instance *in, coven_call call, struct coven_slice cursor,
     size_t at_most)
{
	struct worker *self = coven_self(in);

	desk_scan(in, stock_of(in), &self->copy, call, cursor, at_most);
}

static void
get(struct coven_instance *in, coven_call call, struct coven_slice table,
    struct coven_slice key)
{
	struct worker *self = coven_self(in);

	desk_get(in, stock_of(in), &self->copy, call, table, key);
}

static void
range(struct coven_instance *in, coven_call call, struct coven_slice table,
      struct coven_slice prefix, struct coven_slice cursor, size_t at_most)
{
	struct worker *self = coven_self(in);

	desk_range(in, stock_of(in), &self->copy, call, table, prefix, cursor, at_most);
}

/* -- changes */

static struct change
change_of(struct coven_instance *in, struct worker *self)
{
	struct safe *safe = coven_shared(in);

	return writer_change(safe->writer, &self->seat);
}

static void
update(struct coven_instance *in, coven_call call, struct coven_slice aor,
       const struct coven_change *changes, size_t count,
       const struct coven_limits *limits)
{
	struct worker *self = coven_self(in);
	struct change change = change_of(in, self);
	struct answer *a = waiting_new(&self->waiting, call);
	int result;

	if (!a) {
		coven_store_answer(in, call, COVEN_STORE_REFUSED, NULL);
		return;
	}
	result = book_update(stock_of(in)->book, &change.keeper, desk_clock(in), aor,
			     changes, count, limits, &a->copy, &a->bindings);
	answer_bindings(a, count ? changes[0].binding : NULL);
	waiting_add(&self->waiting, in, a, result, change.bundle);
}

static void
put(struct coven_instance *in, coven_call call, struct coven_slice table,
    const struct coven_record *record, uint64_t expected)
{
	struct worker *self = coven_self(in);
	struct change change = change_of(in, self);
	struct answer *a = waiting_new(&self->waiting, call);
	int result;

	if (!a) {
		coven_store_answer_records(in, call, COVEN_STORE_REFUSED, NULL);
		return;
	}
	result = shelf_put(stock_of(in)->shelf, &change.keeper, desk_clock(in), table,
			   record, expected, &a->copy, &a->records);
	waiting_add(&self->waiting, in, a, result, change.bundle);
}

static void
remove_record(struct coven_instance *in, coven_call call, struct coven_slice table,
	      struct coven_slice key, uint64_t expected)
{
	struct worker *self = coven_self(in);
	struct change change = change_of(in, self);
	struct answer *a = waiting_new(&self->waiting, call);
	int result;

	if (!a) {
		coven_store_answer_records(in, call, COVEN_STORE_REFUSED, NULL);
		return;
	}
	result = shelf_remove(stock_of(in)->shelf, &change.keeper, desk_clock(in), table,
			      key, expected, &a->copy, &a->records);
	waiting_add(&self->waiting, in, a, result, change.bundle);
}

/* A letter from the writer. */
static void
woken(struct coven_instance *in, void *arg)
{
	struct worker *self = coven_self(in);

	atomic_store(&self->seat.called, false);
	waiting_answer(&self->waiting, in);
}

/* -- life */

static void
tick(struct coven_instance *in, void *arg)
{
	struct safe *safe = coven_shared(in);
	struct change change = writer_change(safe->writer, NULL);

	writer_clock(safe->writer, desk_clock(in));
	desk_expire(in, safe->stock, &change.keeper);
	if (coven_after(in, TICK_MS, tick, NULL) == 0)
		coven_log(in, COVEN_ERROR, "no timer: what has ended stays in memory");
}

static int
open_safe(struct coven_instance *in)
{
	struct safe *safe;

	if (coven_only_checking(in))
		return 0; /* whose folder it is, and whether it is in use: not ours to know */
	safe = safe_open(in);
	if (!safe)
		return -1;
	coven_set_shared(in, safe);
	return 0;
}

static void
close_safe(struct coven_instance *in)
{
	if (coven_shared(in))
		safe_done(coven_shared(in));
}

static int
give_way(struct coven_instance *in, bool away)
{
	struct safe *safe = coven_shared(in);

	return writer_away(safe->writer, away);
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct safe *safe = coven_shared(in);
	struct worker *self = calloc(1, sizeof *self);

	if (!self)
		return COVEN_FAIL;
	coven_set_self(in, self);
	self->seat = (struct seat){ .in = in, .box = coven_mailbox_new(in), .wake = woken };
	self->seated = self->seat.box && writer_sit(safe->writer, &self->seat) == 0;
	if (!self->seated || safe_start(safe, in) != 0)
		return COVEN_FAIL;
	if (coven_worker(in) == 0 && coven_after(in, TICK_MS, tick, NULL) == 0)
		return COVEN_FAIL;
	return COVEN_DONE;
}

static void
stop(struct coven_instance *in)
{
	struct worker *self = coven_self(in);
	struct safe *safe = coven_shared(in);

	if (!self)
		return;
	if (self->seated)
		writer_rise(safe->writer, &self->seat);
	if (self->seat.box)
		coven_mailbox_done(self->seat.box);
	waiting_free(&self->waiting);
	copy_free(&self->copy);
	free(self);
	coven_set_self(in, NULL);
}

static const struct coven_store ops = { .size = sizeof ops,
					.update = update,
					.find = find,
					.scan = scan,
					.get = get,
					.put = put,
					.remove = remove_record,
					.range = range };

static const struct coven_service gives[] = { { "store", COVEN_STORE_VERSION, &ops },
					      { NULL, 0, NULL } };

COVEN_PLUGIN(.name = "store-lmdb", .version = "0.1.0",
	     .summary = "bindings and tables on disk, nothing acknowledged is lost",
	     .options_size = sizeof(struct options), .options = options, .gives = gives,
	     .open = open_safe, .close = close_safe, .start = start, .stop = stop,
	     .give_way = give_way);
