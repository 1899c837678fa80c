/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to a command: rows, errors, and who ends it when. */
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
	out_leave(out, COVEN_WAIT);
	out_forget(out);
	coven_put_number(out, "a", 1);
	coven_end(out, 0);
	is_int(g.times, 3, "nobody is told when nobody listens");
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

int
main(void)
{
	test_rows();
	test_ends();
	test_long();
	return done();
}
