/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a store and what lies in it. */
#include "place.h"

#include <stdio.h>
#include <sys/stat.h>

int
place_path(char *room, const char *folder, const char *name)
{
	int length = snprintf(room, PLACE_MAX, "%s/%s", folder, name);

	return length < 0 || length >= PLACE_MAX ? -1 : 0;
}

size_t
place_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0;
}
