/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options explained to people: a table of them, and a sample of the configuration. */
#include "host/sample.h"
#include "host/option_inside.h"
#include "host/unit.h"

#include <string.h>

static void
print_limits(const struct coven_option *row, FILE *out)
{
	char low[UNIT_TEXT], high[UNIT_TEXT];

	if (row->type == COVEN_ENUM)
		for (const char *const *c = row->choices; c && *c; c++)
			fprintf(out, "%s\"%s\"", c == row->choices ? ", " : " or ", *c);
	if (!row->min && !row->max)
		return;
	option_print_number(row, row->min, low);
	option_print_number(row, row->max, high);
	fprintf(out, ", %s to %s%s", low, high,
		row->type == COVEN_STRING || row->type == COVEN_SECRET ? " letters"
		: row->type == COVEN_LIST || row->type == COVEN_TABLE  ? " members"
								       : "");
}

/* Whether a file writes such a value in quotes: the default as it stands may not. */
static bool
quoted(const struct coven_option *row)
{
	switch ((enum coven_type)row->type) {
	case COVEN_STRING:
	case COVEN_ENUM:
	case COVEN_ADDRESS:
	case COVEN_SECRET:
		return true;
	case COVEN_SIZE:
	case COVEN_TIME:
		return row->value && row->value[strspn(row->value, "0123456789")] != '\0';
	case COVEN_BOOL:
	case COVEN_INT:
	case COVEN_LIST:
	case COVEN_TABLE:
	case COVEN_GROUP:
		break;
	}
	return false;
}

static void
print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void
print_default(const struct coven_option *row, FILE *out)
{
	if (quoted(row))
		print_quoted(row->value, out);
	else
		fputs(row->value, out);
}

static void
print_rows(struct option_rows rows, unsigned depth, FILE *out)
{
	struct coven_option row;

	for (size_t i = 0; i < OPTION_ROWS_MAX && option_row(rows, i, &row); i++) {
		bool known = option_field_size(row.type) >= 0;

		fprintf(out, "%*s%-*s %s", (int)depth * 2, "", 20 - (int)depth * 2,
			row.name, known ? option_type_name(row.type) : "?");
		print_limits(&row, out);
		if (row.type == COVEN_GROUP || row.type == COVEN_TABLE)
			;
		else if (!row.value)
			fputs(", required", out);
		else {
			fputs(", default ", out);
			print_default(&row, out);
		}
		fprintf(out, "\n%*s%s\n", 21, "", row.help ? row.help : "");
		if ((row.type == COVEN_GROUP || row.type == COVEN_TABLE) &&
		    depth < OPTION_DEPTH_MAX)
			print_rows(option_columns(rows, &row), depth + 1, out);
	}
}

void
option_print(struct option_rows rows, FILE *out)
{
	print_rows(rows, 0, out);
}

static void sample_rows(struct option_rows rows, unsigned depth, bool comment, FILE *out);

static void
indent(unsigned depth, bool comment, FILE *out)
{
	fprintf(out, "%.*s%s", (int)depth, "\t\t\t\t\t\t\t\t\t\t\t\t",
		comment ? "# " : "");
}

static void
sample_table(struct option_rows rows, const struct coven_option *row, unsigned depth,
	     FILE *out)
{
	indent(depth, true, out);
	fprintf(out, "%s = (\n", row->name);
	indent(depth, true, out);
	fputs("\t{\n", out);
	sample_rows(option_columns(rows, row), depth, true, out);
	indent(depth, true, out);
	fputs("\t}\n", out);
	indent(depth, true, out);
	fputs(");\n", out);
}

/* Something of the right form for a value that must be given. */
static const char *
example(const struct coven_option *row)
{
	switch ((enum coven_type)row->type) {
	case COVEN_BOOL:
		return "true";
	case COVEN_INT:
	case COVEN_SIZE:
		return "0";
	case COVEN_TIME:
		return "\"30s\"";
	case COVEN_STRING:
	case COVEN_SECRET:
		return "\"...\"";
	case COVEN_ADDRESS:
		return "\"192.0.2.1\"";
	case COVEN_LIST:
		return "( \"...\" )";
	case COVEN_ENUM:
	case COVEN_TABLE:
	case COVEN_GROUP:
		break;
	}
	return "";
}

static void
sample_value(const struct coven_option *row, unsigned depth, bool comment, bool inside,
	     FILE *out)
{
	indent(depth, comment || row->value, out);
	fprintf(out, "%s%s = ", inside ? "\t\t" : "", row->name);
	if (row->value)
		print_default(row, out);
	else if (row->type == COVEN_ENUM)
		print_quoted(row->choices[0], out);
	else
		fputs(example(row), out);
	fputs(";\n", out);
}

/* comment: these are the columns of a table, which is a comment as a whole. */
static void
sample_rows(struct option_rows rows, unsigned depth, bool comment, FILE *out)
{
	struct coven_option row;

	for (size_t i = 0; i < OPTION_ROWS_MAX && option_row(rows, i, &row); i++) {
		if (!comment) {
			indent(depth, true, out);
			fprintf(out, "%s%s\n", row.help ? row.help : row.name,
				row.value ? "" : "; required");
		}
		if (row.type == COVEN_TABLE && !comment) {
			sample_table(rows, &row, depth, out);
		} else if (row.type == COVEN_GROUP && !comment) {
			indent(depth, false, out);
			fprintf(out, "%s = {\n", row.name);
			if (depth < OPTION_DEPTH_MAX)
				sample_rows(option_columns(rows, &row), depth + 1, false,
					    out);
			indent(depth, false, out);
			fputs("};\n", out);
		} else if (row.type != COVEN_TABLE && row.type != COVEN_GROUP) {
			sample_value(&row, depth, comment, comment, out);
		}
	}
}

void
sample_print(struct option_rows rows, const char *name, const char *summary, FILE *out)
{
	fprintf(out, "# %s -- %s\n", name, summary);
	fprintf(out, "plugins = (\n\t{\n\t\tname = \"%s\";\n", name);
	sample_rows(rows, 2, false, out);
	fputs("\t}\n);\n", out);
}
