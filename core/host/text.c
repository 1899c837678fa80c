/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: slices and parts of values, for plugins. */
#include "base/text.h"
#include "base/address.h"
#include "sip/uri.h"
#include <coven/flow.h>
#include <coven/plugin.h>

#define NONE ((struct coven_slice){ NULL, 0 })

struct coven_slice
coven_text(const char *s)
{
	return text_of(s);
}

bool
coven_same(struct coven_slice a, struct coven_slice b)
{
	return text_same(a, b);
}

bool
coven_is(struct coven_slice a, const char *s)
{
	return text_is(a, s);
}

bool
coven_alike(struct coven_slice a, struct coven_slice b)
{
	return text_alike(a, b);
}

/* A port stands right behind its host. */
static struct coven_slice
port_text(struct coven_slice text, const struct sip_uri *uri)
{
	const char *at = uri->host.at + uri->host.length + (uri->ipv6 ? 1 : 0), *end = text.at + text.length;
	size_t n = 0;

	if (!uri->port || at >= end || *at != ':')
		return NONE;
	at++;
	while (at + n < end && at[n] >= '0' && at[n] <= '9')
		n++;
	return (struct coven_slice){ at, n };
}

static struct coven_slice
uri_part(struct coven_slice text, enum coven_part part, const char *name)
{
	struct sip_name_addr na;
	struct sip_uri uri;

	if (uri_parse(text, &uri) != 0) {
		if (name_addr_parse(text, &na) != 0 || uri_parse(na.uri, &uri) != 0)
			return NONE;
		text = na.uri;
	}
	switch (part) {
	case COVEN_SCHEME:
		return uri.scheme;
	case COVEN_USER:
		return uri.has_user ? uri.user : NONE;
	case COVEN_HOST:
		return uri.host;
	case COVEN_PORT:
		return port_text(text, &uri);
	case COVEN_URI_PARAM:
		return name ? uri_param(&uri, name) : NONE;
	case COVEN_DISPLAY:
	case COVEN_URI:
	case COVEN_PARAM:
		break;
	}
	return NONE;
}

/* `value;a=b`: of a Via, an Event, and whatever else is not an address. */
static struct coven_slice
plain_param(struct coven_slice value, const char *name)
{
	size_t at = text_find(value, ';');

	return at < value.length ? param_find(text_cut(value, at + 1, value.length), name) : NONE;
}

struct coven_slice
coven_part(struct coven_slice value, enum coven_part part, const char *name)
{
	struct sip_name_addr na;

	if (!value.at)
		return NONE;
	if (part < COVEN_DISPLAY)
		return uri_part(value, part, name);
	if (name_addr_parse(value, &na) != 0)
		return part == COVEN_PARAM && name ? plain_param(value, name) : NONE;
	switch (part) {
	case COVEN_DISPLAY:
		return na.display;
	case COVEN_URI:
		return na.uri;
	case COVEN_PARAM:
		return name ? param_find(na.params, name) : NONE;
	case COVEN_SCHEME:
	case COVEN_USER:
	case COVEN_HOST:
	case COVEN_PORT:
	case COVEN_URI_PARAM:
		break;
	}
	return NONE;
}

struct coven_slice
coven_address_text(const struct coven_address *a, char room[64])
{
	return address_print(a, room);
}

int
coven_address_read(struct coven_slice text, struct coven_address *a)
{
	return address_parse(text, a) == 0 ? 0 : address_parse_port(text, a);
}

bool
coven_uri_valid(struct coven_slice uri)
{
	struct sip_uri parsed;

	return uri_parse(uri, &parsed) == 0 && (parsed.sip || parsed.tel);
}

bool
coven_uri_equal(struct coven_slice a, struct coven_slice b)
{
	struct sip_uri x, y;

	return uri_parse(a, &x) == 0 && uri_parse(b, &y) == 0 && uri_equal(&x, &y);
}

bool
coven_is_private(const struct coven_address *address)
{
	return address_is_private(address);
}

bool
coven_is_unicast(const struct coven_address *address)
{
	return address_is_unicast(address);
}
