/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option_inside: what the option_*.c files share: rows made ready for reading, and the set. */
#ifndef HOST_OPTION_INSIDE_H
#define HOST_OPTION_INSIDE_H

#include "host/option.h"

struct arena;
struct arena_pool;

/* Rows of our own size, with the rows below them and a struct in which every field has its default. */
struct option_plan {
	size_t count, size; /* rows; bytes of the struct they describe */
	struct coven_option *rows;
	struct option_plan **below; /* of tables and groups */
	void *defaults;
};

/* A value: a line in one of the set's files.  file 0: it was not given. */
struct option_cell {
	uint32_t line, file;
};

/* `count` structs of one plan, next to each other; each has a cell for itself and one for each row. */
struct option_block {
	struct option_block *next;
	const struct option_plan *plan;
	const char *at;
	size_t stride, count;
	struct option_cell *cells;
};

struct option_secret {
	struct option_secret *next;
	struct coven_slice text;
};

struct option_set {
	struct arena_pool *pool;
	struct arena *memory;
	struct option_plan *plan;
	void *values;
	struct option_block *blocks;
	struct option_secret *secrets;
	const char **files; /* [0] is none */
	size_t file_count, file_room;
};

/* Copies row `nth`, however large it is where it was compiled.  False: the end. */
bool option_row(struct option_rows rows, size_t nth, struct coven_option *row);
struct option_rows option_columns(struct option_rows rows, const struct coven_option *row);
/* Bytes of a field of that type, 0: any (a group); -1: no such type. */
int option_field_size(uint32_t type);
const char *option_type_name(uint32_t type);

/* NULL: no memory, or rows that option_check() would have refused. */
struct option_set *option_set_new(struct option_rows rows, size_t struct_size);
/* A default of any type, tables and groups too. */
int option_fill(struct arena *memory, const struct coven_option *row, const struct option_plan *below,
                void *field);
/* A single field with its default.  -1: it cannot be read, or no memory. */
int option_default(struct arena *memory, const struct coven_option *row, void *field);
/* A single value (no list, table or group).  -1: complained. */
int option_value(struct option_set *set, const struct coven_option *row, const struct conf_node *n,
                 void *field, struct complaints *list);
/* min and max, both 0: always. */
bool option_within(const struct coven_option *row, int64_t number);
void option_print_number(const struct coven_option *row, int64_t number, char room[32]);
/* What a file must write for that type, in words. */
const char *option_expected(uint32_t type);

#endif
