/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of options as a plugin brings them, checked before anything is read by them. */
#include "base/arena.h"
#include "base/text.h"
#include "host/option.h"
#include "host/option_inside.h"

#include <string.h>

struct check {
	const char *plugin;
	struct complaints *list;
	struct arena *memory;
};

static int check_rows(struct check *k, struct option_rows rows, size_t size,
		      unsigned depth);

__attribute__((format(printf, 3, 4))) static int
bad(struct check *k, const char *name, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	complain(k->list, NULL, 0, "plugin %s: option \"%s\" %s", k->plugin, name, text);
	return -1;
}

/* As libconfig takes names. */
static bool
name_fits(const char *name)
{
	const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *name && strchr(letters, *name) &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"
				  "23456789_-")];
}

static int
check_field(struct check *k, const struct coven_option *row, size_t size)
{
	int want = option_field_size(row->type);

	if (want < 0)
		return bad(k, row->name, "has a type that is not known: %u",
			   (unsigned)row->type);
	if (want ? row->field_size != (size_t)want : !row->field_size)
		return bad(k, row->name, "has a field of %u bytes, not %d as a %s needs",
			   row->field_size, want, option_type_name(row->type));
	if (row->offset > size || row->field_size > size - row->offset)
		return bad(k, row->name, "lies outside its struct");
	if (row->min > row->max)
		return bad(k, row->name, "has a least value above the largest");
	if (row->type == COVEN_ENUM && (!row->choices || !*row->choices))
		return bad(k, row->name, "has no choices");
	if ((row->type == COVEN_TABLE || row->type == COVEN_GROUP) && !row->columns)
		return bad(k, row->name, "has no columns");
	if (row->type == COVEN_TABLE && !row->row_size)
		return bad(k, row->name, "has rows of no size");
	return 0;
}

static int
check_default(struct check *k, const struct coven_option *row)
{
	union {
		bool truth;
		int64_t number;
		struct coven_slice text;
		struct coven_address address;
		struct coven_rows rows;
	} field = {.number = 0};
	bool number = row->type == COVEN_INT || row->type == COVEN_SIZE ||
		      row->type == COVEN_TIME;

	if (!row->value || row->type == COVEN_GROUP)
		return 0;
	if (option_fill(k->memory, row, NULL, &field))
		return bad(k, row->name, "has a default that is no %s: %s",
			   option_type_name(row->type), row->value);
	if (number && !option_within(row, field.number))
		return bad(k, row->name, "has a default out of its range: %s",
			   row->value);
	return 0;
}

static int
check_row(struct check *k, struct option_rows rows, const struct coven_option *row,
	  size_t size, unsigned depth)
{
	if (!name_fits(row->name))
		return bad(k, row->name, "has a name that no file can write");
	if (check_field(k, row, size) || check_default(k, row))
		return -1;
	if (row->type == COVEN_TABLE)
		return check_rows(k, option_columns(rows, row), row->row_size, depth + 1);
	if (row->type == COVEN_GROUP)
		return check_rows(k, option_columns(rows, row), row->field_size,
				  depth + 1);
	return 0;
}

static int
check_rows(struct check *k, struct option_rows rows, size_t size, unsigned depth)
{
	struct coven_option row, other;
	int rc = 0;

	if (depth > OPTION_DEPTH_MAX) {
		complain(k->list, NULL, 0, "plugin %s: options are nested too deep",
			 k->plugin);
		return -1;
	}
	for (size_t i = 0; option_row(rows, i, &row); i++) {
		if (i == OPTION_ROWS_MAX) {
			complain(k->list, NULL, 0, "plugin %s: more than %d options",
				 k->plugin, OPTION_ROWS_MAX);
			return -1;
		}
		if (check_row(k, rows, &row, size, depth))
			rc = -1;
		for (size_t before = 0; before < i; before++)
			if (option_row(rows, before, &other) &&
			    !strcmp(row.name, other.name))
				rc = bad(k, row.name, "is there twice");
	}
	return rc;
}

int
option_check(struct option_rows rows, size_t struct_size, const char *plugin,
	     struct complaints *list)
{
	struct arena_pool *pool = arena_pool_new(0);
	struct arena *memory = pool ? arena_new(pool) : NULL;
	struct check k = {plugin, list, memory};
	int rc = -1;

	if (memory)
		rc = check_rows(&k, rows, struct_size, 1);
	else
		complain(list, NULL, 0, "no memory");
	arena_free(memory);
	arena_pool_free(pool);
	return rc;
}
