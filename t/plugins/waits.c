/* SPDX-License-Identifier: GPL-3.0-or-later */
/* waits -- parks in each phase that has a time in the options, and resumes when it is
 * over.  For tests of WAIT, of what dies meanwhile, and of tickets that come too late. */
#include <coven/plugin.h>

struct options {
	int64_t screen, auth, serve, route, send, recv, failed, limit;
	bool late; /* resumes once more when it is long over */
};

static const struct coven_option options[] = {
	COVEN_OPTION("screen", COVEN_TIME, struct options, screen, "0s", "in SCREEN"),
	COVEN_OPTION("auth", COVEN_TIME, struct options, auth, "0s", "in AUTH"),
	COVEN_OPTION("serve", COVEN_TIME, struct options, serve, "0s", "in SERVE"),
	COVEN_OPTION("route", COVEN_TIME, struct options, route, "0s", "in ROUTE"),
	COVEN_OPTION("send", COVEN_TIME, struct options, send, "0s", "in SEND"),
	COVEN_OPTION("recv", COVEN_TIME, struct options, recv, "0s", "in RECV"),
	COVEN_OPTION("failed", COVEN_TIME, struct options, failed, "0s", "in FAILED"),
	COVEN_OPTION("limit", COVEN_TIME, struct options, limit, "60s",
		     "what coven_park() is told"),
	COVEN_OPTION("late", COVEN_BOOL, struct options, late, "false",
		     "resume a second time"),
	COVEN_OPTIONS_END
};

/* The ticket itself is the argument: nothing to free when the server stops first. */
static void
late(struct coven_instance *in, void *arg)
{
	coven_ticket ticket = (coven_ticket)(uintptr_t)arg;

	coven_log(in, COVEN_INFO, "late: %s",
		  coven_resume(in, ticket, COVEN_NEXT) ? "resumed" : "refused");
}

static void
over(struct coven_instance *in, void *arg)
{
	const struct options *o = coven_options(in);
	coven_ticket ticket = (coven_ticket)(uintptr_t)arg;

	coven_log(in, COVEN_INFO, "over: %s",
		  coven_resume(in, ticket, COVEN_NEXT) ? "resumed" : "refused");
	if (o->late)
		coven_after(in, 1000, late, arg);
}

/* The request died or its time ran out; the timer will find a dead ticket. */
static void
died(struct coven_instance *in, void *arg)
{
	coven_log(in, COVEN_INFO, "died waiting");
}

static enum coven_verdict
pause_for(struct coven_instance *in, struct coven_request *req, int64_t ms)
{
	const struct options *o = coven_options(in);
	coven_ticket ticket;

	if (ms == 0)
		return COVEN_NEXT;
	ticket = coven_park(in, req, o->limit, died, NULL);
	if (ticket == 0 || coven_after(in, ms, over, (void *)(uintptr_t)ticket) == 0)
		return COVEN_FAIL;
	return COVEN_WAIT;
}

#define WAITS_IN(phase)                                                               \
	static enum coven_verdict phase(struct coven_instance *in,                    \
					struct coven_request *req,                    \
					struct coven_branch *br)                      \
	{                                                                             \
		return pause_for(in, req,                                             \
				 ((const struct options *)coven_options(in))->phase); \
	}

WAITS_IN(screen)
WAITS_IN(auth)
WAITS_IN(serve)
WAITS_IN(route)
WAITS_IN(send)
WAITS_IN(recv)
WAITS_IN(failed)

static const struct coven_hook hooks[] = { { COVEN_SCREEN, screen,
					     "INVITE MESSAGE OPTIONS REGISTER" },
					   { COVEN_AUTH, auth, NULL },
					   { COVEN_SERVE, serve, "REGISTER" },
					   { COVEN_ROUTE, route, NULL },
					   { COVEN_SEND, send, NULL },
					   { COVEN_RECV, recv, NULL },
					   { COVEN_FAILED, failed, NULL },
					   { 0, NULL, NULL } };

COVEN_PLUGIN(.name = "waits", .version = "1.0",
	     .summary = "waits in each phase, for tests",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks);
