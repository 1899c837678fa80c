/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store-memory -- who can be reached where, kept in memory: gives the service "store". */
#include "book.h"

#include <stdlib.h>

#define TICK_MS 1000
#define SCAN_MAX 1000 /* AoRs in one answer */

/* This worker's part: memory for the answer that is being given. */
struct worker {
	struct copy copy;
};

static struct binding_clock
clock_of(struct coven_instance *in)
{
	return (struct binding_clock){ coven_now_ms(in), coven_wall_ms(in) };
}

static void
tell(struct coven_instance *in, struct coven_slice aor, size_t count,
     const struct coven_binding *cause)
{
	struct coven_event event = { .size = sizeof event,
				     .kind = COVEN_BINDINGS,
				     .aor = aor,
				     .code = (int64_t)count,
				     .wall_ms = coven_wall_ms(in) };

	if (cause) {
		event.contact = cause->contact;
		event.call_id = cause->call_id;
		event.flow = cause->flow;
	}
	coven_emit(in, &event);
}

static void
update(struct coven_instance *in, coven_call call, struct coven_slice aor,
       const struct coven_change *changes, size_t count,
       const struct coven_limits *limits)
{
	struct worker *self = coven_self(in);
	struct coven_bindings shown;
	int result;

	result = book_update(coven_shared(in), clock_of(in), aor, changes, count, limits,
			     &self->copy, &shown);
	if (result == COVEN_STORE_OK && count)
		tell(in, aor, shown.count, changes[0].binding);
	coven_store_answer(in, call, result, &shown);
	copy_reset(&self->copy);
}

static void
find(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	struct worker *self = coven_self(in);
	struct coven_bindings shown;
	int result;

	result = book_find(coven_shared(in), clock_of(in), aor, &self->copy, &shown);
	coven_store_answer(in, call, result, &shown);
	copy_reset(&self->copy);
}

static void
scan(struct coven_instance *in, coven_call call, struct coven_slice cursor,
     size_t at_most)
{
	struct worker *self = coven_self(in);
	struct book_page page;
	int result;

	if (at_most == 0 || at_most > SCAN_MAX)
		at_most = SCAN_MAX;
	result = book_scan(coven_shared(in), clock_of(in), cursor, at_most, &self->copy,
			   &page);
	if (result == COVEN_STORE_OK)
		coven_store_answer_scan(in, call, result, page.lists, page.count,
					page.cursor);
	else
		coven_store_answer_scan(in, call, result, NULL, 0,
					(struct coven_slice){ NULL, 0 });
	copy_reset(&self->copy);
}

static void
ended(void *arg, struct coven_slice aor, size_t count)
{
	tell(arg, aor, count, NULL);
}

static void
tick(struct coven_instance *in, void *arg)
{
	book_expire(coven_shared(in), coven_now_ms(in), ended, in);
	if (coven_after(in, TICK_MS, tick, NULL) == 0)
		coven_log(in, COVEN_ERROR, "no timer: ended bindings stay in memory");
}

static int
open_book(struct coven_instance *in)
{
	uint64_t seed[2];
	struct book *book;

	coven_random(seed, sizeof seed);
	book = book_new(seed);
	if (!book)
		return -1;
	coven_set_shared(in, book);
	return 0;
}

static void
close_book(struct coven_instance *in)
{
	if (coven_shared(in))
		book_free(coven_shared(in));
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct worker *self = calloc(1, sizeof *self);

	if (!self)
		return COVEN_FAIL;
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

static const struct coven_store ops = {
	.size = sizeof ops, .update = update, .find = find, .scan = scan
};

static const struct coven_service gives[] = { { "store", COVEN_STORE_VERSION, &ops },
					      { NULL, 0, NULL } };

COVEN_PLUGIN(.name = "store-memory", .version = "0.1.0",
	     .summary = "bindings in memory: lost when the server stops", .gives = gives,
	     .open = open_book, .close = close_book, .start = start, .stop = stop);
