/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sheet: rows of an answer as a table for people. */
#ifndef CTL_SHEET_H
#define CTL_SHEET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define SHEET_COLUMNS_MAX 64
#define SHEET_NAME 48   /* bytes of a column's name */
#define SHEET_WIDTH 100 /* one row that is wider stands as a list: a field a line */

struct sheet_column {
	char name[SHEET_NAME];
	size_t width;
	bool numbers; /* and nothing else */
};

struct sheet { /* zero at first */
	struct sheet_column columns[SHEET_COLUMNS_MAX];
	size_t count;
};

/* rows: an array of objects; what else is in it is left out.  An answer in pieces keeps the columns, and their order,
 * of its first rows.  whole: there are no more. */
void sheet_print(struct sheet *s, const json_t *rows, bool whole, FILE *to);
/* Without what could steer the terminal: it may have come from anybody on the network. */
void sheet_print_text(const char *text, FILE *to);

#endif
