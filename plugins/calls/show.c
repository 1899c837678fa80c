/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page goes to a worker, is filled there, comes back to worker 0 and is written. */
#include "show.h"
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#define ROWS (SHOW_PAGE + 32) /* a bucket more than that is cut, which no sender can make happen */

struct row {
	int64_t age_ms, left_ms;
	uint8_t length[3];
	char text[3 * BOOK_TEXT_MAX];
};

struct show {
	struct coven_out *out;
	struct coven_instance *in; /* of worker 0 */
	unsigned worker;           /* that is asked */
	size_t bucket;             /* from where on */
	bool list, more;
	struct calls_counts sum;
	size_t live;
	size_t count;
	struct row rows[ROWS];
};

/* -- on the worker that is asked */

static void
copy_call(struct coven_instance *in, struct row *row, const struct call *c)
{
	size_t length = (size_t)c->call_id_length + c->caller_length + c->callee_length;
	int64_t now = coven_now_ms(in);

	row->age_ms = now - c->begun;
	row->left_ms = c->due - now;
	row->length[0] = c->call_id_length;
	row->length[1] = c->caller_length;
	row->length[2] = c->callee_length;
	memcpy(row->text, c->text, length);
}

static void
fill(struct coven_instance *in, struct show *s, const struct book *book)
{
	size_t end = book_buckets(book);

	s->count = 0;
	for (; s->bucket < end && s->count < SHOW_PAGE; s->bucket++)
		for (const struct call *c = book_bucket(book, s->bucket); c && s->count < ROWS; c = c->next)
			copy_call(in, &s->rows[s->count++], c);
	s->more = s->bucket < end;
}

static void
add_counts(struct show *s, const struct worker *w)
{
	s->sum.begun += w->counts.begun;
	s->sum.ended += w->counts.ended;
	s->sum.timed_out += w->counts.timed_out;
	s->sum.unfollowed += w->counts.unfollowed;
	s->sum.no_room += w->counts.no_room;
	s->live += book_count(w->book);
	s->more = false;
	s->count = 0;
}

static void came_back(struct coven_instance *in, void *arg);

static void
asked(struct coven_instance *in, void *arg)
{
	const struct worker *w = coven_self(in);
	struct show *s = arg;

	if (s->list)
		fill(in, s, w->book);
	else
		add_counts(s, w);
	/* a full box: the server has other worries; the core ends the answer when it stops */
	if (coven_call_worker(in, 0, came_back, s) != 0)
		free(s);
}

/* -- on worker 0 */

static void
put_rows(struct show *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct row *r = &s->rows[i];
		const char *caller = r->text + r->length[0], *callee = caller + r->length[1];

		coven_row(s->out);
		coven_put_text(s->out, "from", (struct coven_slice){ caller, r->length[1] });
		coven_put_text(s->out, "to", (struct coven_slice){ callee, r->length[2] });
		coven_put_number(s->out, "seconds", r->age_ms / 1000);
		coven_put_number(s->out, "expires", r->left_ms / 1000);
		coven_put_number(s->out, "worker", s->worker);
		coven_put_text(s->out, "call_id", (struct coven_slice){ r->text, r->length[0] });
	}
}

static void
put_counts(struct show *s)
{
	coven_row(s->out);
	coven_put_number(s->out, "live", (int64_t)s->live);
	coven_put_number(s->out, "begun", (int64_t)s->sum.begun);
	coven_put_number(s->out, "ended", (int64_t)s->sum.ended);
	coven_put_number(s->out, "timed_out", (int64_t)s->sum.timed_out);
	coven_put_number(s->out, "not_followed", (int64_t)s->sum.unfollowed);
	coven_put_number(s->out, "no_room", (int64_t)s->sum.no_room);
}

static void
finish(struct show *s, int status)
{
	struct coven_out *out = s->out;

	if (status == 0 && !s->list)
		put_counts(s);
	free(s);
	coven_end(out, status);
}

static void
ask(struct coven_instance *in, void *arg)
{
	struct show *s = arg;

	if (coven_call_worker(in, s->worker, asked, s) == 0)
		return;
	coven_error(s->out, "worker %u is too busy to answer", s->worker);
	finish(s, 1);
}

static void
came_back(struct coven_instance *in, void *arg)
{
	struct show *s = arg;
	bool wrote = s->count > 0;

	put_rows(s);
	if (!s->more) {
		s->worker++;
		s->bucket = 0;
	}
	if (s->worker == coven_workers(in) || !coven_heard(s->out))
		finish(s, 0);
	else if (wrote)
		coven_flush(in, s->out, ask, s);
	else
		ask(in, s);
}

enum coven_verdict
show_command(struct coven_instance *in, struct coven_out *out, size_t count, const struct coven_slice *words)
{
	bool list = count == 0 || (count == 1 && coven_is(words[0], "list"));
	struct show *s;

	if (!list && !(count == 1 && coven_is(words[0], "count")))
		return COVEN_NEXT;
	s = calloc(1, sizeof *s);
	if (!s)
		return COVEN_FAIL;
	s->out = out;
	s->in = in;
	s->list = list;
	if (coven_call_worker(in, 0, asked, s) == 0)
		return COVEN_WAIT;
	free(s);
	return COVEN_FAIL;
}
