/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import: `user import FILE` reads the file here, for covend may not read it, and sends it in batches. */
#ifndef CTL_IMPORT_H
#define CTL_IMPORT_H

#include "ctl/line.h"

#include <stdbool.h>

#define IMPORT_BATCH 60       /* lines of one request */
#define IMPORT_LINE_MAX 1024  /* bytes */

/* file: "-" is stdin.  Lines that are empty or begin with "#" are left out.  Covend answers a batch with a row for each
 * line that it refused, { "line": which of the batch, from 1, "error": why }, and with rows of numbers, which are added
 * up.  An exit code. */
int import_file(struct line *l, const char *file, bool as_json);

#endif
