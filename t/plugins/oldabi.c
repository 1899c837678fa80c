/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oldabi -- built for a version of the interface that never was: the loader must refuse
 * it by its ELF note, before anything of it is mapped. */
#include <coven/plugin.h>

#undef COVEN_ABI_MAJOR
#define COVEN_ABI_MAJOR 77

COVEN_PLUGIN(.name = "oldabi", .version = "1.0", .summary = "must not be loaded");
