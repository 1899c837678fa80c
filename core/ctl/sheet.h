/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sheet: rows of an answer as a table for people. */
#ifndef CTL_SHEET_H
#define CTL_SHEET_H

#include <jansson.h>
#include <stdio.h>

#define SHEET_COLUMNS_MAX 64
#define SHEET_WIDTH 100 /* one row that is wider stands as a list: a field a line */

/* rows: an array of objects; what else is in it is left out. */
void sheet_print(const json_t *rows, FILE *to);
/* Without what could steer the terminal: it may have come from anybody on the network. */
void sheet_print_text(const char *text, FILE *to);

#endif
