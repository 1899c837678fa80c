/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line: the connection to covend, on which lines of JSON go and come. */
#ifndef CTL_LINE_H
#define CTL_LINE_H

#include <jansson.h>
#include <stdbool.h>

#define LINE_MAX_BYTES (128u << 20) /* more than covend ever sends */

struct line {
	const char *path;
	int fd;
	char *room; /* what has come */
	size_t size, have, at;
};

/* -1: said on stderr, in one line, and so for the others. */
int line_open(struct line *l, const char *path);
void line_close(struct line *l);
int line_ask(struct line *l, size_t count, const char *const *words);
/* The next line, the caller's; NULL: said, or *stop was set by a signal.  stop may be NULL. */
json_t *line_receive(struct line *l, const volatile int *stop);

#endif
