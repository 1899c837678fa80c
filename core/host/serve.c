/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve: the server as a user agent.  RFC 3261 8.2 and 11.2. */
#include "host/serve.h"
#include "base/text.h"
#include "sip/reply.h"

struct coven_slice
serve_join(struct coven_request *r, enum sip_header id)
{
	struct coven_slice all = edit_read(&r->edit, id, TEXT(""), 0), next;

	for (size_t i = 1; all.at && (next = edit_read(&r->edit, id, TEXT(""), i)).at; i++)
		all = arena_print(r->arena, "%.*s, %.*s", TEXT_ARG(all), TEXT_ARG(next));
	return all;
}

/* What is required of us and not known.  RFC 3261 8.2.2.3. */
static bool
refuses_require(struct coven_request *r)
{
	struct reply_line line = { TEXT("Unsupported"), serve_join(r, SIP_REQUIRE) };

	if (!line.value.length)
		return false;
	request_reply(r, 420, NULL, &line, 1, false);
	return true;
}

void
serve_domain(struct coven_request *r)
{
	const struct chain *c = state_chain(r);
	struct reply_line lines[] = {
		{ TEXT("Allow"), text_of(c->allow) },
		{ TEXT("Accept"), TEXT("*/*") },
		{ TEXT("Supported"), TEXT("path") },
	};

	if (refuses_require(r))
		return;
	if (r->message.method_id == SIP_OPTIONS)
		request_reply(r, 200, NULL, lines, 3, false);
	else
		request_reply(r, 405, NULL, lines, 1, false);
}
