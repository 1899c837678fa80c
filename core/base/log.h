/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log: one event, one line: "level part: verb object reason".  Bytes that are not printable ASCII
 * (or UTF-8) are escaped, so nobody on the network can forge a line; lines of one cause are limited.
 * Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>
#include <stdarg.h>

enum log_level { LOG_LEVEL_ERROR = 1, LOG_LEVEL_WARN = 2, LOG_LEVEL_INFO = 3, LOG_LEVEL_DEBUG = 4 };

/* Where lines go: stderr, with a date in front unless journald reads it (JOURNAL_STREAM). */
void log_set_level(enum log_level level);
enum log_level log_level(void);
__attribute__((format(printf, 3, 4))) void log_line(enum log_level level, const char *part, const char *fmt, ...);
__attribute__((format(printf, 3, 0))) void log_vline(enum log_level level, const char *part, const char *fmt, va_list list);

/* At most `LOG_PER_SECOND` lines of one cause a second; what was left out is counted in the next line.
 * The struct is the caller's, static or in an object, zeroed. */
#define LOG_PER_SECOND 10
struct log_cause {
	_Atomic int64_t second;
	_Atomic uint32_t lines, lost;
};
__attribute__((format(printf, 4, 5))) void log_often(struct log_cause *cause, enum log_level level, const char *part, const char *fmt, ...);

#endif
