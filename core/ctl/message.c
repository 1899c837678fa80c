/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a message: nothing in them can steer the terminal, and none can look like ours. */
#include "ctl/message.h"
#include "ctl/sheet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *
text_field(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "-";
}

static void
print_line(const char *at, size_t length, FILE *to)
{
	char *line = strndup(at, length);

	if (!line)
		return;
	if (length)
		fputs("    ", to);
	sheet_print_text(line, to);
	fputc('\n', to);
	free(line);
}

static void
print_lines(const char *at, size_t length, FILE *to)
{
	const char *end = at + length;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = stop ? (size_t)(stop - at) : (size_t)(end - at);

		print_line(at, size && at[size - 1] == '\r' ? size - 1 : size, to);
		at += size + 1;
	}
}

void
message_print(const json_t *row, FILE *to)
{
	const json_t *message = json_object_get(row, "message");
	bool out = !strcmp(text_field(row, "direction"), "out");

	fprintf(to, "%s %s %s ", text_field(row, "time"), out ? "out" : "in", text_field(row, "transport"));
	sheet_print_text(text_field(row, "local"), to);
	fputs(out ? " > " : " < ", to);
	sheet_print_text(text_field(row, "peer"), to);
	fputc('\n', to);
	print_lines(json_string_value(message), json_string_length(message), to);
	fputc('\n', to);
}
