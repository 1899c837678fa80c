/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: hosts that no name server is asked for, and transports by name (RFC 3263 section 4). */
#ifndef DNS_PLACE_H
#define DNS_PLACE_H

#include "wire.h"

enum place_transport { PLACE_TLS = 0, PLACE_TCP = 1, PLACE_UDP = 2, PLACE_TRANSPORTS = 3, PLACE_UNKNOWN = 3 };

/* As bits, 1 << transport. */
enum { PLACE_ALL = 7 };

enum place_transport place_transport(struct coven_slice name);
const char *place_transport_name(enum place_transport t);
uint16_t place_port(enum place_transport t); /* when none is said */
/* "_sips._tcp." and its like */
const char *place_prefix(enum place_transport t);
/* A number, with or without [].  false: it is none. */
bool place_number(struct coven_slice host, struct coven_address *address);
/* Names of this machine, and those that lead nowhere by definition (RFC 6761, 6762, 7686): never asked for. */
enum place_kind { PLACE_NAME = 1, PLACE_HERE = 2, PLACE_NOWHERE = 3 };
enum place_kind place_kind(const char *host);

#endif
