/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog_state: RFC 3261 12.1 and 12.2, without anybody who sends or receives.
 *
 * As bytes: 'D' 'L', version, flags, CSeq ours and theirs (32 bits each, high byte first), length of the packed flow
 * and the flow, then the texts in the order of `texts`, each behind its length in 16 bits; nothing behind. */
#include "host/dialog_state.h"
#include "base/text.h"
#include "sip/uri.h"
#include "tx/route.h"
#include <ctype.h>
#include <string.h>

#define VERSION 1
#define HEAD 13 /* bytes before the flow */
#define NO_NAME ((struct coven_slice){ NULL, 0 })

enum { UAC = 1, SECURE = 2, BEGUN = 4, HEARD = 8, VOUCHED = 16, ALL_FLAGS = 31 };

static const size_t texts[] = {
	offsetof(struct dialog_state, call_id),    offsetof(struct dialog_state, local_tag),
	offsetof(struct dialog_state, remote_tag), offsetof(struct dialog_state, local_uri),
	offsetof(struct dialog_state, remote_uri), offsetof(struct dialog_state, target),
	offsetof(struct dialog_state, route),      offsetof(struct dialog_state, caller),
};
#define TEXTS (sizeof texts / sizeof texts[0])

/* -- what is good -------------------------------------------------------------------------------------- */

static bool
call_id_good(struct coven_slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~')
			return false;
	return s.length > 0 && s.length <= DIALOG_CALL_ID_MAX;
}

static bool
tag_good(struct coven_slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if (!isalnum((unsigned char)s.at[i]) && (s.at[i] == '\0' || !strchr("-.!%*_+`'~", s.at[i])))
			return false;
	return s.length > 0 && s.length <= DIALOG_TAG_MAX;
}

static bool
uri_good(struct coven_slice s)
{
	struct sip_uri uri;

	return s.length <= DIALOG_URI_MAX && uri_parse(s, &uri) == 0;
}

/* A place that a request can be sent to: no headers in it (RFC 3261 19.1.1). */
static bool
place_good(struct coven_slice s, bool secure)
{
	struct sip_uri uri;

	return s.length <= DIALOG_TARGET_MAX && uri_parse(s, &uri) == 0 && uri.sip && !uri.headers.at &&
	       uri.host.length > 0 && (uri.sips || !secure);
}

static bool
route_good(struct coven_slice route)
{
	struct coven_slice list[DIALOG_ROUTES_MAX + 1];
	struct sip_name_addr na;
	size_t n = route_split(route, list, DIALOG_ROUTES_MAX + 1), at = 0;

	if (n > DIALOG_ROUTES_MAX || route.length > DIALOG_ROUTE_MAX)
		return false;
	/* written by ourselves: nothing but the values and ", " between them */
	for (size_t i = 0; i < n; i++) {
		if (i && (route.length - at < 2 || memcmp(route.at + at, ", ", 2) != 0))
			return false;
		at += i ? 2 : 0;
		if (list[i].at != route.at + at || name_addr_parse(list[i], &na) != 0 || na.display.length ||
		    na.params.length || na.uri.length + 2 != list[i].length || !place_good(na.uri, false))
			return false;
		at += list[i].length;
	}
	return at == route.length;
}

bool
dialog_state_good(const struct dialog_state *s)
{
	if (!call_id_good(s->call_id) || !tag_good(s->local_tag) || !uri_good(s->local_uri) || !uri_good(s->remote_uri) ||
	    s->local_seq > DIALOG_SEQ_MAX || s->remote_seq > DIALOG_SEQ_MAX || s->flow_length > NET_FLOW_PACKED)
		return false;
	if (s->caller.length && !uri_good(s->caller))
		return false;
	if (!s->begun)
		return s->uac && !s->heard && !s->remote_tag.length && !s->target.length && !s->route.length;
	return tag_good(s->remote_tag) && place_good(s->target, s->secure) && route_good(s->route);
}

/* -- from messages -------------------------------------------------------------------------------------- */

/* The one Contact: 12.1.1.  None: there is none, or it cannot be used. */
static struct coven_slice
contact(const struct edit *e, bool secure)
{
	struct coven_slice value = edit_read(e, SIP_CONTACT, NO_NAME, 0);
	struct sip_name_addr na;

	if (!value.at || edit_count(e, SIP_CONTACT, NO_NAME) != 1 || name_addr_parse(value, &na) != 0 ||
	    !place_good(na.uri, secure))
		return NO_NAME;
	return na.uri;
}

unsigned
dialog_state_refresh(struct dialog_state *s, const struct edit *message)
{
	struct coven_slice target;

	if (edit_count(message, SIP_CONTACT, NO_NAME) == 0)
		return 0;
	target = contact(message, s->secure);
	if (!target.at)
		return 400;
	s->target = target;
	return 0;
}

