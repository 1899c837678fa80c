/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key: what counts as one source, and the numbers by which the tables know it.
 *
 * A source is an IPv4 address, or the first 64 bits of an IPv6 address: that is what one
 * subscriber has. Neighbours on a link are told apart by the other half.
 * The numbers come from words that strangers do not know and are never shown to anybody, so
 * nobody can choose addresses that meet in one place of a table. Different sources have
 * different numbers. */
#ifndef GUARD_KEY_H
#define GUARD_KEY_H

#include <coven/types.h>
#include <string.h>

#define KEY_WORDS 8
struct key {
	uint64_t word[KEY_WORDS]; /* random */
};

static inline bool
key_is_link_local(const struct coven_address *a)
{
	return a->family == 6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

static inline bool
key_is_loopback(const struct coven_address *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == 4 ? a->ip[0] == 127 : memcmp(a->ip, one, sizeof one) == 0;
}

/* Bits of the address that make the source. */
static inline unsigned
key_bits(const struct coven_address *a)
{
	return a->family == 4 ? 32 : key_is_link_local(a) ? 128 : 64;
}

/* One to one. */
static inline uint64_t
key_mix(const struct key *k, uint64_t x)
{
	x *= k->word[6] | 1;
	x ^= x >> 32;
	x *= k->word[7] | 1;
	return x ^ x >> 29;
}

static inline uint64_t
key_half(const struct coven_address *a, unsigned half)
{
	uint64_t x;

	memcpy(&x, a->ip + 8 * half, sizeof x);
	return x;
}

static inline uint64_t
key_source(const struct key *k, const struct coven_address *a)
{
	uint32_t x;

	if (a->family != 4)
		return key_mix(k, key_half(a, key_is_link_local(a)) ^ k->word[0]);
	memcpy(&x, a->ip, sizeof x);
	return key_mix(k, x ^ k->word[1]);
}

/* Of all sources in a /24, or in a /48. */
static inline uint64_t
key_prefix(const struct key *k, const struct coven_address *a)
{
	uint64_t x = 0;

	memcpy(&x, a->ip, a->family == 4 ? 3 : 6);
	return key_mix(k, x ^ k->word[a->family == 4 ? 2 : 3]);
}

/* Of one address with its port. */
static inline uint64_t
key_port(const struct key *k, const struct coven_address *a)
{
	uint64_t x = key_mix(k, key_half(a, 0) ^ k->word[4]);

	if (a->family == 6)
		x = key_mix(k, x ^ key_half(a, 1));
	return key_mix(k, x ^ k->word[5] ^ a->port);
}

#endif
