/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route: Route headers on arrival. */
#include "tx/route.h"
#include "base/text.h"
#include "sip/uri.h"
#include "tx/match.h"
#include <string.h>

#define NO_NAME ((struct coven_slice){ NULL, 0 })

size_t
route_split(struct coven_slice text, struct coven_slice *list, size_t max)
{
	size_t n = 0, begin = 0;
	bool quoted = false, bracketed = false;

	for (size_t i = 0; i <= text.length && n < max; i++) {
		char c = i < text.length ? text.at[i] : ',';
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"')
			quoted = true;
		else if (c == '<' || c == '>')
			bracketed = c == '<';
		else if (c == ',' && (!bracketed || i == text.length)) {
			struct coven_slice value = text_trim(text_cut(text, begin, i));
			if (value.length)
				list[n++] = value;
			begin = i + 1;
		}
	}
	return n;
}

static struct coven_slice
route_uri(const struct edit *e, size_t nth)
{
	struct coven_slice value = edit_read(e, SIP_ROUTE, NO_NAME, nth);
	struct sip_name_addr na;

	if (!value.at || name_addr_parse(value, &na) != 0)
		return NO_NAME;
	return na.uri;
}

struct coven_slice
route_next(const struct edit *e)
{
	return route_uri(e, 0);
}

static bool
is_ours(const struct coven_request *r, struct coven_slice text, struct sip_uri *uri)
{
	return text.at && uri_parse(text, uri) == 0 && self_is_uri(r->tx->self, uri);
}

/* Behind a strict router our Record-Route URI has become the Request-URI, and the real one stands last among the
 * Routes: 16.4. */
static void
undo_strict(struct coven_request *r)
{
	struct sip_uri uri;
	struct coven_slice last;
	size_t n;

	if (r->message.to_tag.length == 0 || !sip_has(&r->message, SIP_ROUTE) ||
	    !is_ours(r, sip_slice(&r->message, r->message.uri), &uri) || !token_looks(uri.user) ||
	    !uri_param(&uri, "lr").at)
		return;
	n = edit_count(&r->edit, SIP_ROUTE, NO_NAME);
	last = route_uri(&r->edit, n - 1);
	if (!last.at || edit_uri(&r->edit, last) != 0)
		return;
	edit_remove(&r->edit, SIP_ROUTE, NO_NAME, n - 1);
	r->strict = uri.user;
}

static void
verify(struct coven_request *r, struct coven_slice text)
{
	const struct sip_message *m = &r->message;
	struct token_party from = { sip_slice(m, m->from_uri), sip_slice(m, m->from_tag) };
	struct token_party to = { sip_slice(m, m->to_uri), sip_slice(m, m->to_tag) };
	struct token_sides sides;
	const struct token_side *here;
	bool from_caller;

	if (m->to_tag.length == 0 || text_same(text, r->last_token) ||
	    !token_check(r->tx->token, text, sip_slice(m, m->call_id), &from, &to, &sides, &from_caller))
		return;
	/* of several, when it came through us more than once, the last leads on */
	r->last_token = text;
	r->in_dialog = true;
	r->dialog = from_caller ? sides.callee : sides.caller;
	here = from_caller ? &sides.caller : &sides.callee;
	r->dialog_free = here->account && address_same_host(&here->far_end, &r->from.far_end);
}

/* Which values name us is settled on the way; the first that does not ends it. */
static void
strip(struct coven_request *r)
{
	struct sip_uri uri;

	while (is_ours(r, route_next(&r->edit), &uri)) {
		verify(r, uri.user);
		r->ours_stripped = true;
		if (edit_remove(&r->edit, SIP_ROUTE, NO_NAME, 0) != 0)
			return;
	}
}

static void
hash(struct coven_request *r)
{
	const struct sip_message *m = &r->message;
	struct coven_slice parts[] = {
		edit_read_uri(&r->edit), route_next(&r->edit), sip_slice(m, m->call_id),
		sip_slice(m, m->from_tag), sip_slice(m, m->to_tag),
		{ (const char *)&m->cseq, sizeof m->cseq }, sip_slice(m, m->method),
	};

	r->loop_hash = keyed_hash_parts(&r->tx->shared_hash, parts, sizeof parts / sizeof parts[0]);
}

void
route_arrive(struct coven_request *r)
{
	if (sip_has(&r->message, SIP_ROUTE)) {
		undo_strict(r);
		if (r->strict.at)
			verify(r, r->strict);
		strip(r);
	}
	hash(r);
}

bool
route_loops(struct coven_request *r)
{
	struct sip_walk w;
	unsigned worker;
	uint64_t id, loop;

	sip_walk(&w, &r->message, SIP_VIA, NO_NAME);
	while (sip_walk_next(&w)) {
		struct coven_slice value = sip_slice(&r->message, w.value);
		size_t at = text_find(value, ';');
		struct coven_slice branch = param_find(text_cut(value, at + 1, value.length), "branch");
		if (match_read_branch(branch, &worker, &id, &loop) && loop == r->loop_hash) {
			r->tx->counts.loops++;
			return true;
		}
	}
	return false;
}
