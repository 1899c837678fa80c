/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain_zone: the records of a domain whose server can be called (RFC 3263, RFC 6698). */
#ifndef CTL_DOMAIN_ZONE_H
#define CTL_DOMAIN_ZONE_H

#include "ctl/domain_key.h"

#include <stdbool.h>
#include <stddef.h>

#define ZONE_RECORDS_MAX 64
#define ZONE_ADDRESSES_MAX 16
#define ZONE_NAME 320    /* bytes of an owner's name */
#define ZONE_ADDRESS 46  /* INET6_ADDRSTRLEN */

struct zone_plan {
	const char *domain; /* lower case, no dot at its end */
	const char *host;   /* of the server */
	unsigned ttl;
	unsigned port, tls_port;
	char addresses[ZONE_ADDRESSES_MAX][ZONE_ADDRESS];
	size_t address_count;
	bool found;         /* they are those of this machine */
	bool private;       /* and nobody outside its network can reach them */
	struct domain_key present, next;
};

struct zone_record {
	char name[ZONE_NAME];
	const char *type;
	char data[ZONE_NAME + 64];
	const char *note; /* or NULL */
};

struct zone {
	struct zone_record records[ZONE_RECORDS_MAX];
	size_t count;
};

void zone_make(struct zone *z, const struct zone_plan *plan);
/* Those of this machine that others can reach; if there are none, private ones. */
void zone_find_addresses(struct zone_plan *plan);
/* -1: not a number of IPv4 or IPv6, or too many. */
int zone_add_address(struct zone_plan *plan, const char *text);

#endif
