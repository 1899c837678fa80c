/* SPDX-License-Identifier: MIT
 * coven/types.h -- text and places: plain values, copied freely, owned by nobody.
 */
#ifndef COVEN_TYPES_H
#define COVEN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes somewhere else.  No NUL stands at the end, NULs may stand inside. */
struct coven_slice {
	const char *at;
	size_t length;
};

/* An IP address with a port.  family: 4, 6, or 0 for none; an IPv4 address fills ip[0..3] and
 * leaves the rest 0; port in host order; scope: the interface of a link-local IPv6 address. */
struct coven_address {
	uint8_t ip[16];
	uint16_t port, family;
	uint32_t scope;
};

/* The way a message came, by name and never by pointer: a connection, or a local socket and the
 * far end of a datagram.  Opaque; all zero is none.  A name outlives what it names: sending to a
 * connection that has gone is an answer, not an accident.  Compare with memcmp. */
struct coven_flow {
	uint64_t word[5];
};

#ifdef __cplusplus
}
#endif
#endif
