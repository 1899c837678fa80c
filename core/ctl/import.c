/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches of lines, and what became of them. */
#include "ctl/import.h"
#include "ctl/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct import {
	struct line *line;
	const char *name; /* of the file, for errors */
	unsigned number;  /* of the line read last */
	size_t count;
	char lines[IMPORT_BATCH][IMPORT_LINE_MAX];
	unsigned numbers[IMPORT_BATCH];
	json_t *sums;
	bool failed;
};

static void
complain(struct import *m, unsigned number, const char *why)
{
	fprintf(stderr, "covenctl: %s:%u: ", m->name, number);
	sheet_print_text(why, stderr);
	fputc('\n', stderr);
	m->failed = true;
}

/* -- answers */

static void
take_row(struct import *m, const json_t *row)
{
	const char *error = json_string_value(json_object_get(row, "error")), *name;
	json_int_t which = json_integer_value(json_object_get(row, "line"));
	json_t *value;

	if (error && which >= 1 && (size_t)which <= m->count) {
		complain(m, m->numbers[which - 1], error);
		return;
	}
	json_object_foreach((json_t *)row, name, value) {
		json_int_t sum = json_integer_value(json_object_get(m->sums, name));

		if (json_is_integer(value))
			json_object_set_new(m->sums, name, json_integer(sum + json_integer_value(value)));
	}
}

static int
take_answer(struct import *m)
{
	json_t *answer = line_receive(m->line, NULL), *row;
	const char *error = json_string_value(json_object_get(answer, "error"));
	size_t i;

	if (!answer)
		return CTL_NO_SERVER;
	json_array_foreach(json_object_get(answer, "rows"), i, row)
		take_row(m, row);
	if (!json_is_true(json_object_get(answer, "ok")))
		complain(m, m->numbers[0], error ? error : "refused from here on");
	i = json_is_true(json_object_get(answer, "ok"));
	json_decref(answer);
	return i ? CTL_GOOD : CTL_REFUSED;
}

static int
send_batch(struct import *m)
{
	const char *words[IMPORT_BATCH + 2] = { "user", "import" };
	int code;

	if (!m->count)
		return CTL_GOOD;
	for (size_t i = 0; i < m->count; i++)
		words[2 + i] = m->lines[i];
	code = line_ask(m->line, m->count + 2, words) < 0 ? CTL_REFUSED : take_answer(m);
	m->count = 0;
	return code;
}

/* -- the file */

/* One line that cannot be sent must not stop the others of its batch. */
static bool
is_utf8(const char *line)
{
	json_t *text = json_string(line);

	json_decref(text);
	return text != NULL;
}

/* Without blanks around it; the rest of a line that is too long is read, and dropped. */
static bool
read_line(struct import *m, FILE *from)
{
	char *line = m->lines[m->count];
	size_t length;
	int c;

	if (!fgets(line, IMPORT_LINE_MAX, from))
		return false;
	m->number++;
	length = strlen(line);
	if (length == IMPORT_LINE_MAX - 1 && line[length - 1] != '\n') {
		while ((c = fgetc(from)) != EOF && c != '\n')
			;
		complain(m, m->number, "the line is too long");
		return true;
	}
	while (length && strchr(" \t\r\n", line[length - 1]))
		line[--length] = '\0';
	if (length && *line != '#' && is_utf8(line))
		m->numbers[m->count++] = m->number;
	else if (length && *line != '#')
		complain(m, m->number, "the line is not UTF-8");
	return true;
}

static int
import_lines(struct import *m, FILE *from)
{
	int code = CTL_GOOD;

	while (code == CTL_GOOD && read_line(m, from))
		if (m->count == IMPORT_BATCH)
			code = send_batch(m);
	if (code == CTL_GOOD && ferror(from)) {
		fprintf(stderr, "covenctl: %s: %s\n", m->name, strerror(errno));
		m->failed = true;
	}
	return code == CTL_GOOD ? send_batch(m) : code;
}

static void
print_sums(const struct import *m, bool as_json)
{
	struct sheet sheet = { .count = 0 };
	json_t *rows = json_array();

	json_array_append(rows, m->sums);
	if (as_json) {
		fputs("{\"user\": ", stdout);
		json_dumpf(rows, stdout, 0);
		fputs("}\n", stdout);
	} else {
		sheet_print(&sheet, rows, true, stdout);
	}
	json_decref(rows);
}

int
import_file(struct line *l, const char *file, bool as_json)
{
	bool own = strcmp(file, "-") != 0;
	FILE *from = own ? fopen(file, "re") : stdin;
	struct import *m = calloc(1, sizeof *m);
	int code = CTL_REFUSED;

	if (!from || !m) {
		fprintf(stderr, "covenctl: %s: %s\n", file, strerror(errno));
	} else {
		m->line = l;
		m->name = own ? file : "standard input";
		m->sums = json_object();
		code = import_lines(m, from);
		print_sums(m, as_json);
		if (code == CTL_GOOD && m->failed)
			code = CTL_REFUSED;
		json_decref(m->sums);
		explicit_bzero(m, sizeof *m);
	}
	free(m);
	if (own && from)
		fclose(from);
	return code;
}
