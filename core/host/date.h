/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date: wall clock milliseconds as people and programs write them: 2026-11-25T12:34:56.789Z. */
#ifndef HOST_DATE_H
#define HOST_DATE_H

#include <coven/types.h>

#define DATE_TEXT 40

struct coven_slice date_print(int64_t wall_ms, char room[DATE_TEXT]);

#endif
