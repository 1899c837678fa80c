/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address: IP addresses read, printed, compared and judged.  Pure functions, any thread. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <coven/types.h>
#include <sys/socket.h>

#define ADDRESS_TEXT 64 /* room for "[v6%scope]:port" and its NUL */

/* "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; no port, no name.  -1: not an address. */
int address_parse(struct coven_slice text, struct coven_address *a);
/* The same with ":port" behind (IPv6 in brackets then). */
int address_parse_port(struct coven_slice text, struct coven_address *a);
struct coven_slice address_print(const struct coven_address *a, char room[ADDRESS_TEXT]); /* with port */
/* As a SIP host: IPv6 in brackets, no port. */
struct coven_slice address_print_host(const struct coven_address *a, char room[ADDRESS_TEXT]);
/* IPv4-mapped IPv6 becomes IPv4. */
int address_from_socket(const struct sockaddr *sa, struct coven_address *a);
socklen_t address_to_socket(const struct coven_address *a, struct sockaddr_storage *room);

bool address_same(const struct coven_address *a, const struct coven_address *b);    /* with port */
bool address_same_ip(const struct coven_address *a, const struct coven_address *b); /* without   */
bool address_is_any(const struct coven_address *a);
bool address_is_loopback(const struct coven_address *a);
/* The same where one of them may come from a message, in which no scope can stand. */
bool address_same_host(const struct coven_address *a, const struct coven_address *b);
bool address_is_link_local(const struct coven_address *a); /* IPv6: means something on one link only, its scope */
bool address_is_private(const struct coven_address *a);   /* RFC 1918, 6598, 4193, link-local, loopback */
bool address_is_unicast(const struct coven_address *a);   /* not 0/8, multicast, broadcast, 240/4, ::  */

#endif
