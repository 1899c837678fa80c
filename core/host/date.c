/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ISO 8601 in UTC. */
#include "host/date.h"

#include <stdio.h>
#include <time.h>

struct coven_slice
date_print(int64_t wall_ms, char room[DATE_TEXT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm = { .tm_mday = 1 };
	int length;

	gmtime_r(&seconds, &tm);
	length = snprintf(room, DATE_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
	                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000));
	return (struct coven_slice){ room, length < DATE_TEXT ? (size_t)length : DATE_TEXT - 1 };
}
