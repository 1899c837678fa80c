/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to a command: rows, errors, and who ends it when. */
#include "host/host.h"
#include "host/out.h"
#include "base/text.h"
#include "../tap.h"

#include <stdlib.h>

struct got {
	char *line;
	int times;
};

static void
take(void *arg, struct coven_out *out)
{
	struct got *g = arg;
	size_t length;

	free(g->line);
	g->line = out_line(out, &length);
	is_int(length, strlen(g->line), "the length of the line");
	g->times++;
}

static void
test_rows(void)
{
	struct got g = { .line = NULL };
	struct coven_out *out = out_new(take, &g);

	out_enter(out);
	out_name(out, "things");
	coven_row(out);
	coven_put_text(out, "a", TEXT("x\"\\\n\0y"));
	coven_put_number(out, "b", INT64_MIN);
	coven_row(out);
	coven_put_bool(out, "c", true);
	coven_put_text(out, "d", TEXT("\xff\xc3\xa9"));
	coven_put_text(out, "e", TEXT("\xc3\xa9"));
	coven_put_text(out, "f", (struct coven_slice){ NULL, 0 });
	out_leave(out, COVEN_DONE);
	is_text(g.line, "{\"ok\":true,\"name\":\"things\",\"rows\":[{\"a\":\"x\\\"\\\\\\n\\u0000y\",\"b\":-9223372036854775808},"
	                "{\"c\":true,\"d\":\"???\",\"e\":\"\xc3\xa9\",\"f\":\"\"}]}\n", "two rows");
	is_int(g.times, 1, "once");
	free(g.line);
}

static void
test_ends(void)
{
	struct got g = { .line = NULL };
	struct coven_out *out = out_new(take, &g);

	out_enter(out);
	out_leave(out, COVEN_WAIT);
	is_int(g.times, 0, "it waits");
	coven_row(out);
	coven_end(out, 0);
	is_text(g.line, "{\"ok\":true,\"name\":\"rows\",\"rows\":[{}]}\n", "ended later, with an empty row");
	out = out_new(take, &g);
	out_enter(out);
	coven_end(out, 3);
	is_int(g.times, 1, "ended too early: kept until the command has returned");
	out_leave(out, COVEN_WAIT);
	is_text(g.line, "{\"ok\":false,\"status\":3,\"error\":\"the command failed\"}\n", "an exit status is an error");
	out = out_new(take, &g);
	out_enter(out);
	out_error(out, "no \"%s\"", "x");
	out_error(out, "second");
	out_leave(out, COVEN_FAIL);
	is_text(g.line, "{\"ok\":false,\"status\":1,\"error\":\"no \\\"x\\\"\"}\n", "the first error counts");
	out = out_new(take, &g);
	out_enter(out);
	coven_row(out);
	coven_put_number(out, "line", 7);
	out_error(out, "one mistake");
	out_leave(out, COVEN_FAIL);
	is_text(g.line, "{\"ok\":false,\"status\":1,\"error\":\"one mistake\",\"name\":\"rows\",\"rows\":[{\"line\":7}]}\n",
	        "rows come with the error");
	out = out_new(take, &g);
	out_enter(out);
	out_leave(out, COVEN_WAIT);
	out_forget(out);
	coven_put_number(out, "a", 1);
	coven_end(out, 0);
	is_int(g.times, 4, "nobody is told when nobody listens");
	free(g.line);
}

static void
test_long(void)
{
	struct got g = { .line = NULL };
	struct coven_out *out = out_new(take, &g);
	size_t length = 1 << 20;
	char *text = malloc(length);

	memset(text, 'x', length);
	out_enter(out);
	for (int i = 0; i < 70; i++) {
		coven_row(out);
		coven_put_text(out, "a", (struct coven_slice){ text, length });
	}
	out_leave(out, COVEN_DONE);
	is_text(g.line, "{\"ok\":false,\"status\":1,\"error\":\"the answer is too long\"}\n", "too long");
	free(text);
	free(g.line);
}

