/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option: rows of struct coven_option put to use: they are checked, a group of the configuration is
 * read by them into a plugin's struct, and every value remembers its file and line.
 *
 * Thread   while a set is made or freed, one; it is read-only in between. */
#ifndef HOST_OPTION_H
#define HOST_OPTION_H

#include "host/complaint.h"
#include "host/conf.h"
#include <coven/plugin.h>

#define OPTION_ROWS_MAX 64  /* of one table of rows */
#define OPTION_DEPTH_MAX 8  /* tables and groups within each other */

/* Rows until one without a name.  stride: their size where they were compiled (head.option), for
 * a plugin may be older than we are; 0: ours. */
struct option_rows {
	const struct coven_option *at;
	size_t stride;
};

/* What the rows themselves have wrong: unknown types, fields of another size or outside the struct,
 * defaults that cannot be read, names used twice.  `plugin` is named in the complaints. */
int option_check(struct option_rows rows, size_t struct_size, const char *plugin,
                 struct complaints *list);

/* Where values come from: none, one or several groups (entries of one plugin): their tables and lists
 * are joined, their groups merged, and a single value given twice is a mistake. */
struct option_source {
	const struct conf_node *const *groups;
	size_t count;
	const char *const *also; /* names in the groups that somebody else reads, until NULL; or NULL */
	const char *file;        /* named when a required value is missing and there is no group */
	const char *where;       /* said behind names: "plugin users"; or NULL */
};

struct option_set;

/* The rows have passed option_check().  NULL: complaints were made, as many as there are mistakes.
 * The conf may be freed afterwards. */
struct option_set *option_read(struct option_rows rows, size_t struct_size,
                               const struct option_source *from, struct complaints *list);
void option_free(struct option_set *set); /* wipes the secrets; NULL is harmless */
const void *option_values(const struct option_set *set);
/* Overwrites every COVEN_SECRET; the slices stay, and hold zeros. */
void option_wipe_secrets(struct option_set *set);

/* The place of `name` in a row of a table (or in the struct itself: row is option_values() or NULL);
 * name NULL or not given in the file: of the row.  file NULL: nowhere, it is a default. */
struct option_place {
	const char *file;
	unsigned line;
};
struct option_place option_where(const struct option_set *set, const void *row, const char *name);

#endif
