/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that change the server as a whole: its log, its configuration, its clock, its end. */
#include "host/command_own.h"
#include "base/log.h"
#include "base/text.h"
#include "host/advance.h"
#include "host/unit.h"

#define WORD_SHOWN 60 /* bytes of a wrong word in an error */

static const char *const levels[] = { "error", "warn", "info", "debug" };

/* Takes effect on every thread, and for plugins too, with the next line. */
enum coven_verdict
command_log(const struct command_call *c)
{
	if (c->count > 1)
		return COVEN_NEXT;
	if (c->count == 1) {
		size_t i = 0;

		while (i < 4 && !text_is(c->words[0], levels[i]))
			i++;
		if (i == 4)
			return COVEN_NEXT;
		log_set_level((enum log_level)(LOG_LEVEL_ERROR + i));
	}
	coven_row(c->out);
	coven_put_text(c->out, "level", text_of(levels[log_level() - LOG_LEVEL_ERROR]));
	return COVEN_DONE;
}

static enum coven_verdict
hand_to(const struct command_call *c, void (*fn)(void *arg, struct coven_out *out))
{
	if (!fn) {
		out_error(c->out, "not in this build");
		return COVEN_FAIL;
	}
	fn(c->server->arg, c->out);
	return COVEN_WAIT;
}

enum coven_verdict
command_reload(const struct command_call *c)
{
	return hand_to(c, c->server->reload);
}

enum coven_verdict
command_upgrade(const struct command_call *c)
{
	return hand_to(c, c->server->upgrade);
}

static void
advanced(void *arg, bool whole)
{
	struct coven_out *out = arg;

	if (!whole)
		out_error(out, "the clock was not advanced everywhere");
	coven_end(out, whole ? 0 : 1);
}

enum coven_verdict
command_clock(const struct command_call *c)
{
	int64_t ms;

	if (c->count != 2 || !text_is(c->words[0], "advance"))
		return COVEN_NEXT;
	if (!c->server->test_clock) {
		out_error(c->out, "time is real: covend runs without --test-clock");
		return COVEN_FAIL;
	}
	if (unit_time(c->words[1], &ms) || ms < 0 || ms > COMMAND_ADVANCE_MAX) {
		out_error(c->out, "\"%.*s\" is no duration like 500ms or 32s",
		          TEXT_ARG(text_cut(c->words[1], 0, WORD_SHOWN)));
		return COVEN_FAIL;
	}
	return advance_clock(c->server->all, ms, advanced, c->out) ? COVEN_FAIL : COVEN_WAIT;
}

enum coven_verdict
command_stop(const struct command_call *c)
{
	c->server->stop(c->server->arg);
	return COVEN_DONE;
}
