/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: numbers, local names, transports. */
#include "place.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static const struct { const char *name, *prefix; uint16_t port; } transports[PLACE_TRANSPORTS] = {
	[PLACE_TLS] = { "tls", "_sips._tcp.", 5061 },
	[PLACE_TCP] = { "tcp", "_sip._tcp.", 5060 },
	[PLACE_UDP] = { "udp", "_sip._udp.", 5060 },
};

enum place_transport
place_transport(struct coven_slice name)
{
	for (unsigned t = 0; t < PLACE_TRANSPORTS; t++)
		if (name.length == 3 && strncasecmp(name.at, transports[t].name, 3) == 0)
			return (enum place_transport)t;
	return PLACE_UNKNOWN;
}

const char *
place_transport_name(enum place_transport t)
{
	return transports[t].name;
}

uint16_t
place_port(enum place_transport t)
{
	return transports[t].port;
}

const char *
place_prefix(enum place_transport t)
{
	return transports[t].prefix;
}

bool
place_number(struct coven_slice host, struct coven_address *address)
{
	char text[INET6_ADDRSTRLEN];

	*address = (struct coven_address){ .family = 0 };
	if (host.length >= 2 && host.at[0] == '[' && host.at[host.length - 1] == ']')
		host = (struct coven_slice){ host.at + 1, host.length - 2 };
	if (host.length == 0 || host.length >= sizeof text || memchr(host.at, 0, host.length))
		return false;
	memcpy(text, host.at, host.length);
	text[host.length] = 0;
	if (inet_pton(AF_INET, text, address->ip) == 1)
		address->family = 4;
	else if (inet_pton(AF_INET6, text, address->ip) == 1)
		address->family = 6;
	return address->family != 0;
}

static bool
is_or_below(const char *host, const char *domain)
{
	size_t length = strlen(host), end = strlen(domain);

	if (length < end || strcmp(host + length - end, domain) != 0)
		return false;
	return length == end || host[length - end - 1] == '.';
}

/* Its last label is a number: an address badly written, and no name of the DNS. */
static bool
looks_numeric(const char *host)
{
	const char *last = strrchr(host, '.');

	last = last ? last + 1 : host;
	return *last && strspn(last, "0123456789") == strlen(last);
}

enum place_kind
place_kind(const char *host)
{
	static const char *const nowhere[] = { "local", "invalid", "onion" };

	if (is_or_below(host, "localhost"))
		return PLACE_HERE;
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++)
		if (is_or_below(host, nowhere[i]))
			return PLACE_NOWHERE;
	return looks_numeric(host) ? PLACE_NOWHERE : PLACE_NAME;
}
