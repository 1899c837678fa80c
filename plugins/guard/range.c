/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of addresses. */
#include "range.h"

#include <stdio.h>
#include <string.h>

static unsigned
all_bits(const struct coven_address *a)
{
	return a->family == 4 ? 32 : 128;
}

struct range
range_of(const struct coven_address *a, unsigned bits)
{
	struct range r = { *a, bits };

	r.address.port = 0;
	r.address.scope = 0;
	for (unsigned i = 0; i < sizeof r.address.ip; i++) {
		unsigned left = bits > 8 * i ? bits - 8 * i : 0;

		if (left < 8)
			r.address.ip[i] &= (uint8_t)(0xff00 >> left);
	}
	return r;
}

/* 0 to `most`; -1: no number, or a larger one. */
static int
read_bits(struct coven_slice text, unsigned most)
{
	unsigned bits = 0;

	if (text.length == 0 || text.length > 3)
		return -1;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		bits = bits * 10 + (unsigned)(text.at[i] - '0');
	}
	return bits <= most ? (int)bits : -1;
}

int
range_read(struct coven_slice text, struct range *r, bool *whole)
{
	const char *slash = text.length ? memchr(text.at, '/', text.length) : NULL;
	struct coven_slice host = { text.at,
				    slash ? (size_t)(slash - text.at) : text.length };
	struct coven_address a;
	int bits;

	if (coven_address_read(host, &a) != 0 || a.port != 0)
		return -1;
	bits = (int)all_bits(&a);
	if (slash)
		bits = read_bits((struct coven_slice){ slash + 1,
						       text.length - host.length - 1 },
				 all_bits(&a));
	if (bits < 0)
		return -1;
	*whole = !slash;
	*r = range_of(&a, (unsigned)bits);
	return 0;
}

bool
range_has(const struct range *r, const struct coven_address *a)
{
	unsigned bytes = r->bits / 8, rest = r->bits % 8;

	if (r->address.family != a->family ||
	    memcmp(r->address.ip, a->ip, bytes) != 0)
		return false;
	return rest == 0 || r->address.ip[bytes] == (a->ip[bytes] & (uint8_t)(0xff00 >> rest));
}

struct coven_slice
range_host(const struct coven_address *a, char room[RANGE_TEXT])
{
	struct coven_address bare = *a;
	struct coven_slice text;
	char full[64];

	bare.port = 0;
	bare.scope = 0;
	text = coven_address_text(&bare, full);
	if (text.length > 2 && text.at[text.length - 2] == ':')
		text.length -= 2; /* the port */
	if (text.length > 1 && text.at[0] == '[')
		text = (struct coven_slice){ text.at + 1, text.length - 2 };
	memcpy(room, text.at, text.length);
	room[text.length] = '\0';
	return (struct coven_slice){ room, text.length };
}

struct coven_slice
range_text(const struct range *r, char room[RANGE_TEXT])
{
	struct coven_slice text = range_host(&r->address, room);
	int more;

	if (r->bits == all_bits(&r->address))
		return text;
	more = snprintf(room + text.length, RANGE_TEXT - text.length, "/%u", r->bits);
	text.length += more > 0 ? (size_t)more : 0;
	return text;
}
