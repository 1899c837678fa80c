/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cancel: answered hop by hop; it stops what its INVITE has started. */
#include "tx/cancel.h"
#include "base/text.h"
#include "tx/fork.h"
#include "tx/match.h"

static void
answer(struct coven_request *r, struct coven_request *invite)
{
	r->to_tag = arena_dup(r->arena, request_tag(invite)); /* the same tag: RFC 3261 9.2 */
	if (request_adopt(r) == 0)
		request_reply(r, 200, NULL, NULL, 0, false);
}

static void
stop(struct coven_request *invite, struct coven_slice reason)
{
	struct tx *tx = invite->tx;

	if (invite->finished || invite->cancelled ||
	    (invite->state != REQUEST_TRYING && invite->state != REQUEST_PROCEEDING))
		return;
	request_hold(invite);
	invite->cancelled = true;
	tx->up->cancelled(tx->up_arg, invite);
	invite->failing = false; /* nobody looks at its failure any more */
	fork_cancel(invite, NULL, reason);
	if (invite->live == 0 && !invite->finished)
		request_reply(invite, 487, NULL, NULL, 0, false);
	request_drop(invite);
}

void
cancel_receive(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	struct coven_request *invite = match_server(tx, m, SIP_INVITE), *r;

	if (!invite) {
		tx_refuse(tx, m, flow, 481, NULL, NULL, 0);
		return;
	}
	r = request_new(tx, m, flow);
	if (!r)
		return;
	request_hold(invite);
	if (tx->up->cancel(tx->up_arg, r, invite)) {
		answer(r, invite);
		stop(invite, sip_first(m, SIP_REASON));
	}
	request_drop(invite);
	request_drop(r);
}
