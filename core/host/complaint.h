/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complaint: what is wrong with a configuration, collected so that all of it is said at once.
 * One thread. */
#ifndef HOST_COMPLAINT_H
#define HOST_COMPLAINT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define COMPLAINTS_MAX 100 /* kept; more are counted only */

struct complaints;

struct complaints *complaints_new(void); /* NULL: no memory */
void complaints_free(struct complaints *list);

/* "file:line: text"; line 0: "file: text"; file NULL: "text".  `file` is copied. */
__attribute__((format(printf, 4, 5))) void complain(struct complaints *list, const char *file,
                                                   unsigned line, const char *fmt, ...);
__attribute__((format(printf, 4, 0))) void complain_list(struct complaints *list, const char *file,
                                                        unsigned line, const char *fmt, va_list args);

size_t complaints_count(const struct complaints *list);
/* By file and line; the last text says how many are left out, if so. */
void complaints_each(struct complaints *list, void (*fn)(void *arg, const char *text), void *arg);
void complaints_print(struct complaints *list, FILE *out);

#endif
