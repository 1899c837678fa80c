/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv: one line of comma-separated values (RFC 4180). */
#ifndef USERS_CSV_H
#define USERS_CSV_H

#include <coven/types.h>

#define CSV_LINE_MAX 1024
#define CSV_FIELDS_MAX 32

struct csv {
	char room[CSV_LINE_MAX]; /* the fields, without their quotes; the caller wipes it */
	struct coven_slice fields[CSV_FIELDS_MAX];
	size_t count;
};

/* NULL, or what is wrong with the line. */
const char *csv_read(struct csv *c, struct coven_slice line);

#endif
