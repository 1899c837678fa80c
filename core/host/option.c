/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of a configuration read into structs by rows of options. */
#include "host/option.h"
#include "base/arena.h"
#include "base/text.h"
#include "host/hint.h"
#include "host/option_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct option_set *set;
	struct complaints *list;
	const char *const *also;
	const char *file; /* where nothing is */
};

/* The groups that are read into one struct, and what they are called in complaints. */
struct sources {
	const struct conf_node *const *groups;
	size_t count;
	const char *where;
};

static struct coven_slice
where_text(const char *where, char room[128])
{
	size_t length = 0;

	room[0] = '\0';
	if (where)
		length = (size_t)snprintf(room, 128, " in %s", where);
	return (struct coven_slice){room, length};
}

static uint32_t
file_index(struct option_set *set, const char *name)
{
	const char **files;
	struct coven_slice copy;

	for (size_t i = set->file_count; i-- > 1;)
		if (!strcmp(set->files[i], name))
			return (uint32_t)i;
	if (set->file_count >= set->file_room) {
		size_t room = set->file_room ? set->file_room * 2 : 16;

		files = realloc(set->files, room * sizeof *files);
		if (!files)
			return 0;
		set->files = files;
		set->file_room = room;
	}
	if (!set->file_count)
		set->files[set->file_count++] = NULL;
	copy = arena_dup(set->memory, text_of(name));
	if (!copy.at)
		return 0;
	set->files[set->file_count] = copy.at;
	return (uint32_t)set->file_count++;
}

static struct option_cell
cell_of(struct option_set *set, const struct conf_node *n)
{
	const char *file = n ? conf_file(n) : NULL;

	if (!file)
		return (struct option_cell){0, 0};
	return (struct option_cell){conf_line(n), file_index(set, file)};
}

static bool
named(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool
known(const struct option_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->rows[i].name, name))
			return true;
	return false;
}

static void
find_unknown(struct reader *r, const struct option_plan *plan, const struct sources *from,
	     const char *const *also)
{
	char room[HINT_TEXT], where[128];
	struct hint hint;

	for (size_t i = 0; i < from->count; i++)
		for (const struct conf_node *n = conf_first(from->groups[i]); n;
		     n = conf_next(n)) {
			if (known(plan, conf_name(n)) || named(also, conf_name(n)))
				continue;
			hint_begin(&hint, conf_name(n));
			for (size_t k = 0; k < plan->count; k++)
				hint_try(&hint, plan->rows[k].name);
			for (const char *const *name = also; name && *name; name++)
				hint_try(&hint, *name);
			where_text(from->where, where);
			complain(r->list, conf_file(n), conf_line(n),
				 "unknown setting \"%s\"%s%s", conf_name(n), where,
				 hint_text(&hint, room));
		}
}

static void
missing(struct reader *r, const struct coven_option *row, const struct sources *from)
{
	const struct conf_node *group = from->count ? from->groups[0] : NULL;
	char where[128];

	where_text(from->where, where);
	complain(r->list, group ? conf_file(group) : r->file,
		 group ? conf_line(group) : 0, "missing setting \"%s\"%s", row->name,
		 where);
}

static void
no_memory(struct reader *r)
{
	complain(r->list, NULL, 0, "no memory");
}

/* Members of all lists together; those that are no list are complained of and left out.
 */
static size_t
count_members(struct reader *r, const struct coven_option *row,
	      const struct conf_node **lists, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (conf_kind(lists[i]) == CONF_LIST)
			count += conf_count(lists[i]);
		else
			complain(r->list, conf_file(lists[i]), conf_line(lists[i]),
				 "wrong value \"%s\": must be %s", row->name,
				 option_expected(row->type));
	if (!option_within(row, (int64_t)count))
		complain(r->list, conf_file(lists[0]), conf_line(lists[0]),
			 "out of range \"%s\": must have %" PRId64 " to %" PRId64
			 " members",
			 row->name, row->min, row->max);
	return count;
}

