/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-1-3 under a secret key. */
#include "base/keyed.h"
#include "base/random.h"

#include <endian.h>
#include <string.h>

struct sip {
	uint64_t a, b, c, d;
};

static inline uint64_t
turn(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void
mix(struct sip *s)
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
feed(struct sip *s, uint64_t word)
{
	s->d ^= word;
	mix(s);
	s->a ^= word;
}

static inline struct sip
begin(const struct keyed *k)
{
	return (struct sip){
		k->key[0] ^ 0x736f6d6570736575ULL, k->key[1] ^ 0x646f72616e646f6dULL,
		k->key[0] ^ 0x6c7967656e657261ULL, k->key[1] ^ 0x7465646279746573ULL};
}

static inline uint64_t
finish(struct sip *s)
{
	s->c ^= 0xff;
	mix(s);
	mix(s);
	mix(s);
	return s->a ^ s->b ^ s->c ^ s->d;
}

static inline uint64_t
word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* Fewer than eight bytes, read without a loop: two loads that may overlap. */
static inline uint64_t
rest_at(const uint8_t *at, size_t length)
{
	uint32_t low, high;

	if (length >= 4) {
		memcpy(&low, at, 4);
		memcpy(&high, at + length - 4, 4);
		return (uint64_t)le32toh(high) << (length - 4) * 8 | le32toh(low);
	}
	if (!length)
		return 0;
	return (uint64_t)at[length - 1] << (length - 1) * 8 |
	       (uint64_t)at[length / 2] << length / 2 * 8 | at[0];
}

void
keyed_random(struct keyed *k)
{
	random_bytes(k, sizeof *k);
}

uint64_t
keyed_hash(const struct keyed *k, const void *bytes, size_t length)
{
	struct sip s = begin(k);
	const uint8_t *at = bytes;
	size_t left = length;

	for (; left >= 8; at += 8, left -= 8)
		feed(&s, word_at(at));
	feed(&s, rest_at(at, left) | (uint64_t)length << 56);
	return finish(&s);
}

/* Each part goes in behind its length, so that no other parting gives the same words. */
uint64_t
keyed_hash_parts(const struct keyed *k, const struct coven_slice *parts, size_t count)
{
	struct sip s = begin(k);

	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = (const uint8_t *)parts[i].at;
		size_t left = parts[i].length;

		feed(&s, left);
		for (; left >= 8; at += 8, left -= 8)
			feed(&s, word_at(at));
		if (left)
			feed(&s, rest_at(at, left));
	}
	feed(&s, count);
	return finish(&s);
}
