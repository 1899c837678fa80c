/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_line: a request as it comes over the control socket, a line like {"words":["reg","list"]}. */
#ifndef HOST_COMMAND_LINE_H
#define HOST_COMMAND_LINE_H

#include "host/command.h"

#include <jansson.h>

struct command_line {
	size_t count;
	struct coven_slice words[COMMAND_WORDS_MAX];
	json_t *request; /* what the words point into */
};

/* line: without its end.  NULL: read, command_line_free() it; else why not, fit for a JSON text. */
const char *command_line_read(struct command_line *c, const char *line, size_t length);
void command_line_free(struct command_line *c); /* wipes it: there may be a password in it */

#endif
