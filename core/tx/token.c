/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token: made when a request is record-routed, checked when one comes back with it.
 *
 * Form, before base64url: generation, length of the caller's packed flow, that flow, length of the
 * callee's, that flow, TOKEN_MAC bytes of MAC. */
#include "tx/token.h"
#include "base/keyed.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAC 12
#define TOKEN_BYTES (1 + 2 * (1 + NET_FLOW_PACKED) + TOKEN_MAC)
#define TOKEN_LEAST (1 + 2 * 2 + TOKEN_MAC)

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

static void
mac(struct hmac *h, const uint8_t *head, size_t length, struct coven_slice call_id,
    struct coven_slice tag, uint8_t out[32])
{
	/* lengths stand in front, so that no two different lists of parts make the same bytes */
	uint32_t sizes[2] = { (uint32_t)call_id.length, (uint32_t)tag.length };
	struct coven_slice parts[] = { { (const char *)sizes, sizeof sizes }, call_id, tag,
	                               { (const char *)head, length } };

	hmac_parts(h, parts, sizeof parts / sizeof parts[0], out);
}

static size_t
put_flow(uint8_t *at, const struct coven_flow *flow)
{
	size_t n = net_flow_pack(flow, at + 1);

	at[0] = (uint8_t)n;
	return n + 1;
}

struct coven_slice
token_make(struct token *t, struct coven_slice call_id, struct coven_slice caller_tag,
           const struct token_flows *flows, char room[TOKEN_TEXT])
{
	uint8_t bytes[TOKEN_BYTES], full[32];
	size_t n = 1;

	bytes[0] = t->generation;
	n += put_flow(bytes + n, &flows->caller);
	n += put_flow(bytes + n, &flows->callee);
	mac(t->now, bytes, n, call_id, caller_tag, full);
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
        struct coven_slice tag)
{
	uint8_t full[32];

	if (tag.length == 0)
		return false;
	mac(h, bytes, length - TOKEN_MAC, call_id, tag, full);
	return text_secret_same((struct coven_slice){ (const char *)full, TOKEN_MAC },
	                        (struct coven_slice){ (const char *)bytes + length - TOKEN_MAC, TOKEN_MAC });
}

/* Reads one flow; moves *at; a flow that has gone is left zero. */
static bool
get_flow(const struct token *t, const uint8_t **at, const uint8_t *end, struct coven_flow *flow)
{
	size_t n;

	memset(flow, 0, sizeof *flow);
	if (*at >= end)
		return false;
	n = *(*at)++;
	if (n > (size_t)(end - *at))
		return false;
	if (n && net_flow_unpack(t->net, *at, n, flow) == 0)
		memset(flow, 0, sizeof *flow);
	*at += n;
	return true;
}

bool
token_check(struct token *t, struct coven_slice text, struct coven_slice call_id, struct coven_slice from_tag,
            struct coven_slice to_tag, struct token_flows *flows, bool *from_caller)
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
	*from_caller = belongs(h, bytes, n, call_id, from_tag);
	if (!*from_caller && !belongs(h, bytes, n, call_id, to_tag))
		return false;
	return get_flow(t, &at, end, &flows->caller) && get_flow(t, &at, end, &flows->callee) && at == end;
}

bool
token_looks(struct coven_slice text)
{
	uint8_t bytes[TOKEN_BYTES];

	return text.length < TOKEN_TEXT && text_from_base64url(text, bytes, sizeof bytes) >= TOKEN_LEAST;
}
