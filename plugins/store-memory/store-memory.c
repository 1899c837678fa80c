/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store-memory -- bindings and tables, kept in memory: gives the service "store". */
#include "store/desk.h"

#include <stdlib.h>

#define TICK_MS 1000

struct options {
	int64_t memory;
};

static const struct coven_option options[] = {
	COVEN_RANGE("memory", COVEN_SIZE, struct options, memory, "256m", 1 << 20,
		    INT64_C(1) << 40, "what all records of tables may take together"),
	COVEN_OPTIONS_END
};

/* This worker's part: memory for the answer that is being given. */
struct worker {
	struct copy copy;
};

static void
update(struct coven_instance *in, coven_call call, struct coven_slice aor,
       const struct coven_change *changes, size_t count,
       const struct coven_limits *limits)
{
	struct worker *self = coven_self(in);
	struct stock *stock = coven_shared(in);
	struct coven_bindings shown;
	int result;

	result = book_update(stock->book, NULL, desk_clock(in), aor, changes, count,
			     limits, &self->copy, &shown);
	if (result == COVEN_STORE_OK && count)
		desk_tell(in, aor, shown.count, changes[0].binding);
	coven_store_answer(in, call, result, &shown);
	copy_reset(&self->copy);
}

static void
find(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	struct worker *self = coven_self(in);

	desk_find(in, coven_shared(in), &self->copy, call, aor);
}

static void
scan(struct coven_instance *in, coven_call call, struct coven_slice cursor,
     size_t at_most)
{
	struct worker *self = coven_self(in);

	desk_scan(in, coven_shared(in), &self->copy, call, cursor, at_most);
}

static void
get(struct coven_instance *in, coven_call call, struct coven_slice table,
    struct coven_slice key)
{
	struct worker *self = coven_self(in);

	desk_get(in, coven_shared(in), &self->copy, call, table, key);
}

static void
put(struct coven_instance *in, coven_call call, struct coven_slice table,
    const struct coven_record *record, uint64_t expected)
{
	struct worker *self = coven_self(in);
	struct stock *stock = coven_shared(in);
	struct coven_records shown;
	int result = shelf_put(stock->shelf, NULL, desk_clock(in), table, record,
			       expected, &self->copy, &shown);

	coven_store_answer_records(in, call, result, &shown);
	copy_reset(&self->copy);
}

static void
remove_record(struct coven_instance *in, coven_call call, struct coven_slice table,
	      struct coven_slice key, uint64_t expected)
{
	struct worker *self = coven_self(in);
	struct stock *stock = coven_shared(in);
	struct coven_records shown;
	int result = shelf_remove(stock->shelf, NULL, desk_clock(in), table, key,
				  expected, &self->copy, &shown);

	coven_store_answer_records(in, call, result, &shown);
	copy_reset(&self->copy);
}

static void
range(struct coven_instance *in, coven_call call, struct coven_slice table,
      struct coven_slice prefix, struct coven_slice cursor, size_t at_most)
{
	struct worker *self = coven_self(in);

	desk_range(in, coven_shared(in), &self->copy, call, table, prefix, cursor,
		   at_most);
}

static void
tick(struct coven_instance *in, void *arg)
{
	desk_expire(in, coven_shared(in), NULL);
	if (coven_after(in, TICK_MS, tick, NULL) == 0)
		coven_log(in, COVEN_ERROR, "no timer: what has ended stays in memory");
}

static int
open_stock(struct coven_instance *in)
{
	const struct options *o = coven_options(in);
	struct stock *stock = coven_before(in);

	stock = stock ? stock_share(stock) : stock_new((size_t)o->memory);
	if (!stock)
		return -1;
	coven_set_shared(in, stock);
	return 0;
}

static void
close_stock(struct coven_instance *in)
{
	if (coven_shared(in))
		stock_done(coven_shared(in));
}

static enum coven_verdict
start(struct coven_instance *in)
{
	const struct options *o = coven_options(in);
	struct stock *stock = coven_shared(in);
	struct worker *self = calloc(1, sizeof *self);

	if (!self)
		return COVEN_FAIL;
	shelf_limit(stock->shelf, (size_t)o->memory);
	coven_set_self(in, self);
	if (coven_worker(in) == 0 && coven_after(in, TICK_MS, tick, NULL) == 0)
		return COVEN_FAIL;
	return COVEN_DONE;
}

static void
stop(struct coven_instance *in)
{
	struct worker *self = coven_self(in);

	if (!self)
		return;
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

COVEN_PLUGIN(.name = "store-memory", .version = "0.1.0",
	     .summary = "bindings and tables in memory: lost when the server stops",
	     .options_size = sizeof(struct options), .options = options, .gives = gives,
	     .open = open_stock, .close = close_stock, .start = start, .stop = stop);