/* -- pieces */

struct reader {
	struct got got;
	int more;
};

static void
take_last(void *arg, struct coven_out *out)
{
	struct reader *r = arg;

	take(&r->got, out);
}

static void
take_more(void *arg, struct coven_out *out)
{
	struct reader *r = arg;

	r->more++;
}

static void
went_on(struct coven_instance *in, void *arg)
{
	++*(int *)arg;
}

static void
piece_is(struct coven_out *out, const char *wanted, const char *name)
{
	size_t length;
	char *piece = out_piece(out, &length);

	is_text(piece ? piece : "none", wanted, "%s", name);
	free(piece);
}

static void
test_pieces(void)
{
	struct loop *loop = loop_new(true);
	struct host h = { .loop = loop };
	struct coven_instance in = { .host = &h };
	struct reader r = { .more = 0 };
	struct coven_out *out = out_new(take_last, &r);
	int on = 0;

	out_on_more(out, take_more);
	out_own(out, &in);
	out_name(out, "things");
	coven_row(out);
	coven_put_number(out, "a", 1);
	piece_is(out, "none", "nothing was flushed yet");
	coven_flush(&in, out, went_on, &on);
	is_int(r.more, 1, "the reader is told");
	loop_work(loop);
	is_int(on, 0, "it waits for the reader");
	piece_is(out, "{\"more\":true,\"name\":\"things\",\"rows\":[{\"a\":1}]}\n", "the first piece");
	out_taken(out);
	is_int(on, 0, "never on the caller's stack");
	loop_work(loop);
	is_int(on, 1, "it goes on");
	coven_row(out);
	coven_put_number(out, "a", 2);
	coven_flush(&in, out, went_on, &on);
	ok(coven_heard(out), "somebody listens");
	out_forget(out);
	ok(!coven_heard(out), "nobody listens");
	loop_work(loop);
	is_int(on, 2, "it goes on all the same");
	coven_flush(&in, out, went_on, &on);
	loop_work(loop);
	is_int(on, 3, "and again");
	coven_end(out, 0);
	is_int(r.got.times, 0, "nobody is told");

	out = out_new(take_last, &r);
	out_own(out, &in);
	coven_flush(&in, out, went_on, &on);
	out_purge(&in);
	loop_work(loop);
	is_int(on, 3, "the plugin has stopped: it does not go on");
	is_text(r.got.line, "{\"ok\":false,\"status\":1,\"error\":\"the plugin has been stopped\"}\n", "and the reader is told");
	free(r.got.line);
	loop_free(loop);
}

/* -- streams */

static void
had_enough(void *arg, struct coven_out *out)
{
	++*(int *)arg;
	coven_end(out, 0);
}

static void
test_stream(void)
{
	struct reader r = { .more = 0 };
	struct coven_out *out = out_new(take_last, &r);
	int enough = 0;

	out_on_more(out, take_more);
	out_stream(out, had_enough, NULL, &enough);
	out_push(out);
	piece_is(out, "{\"more\":true,\"stream\":true,\"name\":\"rows\",\"rows\":[]}\n", "an empty piece says that it runs");
	coven_row(out);
	coven_put_number(out, "a", 1);
	out_push(out);
	is_int(out_waiting(out), 7, "what the reader has not taken");
	out_enough(out);
	is_int(enough, 1, "told once");
	is_text(r.got.line, "{\"ok\":true,\"stream\":true,\"name\":\"rows\",\"rows\":[{\"a\":1}]}\n", "the end has what is left");
	out = out_new(take_last, &r);
	out_stream(out, had_enough, NULL, &enough);
	out_forget(out);
	is_int(enough, 2, "who has gone has enough");
	free(r.got.line);
}

int
main(void)
{
	test_rows();
	test_ends();
	test_long();
	test_pieces();
	test_stream();
	return done();
}