static void
read_list(struct reader *r, const struct coven_option *row,
	  const struct conf_node **lists, size_t n, struct coven_rows *field)
{
	struct coven_option text = {.name = row->name, .type = COVEN_STRING};
	size_t count = count_members(r, row, lists, n), at = 0;
	struct coven_slice *texts = arena_zero(r->set->memory, count * sizeof *texts);

	if (!texts) {
		no_memory(r);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (const struct conf_node *m = conf_first(lists[i]);
		     m && conf_kind(lists[i]) == CONF_LIST; m = conf_next(m))
			if (conf_kind(m) == CONF_STRING)
				option_value(r->set, &text, m, &texts[at++], r->list);
			else
				complain(r->list, conf_file(m), conf_line(m),
					 "wrong value in \"%s\": each must be a text in "
					 "quotes",
					 row->name);
	*field = (struct coven_rows){texts, at};
}

static struct option_cell *
add_block(struct reader *r, const struct option_plan *plan, const void *at, size_t stride,
	  size_t count)
{
	struct option_block *b = arena_zero(r->set->memory, sizeof *b);
	size_t cells = count * (plan->count + 1);

	if (b)
		b->cells = arena_zero(r->set->memory, cells * sizeof *b->cells);
	if (!b || !b->cells) {
		no_memory(r);
		return NULL;
	}
	b->plan = plan;
	b->at = at;
	b->stride = stride;
	b->count = count;
	b->next = r->set->blocks;
	r->set->blocks = b;
	return b->cells;
}

static void read_groups(struct reader *r, const struct option_plan *plan,
			const struct sources *from, const char *const *also, char *into,
			struct option_cell *cells);

static void
read_table(struct reader *r, const struct option_plan *plan,
	   const struct coven_option *row, const struct conf_node **lists, size_t n,
	   struct coven_rows *field)
{
	size_t count = count_members(r, row, lists, n), at = 0, width = plan->count + 1;
	char *rows = arena_zero(r->set->memory, count * row->row_size), where[64];
	struct option_cell *cells =
		rows ? add_block(r, plan, rows, row->row_size, count) : NULL;

	if (!cells) {
		no_memory(r);
		return;
	}
	snprintf(where, sizeof where, "\"%s\"", row->name);
	for (size_t i = 0; i < n; i++)
		for (const struct conf_node *m = conf_first(lists[i]);
		     m && conf_kind(lists[i]) == CONF_LIST; m = conf_next(m)) {
			struct sources one = {&m, 1, where};

			if (conf_kind(m) == CONF_GROUP) {
				read_groups(r, plan, &one, NULL,
					    rows + at * row->row_size,
					    cells + at * width);
				at++;
			} else {
				complain(r->list, conf_file(m), conf_line(m),
					 "wrong value in \"%s\": each must be a group { "
					 "... }",
					 row->name);
			}
		}
	*field = (struct coven_rows){rows, at};
}

static void
read_group(struct reader *r, const struct option_plan *plan,
	   const struct coven_option *row, const struct conf_node **groups, size_t n,
	   char *field)
{
	struct option_cell *cells = add_block(r, plan, field, row->field_size, 1);
	struct sources from = {groups, n, NULL};
	char where[64];

	snprintf(where, sizeof where, "\"%s\"", row->name);
	from.where = where;
	for (size_t i = 0; i < n; i++)
		if (conf_kind(groups[i]) != CONF_GROUP)
			complain(r->list, conf_file(groups[i]), conf_line(groups[i]),
				 "wrong value \"%s\": must be a group { ... }",
				 row->name);
	if (cells)
		read_groups(r, plan, &from, NULL, field, cells);
}

static void
read_row(struct reader *r, const struct option_plan *plan, size_t nth,
	 const struct conf_node **given, size_t n, char *field)
{
	const struct coven_option *row = &plan->rows[nth];

	switch ((enum coven_type)row->type) {
	case COVEN_LIST:
		read_list(r, row, given, n, (struct coven_rows *)(void *)field);
		return;
	case COVEN_TABLE:
		read_table(r, plan->below[nth], row, given, n,
			   (struct coven_rows *)(void *)field);
		return;
	case COVEN_GROUP:
		read_group(r, plan->below[nth], row, given, n, field);
		return;
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
	option_value(r->set, row, given[0], field, r->list);
	for (size_t i = 1; i < n; i++)
		complain(r->list, conf_file(given[i]), conf_line(given[i]),
			 "set twice \"%s\": also at %s:%u", row->name,
			 conf_file(given[0]), conf_line(given[0]));
}

/* cells[0] is the struct itself; `into` is as large as the plan says. */
static void
read_groups(struct reader *r, const struct option_plan *plan, const struct sources *from,
	    const char *const *also, char *into, struct option_cell *cells)
{
	const struct conf_node *one, **given = &one;

	if (from->count > 1)
		given = arena_alloc(r->set->memory, from->count * sizeof *given);
	if (!given) {
		no_memory(r);
		return;
	}
	memcpy(into, plan->defaults, plan->size);
	cells[0] = cell_of(r->set, from->count ? from->groups[0] : NULL);
	for (size_t i = 0; i < plan->count; i++) {
		const struct coven_option *row = &plan->rows[i];
		size_t n = 0;

		for (size_t k = 0; k < from->count; k++) {
			given[n] = conf_member(from->groups[k], row->name);
			n += given[n] != NULL;
		}
		cells[i + 1] = cell_of(r->set, n ? given[0] : NULL);
		if (n || (row->type == COVEN_GROUP && row->value))
			read_row(r, plan, i, given, n, into + row->offset);
		else if (!row->value)
			missing(r, row, from);
	}
	find_unknown(r, plan, from, also);
}

struct option_set *
option_read(struct option_rows rows, size_t struct_size, const struct option_source *from,
	    struct complaints *list)
{
	struct option_set *set = option_set_new(rows, struct_size);
	struct sources top = {from->groups, from->count, from->where};
	size_t before = complaints_count(list);
	struct reader r = {set, list, from->also, from->file};
	struct option_cell *cells;

	if (!set) {
		no_memory(&r);
		return NULL;
	}
	cells = add_block(&r, set->plan, set->values, struct_size, 1);
	if (cells)
		read_groups(&r, set->plan, &top, from->also, set->values, cells);
	if (complaints_count(list) == before)
		return set;
	option_free(set);
	return NULL;
}
