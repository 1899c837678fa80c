/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns in the order in which fields first appear, as wide as their widest value; numbers to the right. */
#include "ctl/sheet.h"

#include <string.h>

/* UTF-8 in one place for each character; a control character, also one of U+0080 to U+009F, is one '?'. */
static size_t
put_text(const char *text, FILE *to)
{
	size_t width = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool control = *p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);

		width += (*p & 0xc0) != 0x80;
		if (to)
			fputc(control ? '?' : *p, to);
		p += control && *p == 0xc2;
	}
	return width;
}

/* Its width; to NULL: printed nowhere. */
static size_t
put_value(const json_t *value, FILE *to)
{
	char number[32];

	switch (json_typeof(value)) {
	case JSON_STRING:
		return put_text(*json_string_value(value) ? json_string_value(value) : "-", to);
	case JSON_INTEGER:
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return put_text(number, to);
	case JSON_TRUE:
		return put_text("yes", to);
	case JSON_FALSE:
		return put_text("no", to);
	case JSON_REAL:
		snprintf(number, sizeof number, "%g", json_real_value(value));
		return put_text(number, to);
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		return put_text("-", to);
	}
	return 0;
}

static void
pad(size_t count, FILE *to)
{
	while (count--)
		fputc(' ', to);
}

static struct sheet_column *
column_of(struct sheet *s, const char *name)
{
	struct sheet_column *column;

	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->columns[i].name, name))
			return &s->columns[i];
	if (s->count == SHEET_COLUMNS_MAX || strlen(name) >= SHEET_NAME)
		return NULL;
	column = &s->columns[s->count++];
	*column = (struct sheet_column){ .width = put_text(name, NULL), .numbers = true };
	memcpy(column->name, name, strlen(name) + 1);
	return column;
}

static void
measure(struct sheet *s, const json_t *rows)
{
	const char *name;
	json_t *row, *value;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_object_foreach(row, name, value) {
			struct sheet_column *column = column_of(s, name);
			size_t width = put_value(value, NULL);

			if (!column)
				continue;
			column->width = width > column->width ? width : column->width;
			column->numbers &= json_is_integer(value);
		}
	}
}

/* No blanks at the end of a line. */
static void
put_cell(const struct sheet *s, size_t i, const json_t *value, FILE *to)
{
	const struct sheet_column *column = &s->columns[i];
	size_t width = value ? put_value(value, NULL) : 1;

	if (i)
		fputs("  ", to);
	if (column->numbers && width < column->width)
		pad(column->width - width, to);
	if (value)
		put_value(value, to);
	else
		fputc('-', to);
	if (!column->numbers && i + 1 < s->count && width < column->width)
		pad(column->width - width, to);
}

static void
print_head(const struct sheet *s, FILE *to)
{
	for (size_t i = 0; i < s->count; i++) {
		json_t *head = json_string(s->columns[i].name);

		put_cell(s, i, head, to);
		json_decref(head);
	}
	fputc('\n', to);
}

static void
print_rows(const struct sheet *s, const json_t *rows, FILE *to)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		for (size_t k = 0; k < s->count; k++)
			put_cell(s, k, json_object_get(row, s->columns[k].name), to);
		fputc('\n', to);
	}
}

static void
print_list(const struct sheet *s, const json_t *row, FILE *to)
{
	size_t width = 0;

	for (size_t i = 0; i < s->count; i++) {
		size_t own = put_text(s->columns[i].name, NULL);

		width = own > width ? own : width;
	}
	for (size_t i = 0; i < s->count; i++) {
		pad(width - put_text(s->columns[i].name, to), to);
		fputs("  ", to);
		put_value(json_object_get(row, s->columns[i].name), to);
		fputc('\n', to);
	}
}

void
sheet_print(struct sheet *s, const json_t *rows, bool whole, FILE *to)
{
	bool first = s->count == 0;
	size_t width = 0;

	if (first)
		measure(s, rows);
	if (!s->count)
		return;
	for (size_t i = 0; i < s->count; i++)
		width += s->columns[i].width + (i ? 2 : 0);
	if (first && whole && json_array_size(rows) == 1 && width > SHEET_WIDTH) {
		print_list(s, json_array_get(rows, 0), to);
		return;
	}
	if (first)
		print_head(s, to);
	print_rows(s, rows, to);
}

void
sheet_print_text(const char *text, FILE *to)
{
	put_text(text, to);
}
