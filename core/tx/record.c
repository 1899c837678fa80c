/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: written for requests that begin a dialog. */
#include "tx/record.h"
#include "base/text.h"
#include <string.h>

#define RECORD_ROOM 320

struct coven_slice
record_host(const struct coven_address *a, char room[ADDRESS_TEXT])
{
	struct coven_address plain = *a;

	plain.scope = 0;
	return address_print(&plain, room);
}

static bool
begins_dialog(const struct coven_request *r)
{
	if (r->own || r->message.to_tag.length)
		return false;
	switch (r->message.method_id) {
	case SIP_INVITE:
	case SIP_SUBSCRIBE:
	case SIP_REFER:
		return true;
	}
	return false;
}

/* RFC 5630 5.3.1: then the way back is to be as safe. */
static bool
is_sips(const struct coven_branch *b)
{
	return text_begins(sip_slice(&b->request->message, b->request->message.uri), "sips:") ||
	       text_begins(b->target->uri, "sips:");
}

static int
write(struct coven_branch *b, const struct net_flow_facts *facts, struct coven_slice token)
{
	char room[RECORD_ROOM], host[ADDRESS_TEXT];
	bool secure = facts->transport->secure && is_sips(b);
	struct text_builder t;

	text_begin(&t, room, sizeof room);
	text_put(&t, secure ? TEXT("<sips:") : TEXT("<sip:"));
	text_put(&t, token);
	text_put_char(&t, '@');
	text_put(&t, record_host(&facts->near_end, host));
	if (facts->transport->stream && !secure) {
		text_put(&t, TEXT(";transport="));
		text_put(&t, text_of(facts->transport->parameter));
	}
	text_put(&t, TEXT(";lr>"));
	return edit_add(&b->edit, SIP_RECORD_ROUTE, (struct coven_slice){ NULL, 0 }, text_done(&t), true);
}

int
record_route(struct coven_branch *b, const struct net_flow_facts *to)
{
	struct coven_request *r = b->request;
	struct tx *tx = r->tx;
	const struct net_flow_facts *from = &r->from;
	struct token_sides sides = { { r->source, from->far_end, r->vouched },
	                              { b->flow, to->far_end, r->local_callee } };
	struct token_party caller = { sip_slice(&r->message, r->message.from_uri),
	                              sip_slice(&r->message, r->message.from_tag) };
	bool two = from->listener != to->listener || from->transport != to->transport;
	char room[TOKEN_TEXT];
	struct coven_slice token;

	if (!begins_dialog(r) || tx->record_route == TX_RECORD_OFF ||
	    (tx->record_route == TX_RECORD_AUTO && !two && !to->transport->stream))
		return 0;
	token = token_make(tx->token, sip_slice(&r->message, r->message.call_id), &caller, &sides, room);
	if (token.length == 0)
		return -1;
	if (two && write(b, from, token) != 0)
		return -1;
	return write(b, to, token);
}
