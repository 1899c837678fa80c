/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token: made when a request is record-routed, checked when one comes back with it.
 *
 * Form, before base64url: generation; the caller's side, the callee's; TOKEN_MAC bytes of MAC.  A side: length of
 * its packed flow, that flow, length of its IP address, that address, port. */
#include "tx/token.h"
#include "base/keyed.h"
#include "base/text.h"
#include "sip/uri.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAC 12
#define TOKEN_SIDE (1 + NET_FLOW_PACKED + 1 + 16 + 2)
#define TOKEN_BYTES (1 + 2 * TOKEN_SIDE + TOKEN_MAC)
#define TOKEN_LEAST (1 + 2 * (1 + 1 + 4 + 2) + TOKEN_MAC)
#define SIDE_ACCOUNT 0x80 /* in the byte with the length of the address */
#define PARTY_ROOM 512 /* a longer name counts as none */

struct token {
	const struct net_shared *net;
	uint8_t generation;
	struct hmac *now, *before; /* before: NULL when there is none */
};

struct token *
token_new(const struct token_keys *keys, const struct net_shared *net)
{
	struct token *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->net = net;
	t->generation = keys->generation;
	t->now = hmac_new(keys->key, TOKEN_KEY);
	if (keys->has_before)
		t->before = hmac_new(keys->before, TOKEN_KEY);
	if (!t->now || (keys->has_before && !t->before)) {
		token_free(t);
		return NULL;
	}
	return t;
}

void
token_free(struct token *t)
{
	if (!t)
		return;
	if (t->now)
		hmac_free(t->now);
	if (t->before)
		hmac_free(t->before);
	free(t);
}

/* "user@host" as it is compared: hosts in any case. */
static size_t
write_party(struct coven_slice text, char room[PARTY_ROOM])
{
	struct text_builder b;
	struct sip_uri uri;

	text_begin(&b, room, PARTY_ROOM);
	if (uri_parse(text, &uri) != 0)
		return 0;
	text_put(&b, uri.user);
	text_put_char(&b, '@');
	for (size_t i = 0; i < uri.host.length; i++)
		text_put_char(&b, (char)tolower((unsigned char)uri.host.at[i]));
	return text_done(&b).length;
}

static void
mac(struct hmac *h, const uint8_t *head, size_t length, struct coven_slice call_id, const struct token_party *caller,
    uint8_t out[32])
{
	char room[PARTY_ROOM];
	struct coven_slice who = { room, write_party(caller->uri, room) };
	/* lengths stand in front, so that no two different lists of parts make the same bytes */
	uint32_t sizes[3] = { (uint32_t)call_id.length, (uint32_t)caller->tag.length, (uint32_t)who.length };
	struct coven_slice parts[] = { { (const char *)sizes, sizeof sizes }, call_id, caller->tag, who,
	                               { (const char *)head, length } };

	hmac_parts(h, parts, sizeof parts / sizeof parts[0], out);
}

static size_t
ip_length(const struct coven_address *a)
{
	return a->family == 6 ? 16 : a->family == 4 ? 4 : 0;
}

static size_t
put_side(uint8_t *at, const struct token_side *side)
{
	size_t n = net_flow_pack(&side->flow, at + 1), ip = ip_length(&side->far_end);

	at[0] = (uint8_t)n++;
	at[n++] = (uint8_t)(ip | (side->account ? SIDE_ACCOUNT : 0));
	memcpy(at + n, side->far_end.ip, ip);
	n += ip;
	at[n++] = (uint8_t)(side->far_end.port >> 8);
	at[n++] = (uint8_t)side->far_end.port;
	return n;
}

