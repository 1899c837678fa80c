/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as lines of a zone file, with absolute names. */
#include "ctl/domain_zone.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* -- addresses */

int
zone_add_address(struct zone_plan *plan, const char *text)
{
	struct in6_addr bytes;

	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, &bytes) != 1 ||
	    plan->address_count == ZONE_ADDRESSES_MAX)
		return -1;
	snprintf(plan->addresses[plan->address_count++], ZONE_ADDRESS, "%s", text);
	return 0;
}

enum reach { REACH_NONE, REACH_PRIVATE, REACH_ALL };

/* RFC 6890, as far as interfaces have such addresses. */
static enum reach
reach_v4(struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	if (a >> 24 == 127 || a >> 24 == 0 || a >> 16 == 0xa9fe || a >> 28 >= 0xe)
		return REACH_NONE;
	if (a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 22 == 0x191)
		return REACH_PRIVATE;
	return REACH_ALL;
}

static enum reach
reach_v6(const struct in6_addr *a)
{
	if ((a->s6_addr[0] & 0xfe) == 0xfc)
		return REACH_PRIVATE;
	return (a->s6_addr[0] & 0xe0) == 0x20 ? REACH_ALL : REACH_NONE;
}

static void
add_interface(struct zone_plan *plan, const struct ifaddrs *i, enum reach wanted)
{
	char text[ZONE_ADDRESS];
	const void *bytes = NULL;
	enum reach reach = REACH_NONE;

	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP))
		return;
	if (i->ifa_addr->sa_family == AF_INET) {
		bytes = &((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
		reach = reach_v4(*(const struct in_addr *)bytes);
	} else if (i->ifa_addr->sa_family == AF_INET6) {
		bytes = &((const struct sockaddr_in6 *)(const void *)i->ifa_addr)->sin6_addr;
		reach = reach_v6(bytes);
	}
	if (reach == wanted && inet_ntop(i->ifa_addr->sa_family, bytes, text, sizeof text))
		zone_add_address(plan, text);
}

void
zone_find_addresses(struct zone_plan *plan)
{
	struct ifaddrs *list;

	plan->found = true;
	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		add_interface(plan, i, REACH_ALL);
	plan->private = !plan->address_count;
	if (plan->private)
		for (const struct ifaddrs *i = list; i; i = i->ifa_next)
			add_interface(plan, i, REACH_PRIVATE);
	freeifaddrs(list);
}

/* -- records */

__attribute__((format(printf, 4, 5))) static struct zone_record *
add(struct zone *z, const char *type, const char *name, const char *fmt, ...)
{
	struct zone_record *r;
	va_list list;

	assert(z->count < ZONE_RECORDS_MAX);
	r = &z->records[z->count++];
	snprintf(r->name, sizeof r->name, "%s.", name);
	r->type = type;
	r->note = NULL;
	va_start(list, fmt);
	vsnprintf(r->data, sizeof r->data, fmt, list);
	va_end(list);
	return r;
}

static void
add_key(struct zone *z, const char *owner, const struct domain_key *key, const char *note)
{
	char hex[2 * DOMAIN_KEY_HASH + 1];

	for (size_t i = 0; i < DOMAIN_KEY_HASH; i++)
		snprintf(hex + 2 * i, 3, "%02x", key->hash[i]);
	add(z, "TLSA", owner, "3 1 1 %s", hex)->note = note;
}

void
zone_make(struct zone *z, const struct zone_plan *plan)
{
	static const struct {
		const char *service, *label;
		bool tls;
	} ways[] = { { "SIPS+D2T", "_sips._tcp", true }, { "SIP+D2T", "_sip._tcp", false }, { "SIP+D2U", "_sip._udp", false } };
	const size_t count = sizeof ways / sizeof ways[0];
	char owner[ZONE_NAME];

	z->count = 0;
	for (size_t i = 0; i < count; i++)
		add(z, "NAPTR", plan->domain, "%zu 0 \"s\" \"%s\" \"\" %s.%s.", 10 * (i + 1), ways[i].service, ways[i].label,
		    plan->domain);
	for (size_t i = 0; i < count; i++) {
		snprintf(owner, sizeof owner, "%s.%s", ways[i].label, plan->domain);
		add(z, "SRV", owner, "10 0 %u %s.", ways[i].tls ? plan->tls_port : plan->port, plan->host);
	}
	for (size_t i = 0; i < plan->address_count; i++)
		add(z, strchr(plan->addresses[i], ':') ? "AAAA" : "A", plan->host, "%s", plan->addresses[i]);
	snprintf(owner, sizeof owner, "_%u._tcp.%s", plan->tls_port, plan->host);
	add_key(z, owner, &plan->present, "the key in use");
	add_key(z, owner, &plan->next, "the next key");
}
