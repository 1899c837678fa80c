/* SPDX-License-Identifier: GPL-3.0-or-later */
/* best: the response choice. */
#include "tx/best.h"
#include "base/text.h"
#include "sip/reply.h"
#include "tx/forward.h"

#define NO_NAME ((struct coven_slice){ NULL, 0 })

/* The lower the better: 6xx first, then by class; within 4xx what helps the caller to try again (16.7 step 6),
 * last what only says that nobody was reached. */
static unsigned
rank(unsigned status)
{
	unsigned within = 2;

	if (status >= 600)
		return 0;
	switch (status) {
	case 401: case 407:
		within = 0;
		break;
	case 415: case 420: case 484:
		within = 1;
		break;
	case 480: case 503:
		within = 3;
		break;
	case 408: case 487:
		within = 4;
		break;
	}
	return status / 100 * 10 + within;
}

struct coven_branch *
best_of(const struct coven_request *r)
{
	struct coven_branch *best = NULL;

	LIST_EACH (&r->branches, at, after) {
		struct coven_branch *b = CONTAINER(at, struct coven_branch, link);
		if (b->final && b->status >= 300 && (!best || rank(b->status) < rank(best->status)))
			best = b;
	}
	return best;
}

/* Challenges of all branches go into the one response: 16.7 step 7. */
static void
gather(struct coven_request *r, struct coven_branch *best, enum sip_header id)
{
	LIST_EACH (&r->branches, at, after) {
		struct coven_branch *b = CONTAINER(at, struct coven_branch, link);
		struct coven_slice value;
		if (b == best || !b->has_response || (b->status != 401 && b->status != 407))
			continue;
		for (size_t i = 0; (value = edit_read(&b->response_edit, id, NO_NAME, i)).at; i++)
			if (edit_add(&best->response_edit, id, NO_NAME, value, false) != 0)
				return;
	}
}

/* A time-out is silence for a non-INVITE (RFC 4320); 503 would say that we ourselves are unavailable (16.7). */
void
best_leaves(struct coven_request *r)
{
	struct coven_branch *b = r->best;
	unsigned status = b ? b->status : 480;

	if (r->cancelled && (!b || !b->has_response))
		status = 487;
	if (status == 408 && r->message.method_id != SIP_INVITE && !r->own) {
		request_finish(r);
		return;
	}
	if (!b || !b->has_response || status == 503) {
		request_reply(r, status == 503 && !r->own ? 500 : status, NULL, NULL, 0, false);
		return;
	}
	r->finished = true;
	if (status == 401 || status == 407) {
		gather(r, b, SIP_WWW_AUTHENTICATE);
		gather(r, b, SIP_PROXY_AUTHENTICATE);
	}
	forward_response(b);
}
