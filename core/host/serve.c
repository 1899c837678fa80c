/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve: the server as a user agent.  RFC 3261 8.2 and 11.2. */
#include "host/serve.h"
#include "base/text.h"
#include "sip/reply.h"

/* What is required of us and not known.  RFC 3261 8.2.2.3. */
static bool
refuses_require(struct coven_request *r)
{
	struct coven_slice what = edit_read(&r->edit, SIP_REQUIRE, TEXT(""), 0);
	struct reply_line line = { TEXT("Unsupported"), what };

	if (!what.length)
		return false;
	request_reply(r, 420, NULL, &line, 1, false);
	return true;
}

void
serve_domain(struct coven_request *r)
{
	const struct chain *c = &host_of(r)->all->chain;
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
