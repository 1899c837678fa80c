/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls -- which calls pass through here, since when, and how many there were. */
#include "follow.h"
#include "show.h"

#include <stdlib.h>

static const struct coven_option options[] = {
	COVEN_RANGE("most", COVEN_INT, struct calls_options, most, "100000", 1, 10000000,
	            "calls that are followed at a time, on all workers together; more are counted only"),
	COVEN_RANGE("longest", COVEN_TIME, struct calls_options, longest, "12h", 1000, INT64_C(2592000000),
	            "a call without a session timer (RFC 4028) of which nothing is heard for so long has ended"),
	COVEN_OPTION("log", COVEN_BOOL, struct calls_options, log, "true",
	             "a line when a call begins and when it ends, at most 10 a second and worker"),
	COVEN_OPTIONS_END
};

static void
stop(struct coven_instance *in)
{
	struct worker *w = coven_self(in);

	if (!w)
		return;
	book_free(w->book);
	free(w);
	coven_set_self(in, NULL);
}

static enum coven_verdict
start(struct coven_instance *in)
{
	const struct calls_options *o = coven_options(in);
	struct worker *w = calloc(1, sizeof *w);

	if (!w)
		return COVEN_FAIL;
	coven_set_self(in, w);
	w->book = book_new(((size_t)o->most + coven_workers(in) - 1) / coven_workers(in));
	if (w->book)
		return COVEN_DONE;
	stop(in);
	return COVEN_FAIL;
}

static const struct coven_hook hooks[] = { { COVEN_RECV, follow_answer, "INVITE UPDATE BYE" },
	                                   { COVEN_BRANCH_FAILED, follow_failed, "BYE" },
	                                   { 0, NULL, NULL } };
static const struct coven_command commands[] = { { "calls", SHOW_USAGE, SHOW_HELP, show_command },
	                                         { NULL, NULL, NULL, NULL } };

COVEN_PLUGIN(.name = "calls", .version = "0.1.0", .summary = "calls that pass through here",
             .options_size = sizeof(struct calls_options), .options = options, .hooks = hooks,
             .commands = commands, .start = start, .stop = stop);