/* URIs alone: display names and parameters of the header are no part of the route set. */
static int
read_route(struct dialog_state *s, const struct edit *e, struct arena *arena, bool backwards)
{
	size_t n = edit_count(e, SIP_RECORD_ROUTE, NO_NAME);
	char *room = arena_alloc(arena, DIALOG_ROUTE_MAX + 1);
	struct text_builder b;
	struct sip_name_addr na;

	if (!room || n > DIALOG_ROUTES_MAX)
		return -1;
	text_begin(&b, room, DIALOG_ROUTE_MAX + 1);
	for (size_t i = 0; i < n; i++) {
		struct coven_slice value = edit_read(e, SIP_RECORD_ROUTE, NO_NAME, backwards ? n - 1 - i : i);

		if (name_addr_parse(value, &na) != 0)
			return -1;
		text_print(&b, "%s<%.*s>", i ? ", " : "", TEXT_ARG(na.uri));
	}
	s->route = text_done(&b);
	return s->route.at ? 0 : -1;
}

unsigned
dialog_state_hear(struct dialog_state *s, const struct edit *request, struct arena *arena)
{
	const struct sip_message *m = request->message;

	s->call_id = sip_slice(m, m->call_id);
	s->remote_tag = sip_slice(m, m->from_tag);
	s->local_uri = sip_slice(m, m->to_uri);
	s->remote_uri = sip_slice(m, m->from_uri);
	s->remote_seq = m->cseq;
	s->begun = s->heard = true;
	s->target = contact(request, s->secure);
	if (!s->target.at || read_route(s, request, arena, false) != 0 || !dialog_state_good(s))
		return 400;
	return 0;
}

unsigned
dialog_state_answered(struct dialog_state *s, const struct edit *response, struct arena *arena)
{
	const struct sip_message *m = response->message;

	s->remote_tag = sip_slice(m, m->to_tag);
	s->begun = true;
	s->target = contact(response, s->secure);
	if (!s->target.at || read_route(s, response, arena, true) != 0 || !dialog_state_good(s))
		return 400;
	return 0;
}

/* -- as bytes --------------------------------------------------------------------------------------------- */

static struct coven_slice
text_at(const struct dialog_state *s, size_t i)
{
	return *(const struct coven_slice *)(const void *)((const char *)s + texts[i]);
}

static uint8_t *
put(uint8_t *at, uint32_t n, unsigned bytes)
{
	while (bytes--)
		*at++ = (uint8_t)(n >> 8 * bytes);
	return at;
}

static uint32_t
get(const uint8_t *at, unsigned bytes)
{
	uint32_t n = 0;

	while (bytes--)
		n = n << 8 | *at++;
	return n;
}

size_t
dialog_state_save(const struct dialog_state *s, uint8_t *room, size_t length)
{
	size_t need = HEAD + s->flow_length;
	unsigned flags = (s->uac ? UAC : 0) | (s->secure ? SECURE : 0) | (s->begun ? BEGUN : 0) |
	                 (s->heard ? HEARD : 0) | (s->vouched ? VOUCHED : 0);

	for (size_t i = 0; i < TEXTS; i++)
		need += 2 + text_at(s, i).length;
	if (length < need)
		return need;
	room = put(put(put(put(room, 'D', 1), 'L', 1), VERSION, 1), flags, 1);
	room = put(put(put(room, s->local_seq, 4), s->remote_seq, 4), s->flow_length, 1);
	memcpy(room, s->flow, s->flow_length);
	room += s->flow_length;
	for (size_t i = 0; i < TEXTS; i++) {
		struct coven_slice text = text_at(s, i);

		room = put(room, (uint32_t)text.length, 2);
		if (text.length)
			memcpy(room, text.at, text.length);
		room += text.length;
	}
	return need;
}

static int
read_head(struct dialog_state *s, const uint8_t *at, size_t length)
{
	if (length < HEAD || at[0] != 'D' || at[1] != 'L' || at[2] != VERSION || at[3] & ~ALL_FLAGS ||
	    at[12] > NET_FLOW_PACKED || length < HEAD + (size_t)at[12])
		return -1;
	s->uac = at[3] & UAC;
	s->secure = at[3] & SECURE;
	s->begun = at[3] & BEGUN;
	s->heard = at[3] & HEARD;
	s->vouched = at[3] & VOUCHED;
	s->local_seq = get(at + 4, 4);
	s->remote_seq = get(at + 8, 4);
	s->flow_length = at[12];
	memcpy(s->flow, at + HEAD, s->flow_length);
	return 0;
}

int
dialog_state_read(struct dialog_state *s, struct coven_slice bytes)
{
	const uint8_t *at = (const uint8_t *)bytes.at, *end = at + bytes.length;

	*s = (struct dialog_state){ .uac = false };
	if (read_head(s, at, bytes.length) != 0)
		return -1;
	at += HEAD + s->flow_length;
	for (size_t i = 0; i < TEXTS; i++) {
		struct coven_slice *text = (struct coven_slice *)(void *)((char *)s + texts[i]);
		size_t length;

		if (end - at < 2)
			return -1;
		length = get(at, 2);
		at += 2;
		if (length > (size_t)(end - at))
			return -1;
		if (length)
			*text = (struct coven_slice){ (const char *)at, length };
		at += length;
	}
	return at == end && dialog_state_good(s) ? 0 : -1;
}
