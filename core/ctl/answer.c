/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms of an answer: one line, many pieces, a stream. */
#include "ctl/answer.h"
#include "ctl/capture.h"
#include "ctl/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* -- {"name":[row,row,...]}, piece by piece */

static void
print_json_rows(struct answer *a, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	json_t *row;
	size_t i;

	if (!a->begun)
		printf("{\"%s\": [", name ? name : "rows");
	a->begun = true;
	json_array_foreach(json_object_get(line, "rows"), i, row) {
		if (a->rows++)
			fputs(", ", stdout);
		json_dumpf(row, stdout, 0);
	}
}

static void
end_json(const struct answer *a)
{
	if (a->begun)
		fputs("]}\n", stdout);
}

/* -- streams: each row when it comes */

static void
print_streamed(struct answer *a, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		if (a->capture && capture_row(a->capture, row) == 0)
			continue;
		if (a->as_json) {
			json_dumpf(row, stdout, JSON_COMPACT);
			fputc('\n', stdout);
		} else if (json_object_get(row, "message")) {
			message_print(row, stdout);
		} else {
			json_t *one = json_array();

			json_array_append(one, row);
			sheet_print(&a->sheet, one, false, stdout);
			json_decref(one);
		}
	}
}

/* Once, when the server has begun: from now on nothing is missed. */
static void
say_streaming(struct answer *a)
{
	if (!a->streams)
		fputs("covenctl: until interrupted (Ctrl-C)\n", stderr);
	a->streams = true;
}

/* -- */

static int
written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CTL_GOOD;
	fprintf(stderr, "covenctl: cannot write the answer: %s\n", strerror(errno));
	return CTL_REFUSED;
}

static void
print_rows(struct answer *a, const json_t *line, bool whole)
{
	const json_t *rows = json_object_get(line, "rows");

	if (a->streams)
		print_streamed(a, rows);
	else if (a->as_json)
		print_json_rows(a, line);
	else
		sheet_print(&a->sheet, rows, whole, stdout);
}

static int
refused(const json_t *line)
{
	const char *error = json_string_value(json_object_get(line, "error"));

	fflush(stdout);
	fputs("covenctl: ", stderr);
	sheet_print_text(error ? error : "refused", stderr);
	fputc('\n', stderr);
	return json_integer_value(json_object_get(line, "status")) == CTL_USAGE ? CTL_USAGE : CTL_REFUSED;
}

/* One line; *more: it is not the last. */
static int
take_line(struct answer *a, const json_t *line, bool *more)
{
	*more = json_is_true(json_object_get(line, "more"));
	if (!*more && !json_is_true(json_object_get(line, "ok"))) {
		if (!a->streams && json_array_size(json_object_get(line, "rows")) > 0)
			print_rows(a, line, true);
		if (!a->streams)
			end_json(a);
		return refused(line);
	}
	if (json_is_true(json_object_get(line, "stream")))
		say_streaming(a);
	print_rows(a, line, !*more);
	if (!*more && !a->streams)
		end_json(a);
	return written();
}

int
answer_take(struct answer *a, struct line *l)
{
	int code = CTL_GOOD;
	bool more = true;

	while (more && code == CTL_GOOD) {
		json_t *line = line_receive(l, a->stop);

		if (!line)
			return a->stop && *a->stop ? CTL_GOOD : CTL_NO_SERVER;
		code = take_line(a, line, &more);
		json_decref(line);
	}
	return code;
}
