/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of options that was read: made, asked for places, wiped and freed; and the plan
 * it is read by. */
#include "base/arena.h"
#include "base/text.h"
#include "host/option.h"
#include "host/option_inside.h"

#include <stdlib.h>
#include <string.h>

bool
option_row(struct option_rows rows, size_t nth, struct coven_option *row)
{
	size_t stride = rows.stride ? rows.stride : sizeof *row;

	memset(row, 0, sizeof *row);
	if (!rows.at)
		return false;
	memcpy(row, (const char *)rows.at + nth * stride,
	       stride < sizeof *row ? stride : sizeof *row);
	return row->name != NULL;
}

struct option_rows
option_columns(struct option_rows rows, const struct coven_option *row)
{
	return (struct option_rows){row->columns, rows.stride};
}

static struct option_plan *plan_new(struct arena *memory, struct option_rows rows,
				    size_t size);

/* A default that is more than "()": parsed as a file is. */
static int
default_list(struct arena *memory, const struct coven_option *row,
	     struct coven_rows *field)
{
	struct coven_slice text = text_trim(text_of(row->value)), inside;
	struct complaints *list;
	struct coven_slice *texts;
	struct conf *conf = NULL;
	const struct conf_node *n;
	char *line;
	int rc = -1;

	inside = text_trim(text_cut(text, 1, text.length - 1));
	*field = (struct coven_rows){NULL, 0};
	if (text.length >= 2 && text_empty(inside))
		return 0;
	if (row->type != COVEN_LIST)
		return -1;
	list = complaints_new();
	line = malloc(text.length + 8);
	if (list && line) {
		snprintf(line, text.length + 8, "v = %s;", row->value);
		conf = conf_parse("default", text_of(line), list);
	}
	n = conf ? conf_member(conf_root(conf), "v") : NULL;
	texts = n ? arena_alloc(memory, conf_count(n) * sizeof *texts) : NULL;
	if (texts && conf_kind(n) == CONF_LIST) {
		rc = 0;
		for (n = conf_first(n); n; n = conf_next(n)) {
			if (conf_kind(n) != CONF_STRING) {
				rc = -1;
				break;
			}
			texts[field->count++] = arena_dup(memory, conf_text(n));
		}
		field->at = texts;
	}
	conf_free(conf);
	free(line);
	complaints_free(list);
	return rc;
}

int
option_fill(struct arena *memory, const struct coven_option *row,
	    const struct option_plan *below, void *field)
{
	switch ((enum coven_type)row->type) {
	case COVEN_LIST:
	case COVEN_TABLE:
		return default_list(memory, row, field);
	case COVEN_GROUP:
		memcpy(field, below->defaults, below->size);
		return 0;
	case COVEN_BOOL:
	case COVEN_INT:
	case COVEN_SIZE:
	case COVEN_TIME:
	case COVEN_STRING:
	case COVEN_ENUM:
	case COVEN_ADDRESS:
	case COVEN_SECRET:
		break;
	}
	return option_default(memory, row, field);
}

static int
plan_fill(struct option_plan *plan, struct arena *memory, struct option_rows rows)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct coven_option *row = &plan->rows[i];
		char *field;

		option_row(rows, i, row);
		field = (char *)plan->defaults + row->offset;
		if (row->type == COVEN_TABLE || row->type == COVEN_GROUP) {
			plan->below[i] =
				plan_new(memory, option_columns(rows, row),
					 row->type == COVEN_TABLE ? row->row_size
								  : row->field_size);
			if (!plan->below[i])
				return -1;
		}
		if ((row->value || row->type == COVEN_GROUP) &&
		    option_fill(memory, row, plan->below[i], field))
			return -1;
	}
	return 0;
}

static struct option_plan *
plan_new(struct arena *memory, struct option_rows rows, size_t size)
{
	struct option_plan *plan = arena_zero(memory, sizeof *plan);
	struct coven_option row;

	if (!plan)
		return NULL;
	while (option_row(rows, plan->count, &row))
		plan->count++;
	plan->size = size;
	plan->rows = arena_alloc(memory, plan->count * sizeof *plan->rows);
	plan->below = arena_zero(memory, plan->count * sizeof *plan->below);
	plan->defaults = arena_zero(memory, size);
	if (!plan->rows || !plan->below || !plan->defaults ||
	    plan_fill(plan, memory, rows))
		return NULL;
	return plan;
}

struct option_set *
option_set_new(struct option_rows rows, size_t struct_size)
{
	struct option_set *set = calloc(1, sizeof *set);

	if (!set)
		return NULL;
	set->pool = arena_pool_new(0);
	set->memory = set->pool ? arena_new(set->pool) : NULL;
	set->values = set->memory ? arena_zero(set->memory, struct_size) : NULL;
	set->plan = set->values ? plan_new(set->memory, rows, struct_size) : NULL;
	if (set->plan)
		return set;
	option_free(set);
	return NULL;
}

void
option_wipe_secrets(struct option_set *set)
{
	for (struct option_secret *s = set->secrets; s; s = s->next)
		explicit_bzero((char *)(uintptr_t)s->text.at, s->text.length);
	set->secrets = NULL;
}

void
option_free(struct option_set *set)
{
	if (!set)
		return;
	option_wipe_secrets(set);
	arena_free(set->memory);
	arena_pool_free(set->pool);
	free(set->files);
	free(set);
}

const void *
option_values(const struct option_set *set)
{
	return set->values;
}

static struct option_place
place_of(const struct option_set *set, struct option_cell cell)
{
	if (!cell.file)
		return (struct option_place){NULL, 0};
	return (struct option_place){set->files[cell.file], cell.line};
}

/* The cells of the struct at `row`, if it is one of that block. */
static const struct option_cell *
cells_at(const struct option_block *b, const char *row)
{
	size_t distance =
		(size_t)((uintptr_t)row - (uintptr_t)b->at); /* huge if row lies before */

	if (!b->stride || distance % b->stride || distance / b->stride >= b->count)
		return NULL;
	return b->cells + distance / b->stride * (b->plan->count + 1);
}

/* A group at offset 0 lies where its parent does: the one that has the name is meant. */
struct option_place
option_where(const struct option_set *set, const void *row, const char *name)
{
	struct option_place place = {NULL, 0};

	for (const struct option_block *b = set->blocks; b; b = b->next) {
		const struct option_cell *cells = cells_at(b, row ? row : set->values);

		if (!cells)
			continue;
		for (size_t i = 0; name && i < b->plan->count; i++)
			if (!strcmp(b->plan->rows[i].name, name) && cells[i + 1].file)
				return place_of(set, cells[i + 1]);
		place = place_of(set, cells[0]);
	}
	return place;
}
