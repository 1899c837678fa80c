/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: one worker's calls, from the answer to the end. */
#ifndef CALLS_FOLLOW_H
#define CALLS_FOLLOW_H

#include "book.h"

#include <coven/plugin.h>

struct calls_options {
	int64_t most, longest; /* calls in all; ms */
	bool log;
};

struct calls_counts {
	uint64_t begun, ended, timed_out; /* followed */
	uint64_t unfollowed;              /* not record-routed: nobody can see their end */
	uint64_t no_room;                 /* the table was full, or the Call-ID too long */
};

struct worker {
	struct book *book;
	coven_timer timer;
	int64_t timer_due;
	struct calls_counts counts;
	int64_t log_second;        /* lines of the log are few, however many calls there are */
	unsigned log_lines, log_lost;
};

/* Hooks; coven_self() is the struct worker. */
coven_hook_fn follow_answer; /* RECV of INVITE, UPDATE and BYE */
coven_hook_fn follow_failed; /* BRANCH_FAILED of BYE */

#endif
