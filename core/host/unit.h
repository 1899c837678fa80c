/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit: sizes and durations as people write them: "64k", "1.5s", "5m". */
#ifndef HOST_UNIT_H
#define HOST_UNIT_H

#include <coven/types.h>

#define UNIT_TEXT 32
#define UNIT_SIZE_MAX (INT64_C(1) << 60)
#define UNIT_TIME_MAX INT64_C(3155760000000) /* 100 years in ms */

/* A number, alone (bytes) or with k, M or G behind (of 1024; either case); -1: it is none. */
int unit_size(struct coven_slice text, int64_t *bytes);
/* A number, alone (seconds) or with ms, s, m, h or d behind, in whole milliseconds; -1: it is none. */
int unit_time(struct coven_slice text, int64_t *ms);
/* Shortest text that reads as the same. */
const char *unit_print_size(int64_t bytes, char room[UNIT_TEXT]);
const char *unit_print_time(int64_t ms, char room[UNIT_TEXT]);

#endif
