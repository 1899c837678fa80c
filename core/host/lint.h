/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lint: what libconfig 1.5 passes over in silence or reports in the wrong place, found in the text
 * before it is parsed: integers that do not fit, strings without an end, values without quotes. */
#ifndef HOST_LINT_H
#define HOST_LINT_H

#include "host/complaint.h"
#include <coven/types.h>

/* Gives the text again, to be freed, with a NUL behind it and an L behind each integer, so that 64 bits
 * of it are read; NULL: complaints were made, or no memory.  `folder`: where the files of
 * @include lie; they are checked, too, but not changed.  NULL: @include is refused. */
char *lint_text(const char *file, struct coven_slice text, const char *folder, struct complaints *list);

/* The whole of a regular file, to be freed, with a NUL behind it; NULL: a complaint was made. */
char *lint_read_file(const char *path, size_t *length, struct complaints *list);

#endif
