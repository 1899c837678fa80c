/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: the folder of a store and what lies in it. */
#ifndef STORE_LMDB_PLACE_H
#define STORE_LMDB_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_MAX 4096

/* room: PLACE_MAX bytes.  -1: too long. */
int place_path(char *room, const char *folder, const char *name);
size_t place_size(const char *path); /* of a file; 0 also where there is none */

#endif
