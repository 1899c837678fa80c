/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads where to listen, and finds the local addresses that a wildcard stands for. */
#include "net/net.h"
#include "base/text.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Of linux/if_addr.h: made for one session, or not usable yet, or a duplicate. */
#define FLAGS_LEFT_OUT (0x01 | 0x08 | 0x40)
#define INET6_FILE "/proc/net/if_inet6"

struct appending {
	struct net_listener *list;
	size_t max, *count;
	const char **why;
};

static int
fail(const char **why, const char *reason)
{
	*why = reason;
	return -1;
}

/* What is there already is not listened on twice. */
static int
append(struct appending *to, const struct net_transport *transport,
       const struct coven_address *address)
{
	for (size_t i = 0; i < *to->count; i++)
		if (to->list[i].transport == transport &&
		    address_same(&to->list[i].address, address))
			return 0;
	if (*to->count == to->max)
		return fail(to->why, "too many listeners");
	to->list[(*to->count)++] = (struct net_listener){ transport, *address };
	return 0;
}

/* getifaddrs() does not tell the flags of an address.  A line of the file: 32 digits,
 * then index, prefix length, scope, flags and name. */
static bool
is_left_out(const struct coven_address *a)
{
	FILE *file;
	char hex[33], line[160];
	struct text_builder b;
	bool found = false;
	unsigned flags = 0;

	if (a->family != 6)
		return false;
	text_begin(&b, hex, sizeof hex);
	text_put_hex(&b, a->ip, sizeof a->ip);
	file = fopen(INET6_FILE, "re");
	while (file && !found && fgets(line, sizeof line, file))
		found = strncmp(line, hex, 32) == 0 &&
		        sscanf(line + 32, " %*x %*x %*x %x", &flags) == 1;
	if (file)
		fclose(file);
	return found && (flags & FLAGS_LEFT_OUT);
}

/* family 0: both. */
static int
append_local(struct appending *to, const struct net_transport *transport, unsigned family,
             uint16_t port)
{
	struct ifaddrs *all;
	size_t found = 0;
	int rc = 0;

	if (getifaddrs(&all))
		return fail(to->why, "the local addresses cannot be read");
	for (struct ifaddrs *at = all; at && rc == 0; at = at->ifa_next) {
		struct coven_address a;

		if (!at->ifa_addr || !(at->ifa_flags & IFF_UP) ||
		    address_from_socket(at->ifa_addr, &a))
			continue;
		if ((family && a.family != family) || address_is_link_local(&a) || is_left_out(&a))
			continue;
		a.port = port;
		found++;
		rc = append(to, transport, &a);
	}
	freeifaddrs(all);
	if (rc == 0 && !found)
		return fail(to->why, "there is no local address");
	return rc;
}

/* A link is named, "[fe80::1%eth0]", or numbered as it is in an address. */
static int
read_link(struct coven_slice *host, uint32_t *scope)
{
	size_t percent = text_find(*host, '%');
	struct coven_slice name = text_cut(*host, percent + 1, host->length - (host->length > 0));
	char room[IF_NAMESIZE];

	*scope = 0;
	if (percent >= host->length || *host->at != '[' || text_empty(name) || (*name.at >= '0' && *name.at <= '9'))
		return 0;
	if (name.length >= sizeof room)
		return -1;
	memcpy(room, name.at, name.length);
	room[name.length] = '\0';
	*scope = if_nametoindex(room);
	host->at++;
	host->length = percent - 1;
	return *scope ? 0 : -1;
}

/* The host is put in *address, or *any is set: a star stands for both families. */
static int
read_host(struct coven_slice host, struct coven_address *address, bool *any)
{
	uint32_t scope;

	*any = text_is(host, "*");
	if (*any) {
		*address = (struct coven_address){ .family = 0 };
		return 0;
	}
	/* Without brackets the end of an IPv6 address and a port look the same. */
	if (text_find(host, ':') < host.length && *host.at != '[')
		return -1;
	if (read_link(&host, &scope) || address_parse(host, address))
		return -1;
	if (scope)
		address->scope = scope;
	*any = address_is_any(address);
	return 0;
}

/* Cuts ":port" off behind the host or its bracket. */
static int
read_port(struct coven_slice *text, uint16_t *port)
{
	size_t end = text->length && *text->at == '[' ? text_find(*text, ']') + 1
	                                              : text_find(*text, ':');
	uint64_t n;

	if (end >= text->length)
		return 0;
	if (text->at[end] != ':' ||
	    text_number(text_cut(*text, end + 1, text->length), UINT16_MAX, &n) || n == 0)
		return -1;
	*port = (uint16_t)n;
	text->length = end;
	return 0;
}

int
net_listeners_parse(struct coven_slice text, struct net_listener *list, size_t max,
                    size_t *count, const char **why)
{
	struct appending to = { list, max, count, why };
	size_t colon = text_find(text, ':');
	struct coven_slice name = text_cut(text, 0, colon);
	struct coven_slice rest = text_cut(text, colon + 1, text.length);
	const struct net_transport *transport = net_transport_named(name);
	struct coven_address address;
	uint16_t port;
	bool any;

	if (!transport)
		return fail(why, "the transport must be udp, tcp or tls");
	port = transport->default_port;
	if (read_port(&rest, &port))
		return fail(why, "the port must be a number from 1 to 65535");
	if (read_host(rest, &address, &any))
		return fail(why, "the host must be an IPv4 address, an IPv6 address in "
		                 "brackets, or a star");
	if (any)
		return append_local(&to, transport, address.family, port);
	address.port = port;
	return append(&to, transport, &address);
}
