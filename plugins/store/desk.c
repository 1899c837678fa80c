/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store does for a worker. */
#include "desk.h"

#include <stdlib.h>

static const struct coven_slice nothing = { NULL, 0 };

struct stock *
stock_new(size_t bytes_max)
{
	struct stock *s = calloc(1, sizeof *s);
	uint64_t seed[3];

	if (!s)
		return NULL;
	coven_random(seed, sizeof seed);
	atomic_store(&s->references, 1);
	s->book = book_new(seed);
	s->shelf = shelf_new(seed[2], bytes_max);
	if (s->book && s->shelf)
		return s;
	stock_done(s);
	return NULL;
}

struct stock *
stock_share(struct stock *s)
{
	atomic_fetch_add(&s->references, 1);
	return s;
}

void
stock_done(struct stock *s)
{
	if (atomic_fetch_sub(&s->references, 1) > 1)
		return;
	if (s->book)
		book_free(s->book);
	if (s->shelf)
		shelf_free(s->shelf);
	free(s);
}

struct binding_clock
desk_clock(const struct coven_instance *in)
{
	return (struct binding_clock){ coven_now_ms(in), coven_wall_ms(in) };
}

void
desk_tell(struct coven_instance *in, struct coven_slice aor, size_t count,
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

void
desk_find(struct coven_instance *in, struct stock *s, struct copy *copy, coven_call call,
	  struct coven_slice aor)
{
	struct coven_bindings shown;
	int result = book_find(s->book, desk_clock(in), aor, copy, &shown);

	coven_store_answer(in, call, result, &shown);
	copy_reset(copy);
}

static size_t
page_size(size_t at_most)
{
	return at_most == 0 || at_most > DESK_PAGE_MAX ? DESK_PAGE_MAX : at_most;
}

void
desk_scan(struct coven_instance *in, struct stock *s, struct copy *copy, coven_call call,
	  struct coven_slice cursor, size_t at_most)
{
	struct book_page page;
	int result = book_scan(s->book, desk_clock(in), cursor, page_size(at_most), copy,
			       &page);

	if (result == COVEN_STORE_OK)
		coven_store_answer_scan(in, call, result, page.lists, page.count,
					page.cursor);
	else
		coven_store_answer_scan(in, call, result, NULL, 0, nothing);
	copy_reset(copy);
}

void
desk_get(struct coven_instance *in, struct stock *s, struct copy *copy, coven_call call,
	 struct coven_slice table, struct coven_slice key)
{
	struct coven_records shown;
	int result = shelf_get(s->shelf, desk_clock(in), table, key, copy, &shown);

	coven_store_answer_records(in, call, result, &shown);
	copy_reset(copy);
}

void
desk_range(struct coven_instance *in, struct stock *s, struct copy *copy, coven_call call,
	   struct coven_slice table, struct coven_slice prefix, struct coven_slice cursor,
	   size_t at_most)
{
	struct coven_records shown;
	int result = shelf_range(s->shelf, desk_clock(in), table, prefix, cursor,
				 page_size(at_most), copy, &shown);

	coven_store_answer_records(in, call, result, &shown);
	copy_reset(copy);
}

static void
ended(void *arg, struct coven_slice aor, size_t count)
{
	desk_tell(arg, aor, count, NULL);
}

void
desk_expire(struct coven_instance *in, struct stock *s, struct keeper *keep)
{
	book_expire(s->book, keep, desk_clock(in), ended, in);
	shelf_expire(s->shelf, keep, desk_clock(in));
}
