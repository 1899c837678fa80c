/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of text that writes bytes as base64url (RFC 4648 5, no padding) and reads them
 * back. */
#include "base/text.h"

size_t
text_to_base64url(const void *bytes, size_t length, char *room, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const uint8_t *from = bytes;
	uint32_t bits = 0;
	unsigned held = 0;
	char *at = room;

	if (length > SIZE_MAX / 4 || size < (length * 4 + 2) / 3)
		return 0;
	for (size_t i = 0; i < length; i++) {
		bits = bits << 8 | from[i];
		for (held += 8; held >= 6; held -= 6)
			*at++ = letters[bits >> (held - 6) & 63];
	}
	if (held)
		*at++ = letters[bits << (6 - held) & 63];
	return (size_t)(at - room);
}

static int
letter_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* One text for each sequence of bytes: bits left over must be zero. */
size_t
text_from_base64url(struct coven_slice s, void *room, size_t size)
{
	uint8_t *at = room;
	uint32_t bits = 0;
	unsigned held = 0;

	if (s.length % 4 == 1 || size < s.length / 4 * 3 + s.length % 4 * 3 / 4)
		return 0;
	for (size_t i = 0; i < s.length; i++) {
		int value = letter_value(s.at[i]);

		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*at++ = (uint8_t)(bits >> held);
		}
	}
	if (bits & ((1U << held) - 1))
		return 0;
	return (size_t)(at - (uint8_t *)room);
}
