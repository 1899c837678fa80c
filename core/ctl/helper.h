/* SPDX-License-Identifier: GPL-3.0-or-later */
/* helper: a program of a plugin that covenctl becomes: for what is to work without a server. */
#ifndef CTL_HELPER_H
#define CTL_HELPER_H

#include <stddef.h>

/* From beside covenctl, as in the folder where it was built, else from the installed one. Returns only when there is no
 * such program: an exit code, and it has been said. */
int helper_become(const char *name, size_t count, const char *const *words);

#endif
