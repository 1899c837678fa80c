/* SPDX-License-Identifier: GPL-3.0-or-later */
/* range: "192.0.2.7", "192.0.2.0/24", "2001:db8::/32": read, compared, printed. */
#ifndef GUARD_RANGE_H
#define GUARD_RANGE_H

#include <coven/plugin.h>

#define RANGE_TEXT 80 /* room for one */

struct range {
	struct coven_address address; /* bits behind `bits` are 0; no port */
	unsigned bits;
};

/* Without a "/": all bits of the address, and *whole is true. -1: it is none. */
int range_read(struct coven_slice text, struct range *r, bool *whole);
/* The first `bits` of the address. */
struct range range_of(const struct coven_address *a, unsigned bits);
bool range_has(const struct range *r, const struct coven_address *a);
/* The address alone, without port and brackets; with "/bits" unless these are all. */
struct coven_slice range_host(const struct coven_address *a, char room[RANGE_TEXT]);
struct coven_slice range_text(const struct range *r, char room[RANGE_TEXT]);

#endif
