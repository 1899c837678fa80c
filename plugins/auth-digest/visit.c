/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a request claims to come from, and what it gives to prove that. */
#include "visit.h"

#include <string.h>

#define ANONYMOUS "anonymous.invalid" /* RFC 3323 */

static struct coven_slice
uri_of(const struct coven_message *m, const char *header)
{
	return coven_part(coven_header(m, header, 0), COVEN_URI, NULL);
}

static uint16_t
port_of(struct coven_slice uri)
{
	struct coven_slice text = coven_part(uri, COVEN_PORT, NULL);
	uint32_t port = 0;

	for (size_t i = 0; i < text.length && port <= UINT16_MAX; i++)
		port = port * 10 + (uint32_t)(text.at[i] - '0');
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* OPTIONS to the server itself: a phone or a peer asks whether we live. */
static bool
asks_server(struct coven_instance *in, const struct coven_message *m)
{
	struct coven_slice uri = coven_uri(m);

	return coven_is(coven_method(m), "OPTIONS") &&
	       !coven_part(uri, COVEN_USER, NULL).at &&
	       coven_is_self(in, coven_part(uri, COVEN_HOST, NULL), port_of(uri));
}

/* A REGISTER for somebody else's domain is a request like any other. */
static bool
registers_here(struct coven_instance *in, const struct coven_message *m)
{
	struct coven_slice uri = coven_uri(m);

	return coven_is(coven_method(m), "REGISTER") &&
	       coven_is_self(in, coven_part(uri, COVEN_HOST, NULL), port_of(uri));
}

/* A URI of a local domain without a user, as in "From: <sip:example.com>", is nobody's
 * AoR but still claims to be from here. */
static bool
claim(struct coven_instance *in, struct coven_request *req, struct coven_slice uri,
      struct visit *visit)
{
	struct coven_slice host = coven_part(uri, COVEN_HOST, NULL);

	visit->aor = coven_aor(req, uri);
	if (visit->aor.at)
		host = coven_part(visit->aor, COVEN_HOST, NULL);
	visit->realm = host;
	return coven_is_domain(in, host);
}

/* Credentials of `realm`; without one, of any realm of ours. */
static void
find_given(struct coven_instance *in, const struct coven_message *m, struct visit *visit)
{
	for (size_t i = 0; i < VISIT_VALUES; i++) {
		struct coven_slice value = coven_header(m, visit_header(visit), i);
		struct coven_credentials_given *given = &visit->given;

		if (!value.at)
			return;
		given->size = sizeof *given;
		if (coven_digest_read(value, given) != 0)
			continue;
		visit->has_given = visit->realm.at
					   ? coven_same(given->realm, visit->realm)
					   : coven_is_domain(in, given->realm);
		visit->nth = i;
		if (visit->has_given)
			return;
	}
}

bool
visit_read(struct coven_instance *in, struct coven_request *req, bool calls,
	   struct visit *visit)
{
	const struct coven_message *m = coven_view(req);
	struct coven_slice from = uri_of(m, "From");

	*visit = (struct visit){ .registers = registers_here(in, m) };
	if (!visit->registers && (!calls || asks_server(in, m)))
		return false;
	if (visit->registers ? claim(in, req, uri_of(m, "To"), visit)
			     : claim(in, req, from, visit)) {
		find_given(in, m, visit);
		return true;
	}
	if (visit->registers ||
	    !coven_alike(coven_part(from, COVEN_HOST, NULL), coven_text(ANONYMOUS)))
		return false;
	visit->aor = visit->realm = (struct coven_slice){ NULL, 0 };
	find_given(in, m, visit);
	visit->realm = visit->given.realm;
	visit->anonymous = true;
	return visit->has_given;
}

const char *
visit_header(const struct visit *visit)
{
	return visit->registers ? "Authorization" : "Proxy-Authorization";
}

const char *
visit_challenge_header(const struct visit *visit)
{
	return visit->registers ? "WWW-Authenticate" : "Proxy-Authenticate";
}

bool
visit_meant(struct coven_request *req, const struct visit *visit)
{
	struct coven_slice uri = coven_uri(coven_view(req)), given = visit->given.uri;
	struct coven_slice whole;

	if (coven_same(given, uri) || coven_uri_equal(given, uri))
		return true;
	/* SIPp forgets the scheme */
	whole = coven_print(req, "sip:%.*s", (int)given.length, given.at);
	return whole.at && coven_uri_equal(whole, uri);
}

uint32_t
visit_count(const struct visit *visit)
{
	struct coven_slice nc = visit->given.nc;
	uint32_t count = 0;

	if (nc.length == 0 || visit->given.qop.length == 0)
		return UINT32_MAX;
	for (size_t i = 0; i < nc.length; i++) {
		char c = nc.at[i];

		count = count << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return count;
}

struct coven_address
visit_from(struct coven_instance *in, struct coven_request *req)
{
	struct coven_flow_info info = { .size = sizeof info };

	if (coven_flow_facts(in, coven_source(req), &info) != 0)
		info.far_end = (struct coven_address){ .family = 0 };
	return info.far_end;
}

/* The source has no port: a phone's next connection has another one. */
uint64_t
visit_device(const struct visit *visit, const struct memo *memo)
{
	struct coven_slice parts[2] = { { (const char *)&visit->source,
					  sizeof visit->source },
					visit->aor.at ? visit->aor : visit->realm };

	return memo_key(memo, parts, 2);
}

uint64_t
visit_attempt(struct coven_request *req, const struct visit *visit,
	      const struct memo *memo)
{
	struct coven_slice parts[3] = { { (const char *)&visit->source,
					  sizeof visit->source },
					visit->aor.at ? visit->aor : visit->realm,
					coven_header(coven_view(req), "Call-ID", 0) };

	return memo_key(memo, parts, 3);
}

uint64_t
visit_request(struct coven_request *req, const struct memo *memo)
{
	const struct coven_message *m = coven_view(req);
	struct coven_slice parts[2] = { coven_header(m, "Call-ID", 0),
					coven_header(m, "CSeq", 0) };

	return memo_key(memo, parts, 2);
}
