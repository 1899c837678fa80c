/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands whose answer has no end: `events`, `trace`. */
#include "host/command_own.h"
#include "base/text.h"
#include "host/news.h"
#include "host/trace.h"

enum coven_verdict
command_events(const struct command_call *c)
{
	return news_begin(c->server->all, c->out, c->count, c->words);
}

enum coven_verdict
command_trace(const struct command_call *c)
{
	bool bytes = c->count && text_is(c->words[0], "--bytes");
	struct trace_filter filter;

	if (trace_filter_read(&filter, c->count - bytes, c->words + bytes) != 0) {
		out_error(c->out, "at most %d words of at most %d letters", TRACE_WORDS_MAX, TRACE_WORD_MAX - 1);
		return COVEN_FAIL;
	}
	return trace_begin(c->server->all, c->out, &filter, bytes);
}
