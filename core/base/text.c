/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices compared, cut and read, and a builder that never writes past its room. */
#include "base/text.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct coven_slice
text_of(const char *s)
{
	return (struct coven_slice){s, s ? strlen(s) : 0};
}

struct coven_slice
text_cut(struct coven_slice s, size_t from, size_t to)
{
	if (to > s.length)
		to = s.length;
	if (from > to)
		from = to;
	return (struct coven_slice){s.at ? s.at + from : NULL, to - from};
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct coven_slice
text_trim(struct coven_slice s)
{
	while (s.length && blank(s.at[s.length - 1]))
		s.length--;
	while (s.length && blank(*s.at))
		s.at++, s.length--;
	return s;
}

bool
text_same(struct coven_slice a, struct coven_slice b)
{
	return a.length == b.length && (!a.length || !memcmp(a.at, b.at, a.length));
}

static unsigned char
lower(unsigned char c)
{
	return (unsigned char)(c - 'A') < 26 ? c | 0x20 : c;
}

#define EACH_BYTE(value) (0x0101010101010101ULL * (value))

/* Eight letters at once: bit 7 of each byte tells whether it is an upper case ASCII
 * letter. */
static uint64_t
lower_word(uint64_t w)
{
	uint64_t low = w & EACH_BYTE(0x7f);
	uint64_t past_z = low + EACH_BYTE(0x7f - 'Z');
	uint64_t from_a = low + EACH_BYTE(0x80 - 'A');
	uint64_t upper = (from_a ^ past_z) & ~w & EACH_BYTE(0x80);

	return w | upper >> 2;
}

static bool
alike(const char *a, const char *b, size_t length)
{
	uint64_t x, y;

	for (; length >= sizeof x; a += sizeof x, b += sizeof y, length -= sizeof x) {
		memcpy(&x, a, sizeof x);
		memcpy(&y, b, sizeof y);
		if (x != y && lower_word(x) != lower_word(y))
			return false;
	}
	for (; length; a++, b++, length--)
		if (*a != *b && lower((unsigned char)*a) != lower((unsigned char)*b))
			return false;
	return true;
}

bool
text_alike(struct coven_slice a, struct coven_slice b)
{
	return a.length == b.length && alike(a.at, b.at, a.length);
}

bool
text_is(struct coven_slice a, const char *s)
{
	return text_same(a, text_of(s));
}

bool
text_is_alike(struct coven_slice a, const char *s)
{
	return text_alike(a, text_of(s));
}

bool
text_begins(struct coven_slice s, const char *with)
{
	size_t length = strlen(with);

	return s.length >= length && alike(s.at, with, length);
}

size_t
text_find(struct coven_slice s, char c)
{
	const char *found = s.length ? memchr(s.at, c, s.length) : NULL;

	return found ? (size_t)(found - s.at) : s.length;
}

bool
text_secret_same(struct coven_slice a, struct coven_slice b)
{
	return a.length == b.length &&
	       (!a.length || !CRYPTO_memcmp(a.at, b.at, a.length));
}

int
text_number(struct coven_slice s, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (!s.length)
		return -1;
	for (size_t i = 0; i < s.length; i++) {
		unsigned digit = (unsigned char)s.at[i] - '0';

		if (digit > 9 || n > max / 10 || (n *= 10, digit > max - n))
			return -1;
		n += digit;
	}
	*value = n;
	return 0;
}

void
text_begin(struct text_builder *b, char *room, size_t size)
{
	*b = (struct text_builder){room, size, 0, size == 0};
	if (size)
		*room = '\0';
}

/* Room for `length` more bytes and the NUL, or the builder is full from now on. */
static char *
make_room(struct text_builder *b, size_t length)
{
	char *at;

	if (b->full || length >= b->size - b->length) {
		b->full = true;
		return NULL;
	}
	at = b->room + b->length;
	b->length += length;
	at[length] = '\0';
	return at;
}

void
text_put(struct text_builder *b, struct coven_slice s)
{
	char *at = make_room(b, s.length);

	if (at && s.length)
		memcpy(at, s.at, s.length);
}

void
text_put_char(struct text_builder *b, char c)
{
	char *at = make_room(b, 1);

	if (at)
		*at = c;
}

void
text_put_number(struct text_builder *b, uint64_t n)
{
	char digits[20], *at = digits + sizeof digits;

	do
		*--at = (char)('0' + n % 10);
	while (n /= 10);
	text_put(b, (struct coven_slice){at, (size_t)(digits + sizeof digits - at)});
}

void
text_put_hex(struct text_builder *b, const void *bytes, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *from = bytes;
	char *at = length < SIZE_MAX / 2 ? make_room(b, 2 * length) : NULL;

	if (!at) {
		b->full = true;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		*at++ = hex[from[i] >> 4];
		*at++ = hex[from[i] & 15];
	}
}

void
text_print(struct text_builder *b, const char *fmt, ...)
{
	va_list list;
	int length;

	if (b->full)
		return;
	va_start(list, fmt);
	length = vsnprintf(b->room + b->length, b->size - b->length, fmt, list);
	va_end(list);
	if (length < 0 || (size_t)length >= b->size - b->length) {
		b->room[b->length] = '\0';
		b->full = true;
		return;
	}
	b->length += (size_t)length;
}

struct coven_slice
text_done(const struct text_builder *b)
{
	if (b->full)
		return (struct coven_slice){NULL, 0};
	return (struct coven_slice){b->room, b->length};
}
