/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: what covenctl can ask for: the server's own commands, and those of the plugins.  Worker 0. */
#ifndef HOST_COMMAND_H
#define HOST_COMMAND_H

#include "host/host.h"
#include "host/out.h"

#define COMMAND_WORDS_MAX 64
#define COMMAND_ADVANCE_MAX (INT64_C(366) * 24 * 3600 * 1000) /* ms */

struct command_server {
	struct host_shared *all;
	int64_t started;         /* loop_now() of worker 0 */
	bool test_clock;         /* `clock advance` may be asked for */
	void (*stop)(void *arg); /* the server is to end */
	/* Begin, and end the answer, coven_end(), when it is known how that went; NULL: not in this build. */
	void (*reload)(void *arg, struct coven_out *out);
	void (*upgrade)(void *arg, struct coven_out *out); /* a new process takes our place */
	void *arg;
};

/* Runs the command that the words name; the answer comes through `out`, now or later. */
void command_run(const struct command_server *s, struct coven_out *out, size_t count,
                 const struct coven_slice *words);

#endif
