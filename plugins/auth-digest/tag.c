/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-1-3 (Aumasson, Bernstein), each part as its length and its bytes in words. */
#include "tag.h"

#include <endian.h>
#include <string.h>

struct state {
	uint64_t a, b, c, d;
};

static inline uint64_t
turn(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void
mix(struct state *s)
{
	s->a += s->b;
	s->b = turn(s->b, 13) ^ s->a;
	s->a = turn(s->a, 32);
	s->c += s->d;
	s->d = turn(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = turn(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = turn(s->b, 17) ^ s->c;
	s->c = turn(s->c, 32);
}

static inline void
feed(struct state *s, uint64_t word)
{
	s->d ^= word;
	mix(s);
	s->a ^= word;
}

static void
feed_part(struct state *s, struct coven_slice part)
{
	const char *at = part.at;
	uint64_t word;

	feed(s, part.length);
	for (size_t left = part.length; left;) {
		size_t step = left < sizeof word ? left : sizeof word;

		word = 0;
		memcpy(&word, at, step);
		feed(s, le64toh(word));
		at += step;
		left -= step;
	}
}

uint64_t
tag_of(const struct tag_key *key, const struct coven_slice *parts, size_t count)
{
	struct state s = { key->half[0] ^ UINT64_C(0x736f6d6570736575),
			   key->half[1] ^ UINT64_C(0x646f72616e646f6d),
			   key->half[0] ^ UINT64_C(0x6c7967656e657261),
			   key->half[1] ^ UINT64_C(0x7465646279746573) };

	for (size_t i = 0; i < count; i++)
		feed_part(&s, parts[i]);
	s.c ^= 0xff;
	mix(&s);
	mix(&s);
	mix(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