struct coven_slice
token_make(struct token *t, struct coven_slice call_id, const struct token_party *caller,
           const struct token_sides *sides, char room[TOKEN_TEXT])
{
	uint8_t bytes[TOKEN_BYTES], full[32];
	size_t n = 1;

	bytes[0] = t->generation;
	n += put_side(bytes + n, &sides->caller);
	n += put_side(bytes + n, &sides->callee);
	mac(t->now, bytes, n, call_id, caller, full);
	memcpy(bytes + n, full, TOKEN_MAC);
	return (struct coven_slice){ room, text_to_base64url(bytes, n + TOKEN_MAC, room, TOKEN_TEXT) };
}

static struct hmac *
of_generation(const struct token *t, uint8_t generation)
{
	if (generation == t->generation)
		return t->now;
	return generation == (uint8_t)(t->generation - 1) ? t->before : NULL;
}

static bool
belongs(struct hmac *h, const uint8_t *bytes, size_t length, struct coven_slice call_id,
        const struct token_party *party)
{
	uint8_t full[32];

	if (party->tag.length == 0)
		return false;
	mac(h, bytes, length - TOKEN_MAC, call_id, party, full);
	return text_secret_same((struct coven_slice){ (const char *)full, TOKEN_MAC },
	                        (struct coven_slice){ (const char *)bytes + length - TOKEN_MAC, TOKEN_MAC });
}

static bool
get_far_end(const uint8_t **at, const uint8_t *end, struct token_side *side)
{
	struct coven_address *a = &side->far_end;
	size_t ip;

	memset(a, 0, sizeof *a);
	if (end - *at < 3)
		return false;
	ip = *(*at)++;
	side->account = ip & SIDE_ACCOUNT;
	ip &= ~(size_t)SIDE_ACCOUNT;
	if ((ip != 4 && ip != 16) || ip + 2 > (size_t)(end - *at))
		return false;
	memcpy(a->ip, *at, ip);
	a->family = ip == 4 ? 4 : 6;
	a->port = (uint16_t)((*at)[ip] << 8 | (*at)[ip + 1]);
	*at += ip + 2;
	return true;
}

/* A connection that has gone leaves a flow of zeros; a datagram's flow is whole again with its far end. */
static bool
get_side(const struct token *t, const uint8_t **at, const uint8_t *end, struct token_side *side)
{
	struct net_flow_facts facts;
	struct coven_flow flow;
	size_t n;

	memset(&side->flow, 0, sizeof side->flow);
	if (*at >= end)
		return false;
	n = *(*at)++;
	if (n > (size_t)(end - *at))
		return false;
	if (net_flow_unpack(t->net, *at, n, &flow) == 0)
		memset(&flow, 0, sizeof flow);
	*at += n;
	if (!get_far_end(at, end, side))
		return false;
	if (net_flow_facts(t->net, &flow, &facts) != 0)
		return true;
	if (facts.transport->stream)
		side->flow = flow;
	else if (net_flow_from(t->net, facts.listener, &side->far_end, &flow) == 0)
		side->flow = flow;
	return true;
}

bool
token_check(struct token *t, struct coven_slice text, struct coven_slice call_id, const struct token_party *from,
            const struct token_party *to, struct token_sides *sides, bool *from_caller)
{
	uint8_t bytes[TOKEN_BYTES];
	size_t n = text.length < TOKEN_TEXT ? text_from_base64url(text, bytes, sizeof bytes) : 0;
	const uint8_t *at = bytes + 1, *end = bytes + n - TOKEN_MAC;
	struct hmac *h;

	if (n < TOKEN_LEAST)
		return false;
	h = of_generation(t, bytes[0]);
	if (!h)
		return false;
	*from_caller = belongs(h, bytes, n, call_id, from);
	if (!*from_caller && !belongs(h, bytes, n, call_id, to))
		return false;
	return get_side(t, &at, end, &sides->caller) && get_side(t, &at, end, &sides->callee) && at == end;
}

bool
token_looks(struct coven_slice text)
{
	uint8_t bytes[TOKEN_BYTES];

	return text.length < TOKEN_TEXT && text_from_base64url(text, bytes, sizeof bytes) >= TOKEN_LEAST;
}
