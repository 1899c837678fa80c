/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guide: what covenctl can say about the commands when no server can be asked. */
#ifndef CTL_GUIDE_H
#define CTL_GUIDE_H

#include <stdbool.h>
#include <stdio.h>

/* All, or that of one name; false: there is none of that name. */
bool guide_print(const char *name, bool as_json, FILE *to);

#endif
