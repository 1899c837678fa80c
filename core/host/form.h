/* SPDX-License-Identifier: GPL-3.0-or-later */
/* form: whether a plugin's table of contents has a form that this program knows. */
#ifndef HOST_FORM_H
#define HOST_FORM_H

#include "host/plug.h"

#define FORM_ROWS_MAX 256 /* of one kind */
#define FORM_NAME_MAX 64

/* Lower-case letters, digits, - and _; not empty, at most FORM_NAME_MAX. */
bool form_is_name(const char *name);

/* Looks at p->table.  -1: every mistake has its line. */
int form_check(const struct plug *p, struct complaints *list);

#endif
