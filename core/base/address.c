/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP addresses read, printed, compared and judged. */
#include "base/address.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#define PORT_MAX 65535

/* Four fields of at most three digits each, without leading zeros. */
static int
parse_v4(struct coven_slice s, struct coven_address *a)
{
	unsigned field = 0, digits = 0, n = 0;

	for (size_t i = 0; i < s.length; i++) {
		unsigned digit = (unsigned char)s.at[i] - '0';

		if (digit < 10) {
			if (++digits > 1 && n == 0)
				return -1;
			n = n * 10 + digit;
			if (n > 255)
				return -1;
		} else if (s.at[i] == '.' && digits && field < 3) {
			a->ip[field++] = (uint8_t)n;
			digits = n = 0;
		} else {
			return -1;
		}
	}
	if (field != 3 || !digits)
		return -1;
	a->ip[3] = (uint8_t)n;
	a->family = 4;
	return 0;
}

/* IPv4 in disguise is IPv4, or rules about private addresses could be walked around. */
static void
unmap(struct coven_address *a)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (memcmp(a->ip, mapped, sizeof mapped))
		return;
	memcpy(a->ip, a->ip + 12, 4);
	memset(a->ip + 4, 0, 12);
	a->family = 4;
	a->scope = 0;
}

static int
parse_v6(struct coven_slice s, struct coven_address *a)
{
	char room[INET6_ADDRSTRLEN];
	size_t percent = text_find(s, '%');
	uint64_t scope;

	if (percent < s.length) {
		if (text_number(text_cut(s, percent + 1, s.length), UINT32_MAX, &scope))
			return -1;
		a->scope = (uint32_t)scope;
		s.length = percent;
	}
	if (s.length >= sizeof room || memchr(s.at, '\0', s.length))
		return -1;
	memcpy(room, s.at, s.length);
	room[s.length] = '\0';
	if (inet_pton(AF_INET6, room, a->ip) != 1)
		return -1;
	a->family = 6;
	unmap(a);
	return 0;
}

int
address_parse(struct coven_slice text, struct coven_address *a)
{
	int rc;

	*a = (struct coven_address){.family = 0};
	if (text.length > 1 && text.at[0] == '[' && text.at[text.length - 1] == ']')
		rc = parse_v6(text_cut(text, 1, text.length - 1), a);
	else if (text_find(text, ':') < text.length)
		rc = parse_v6(text, a);
	else
		rc = parse_v4(text, a);
	if (rc)
		*a = (struct coven_address){.family = 0};
	return rc;
}

int
address_parse_port(struct coven_slice text, struct coven_address *a)
{
	size_t end = text.length && *text.at == '[' ? text_find(text, ']') + 1
						    : text_find(text, ':');
	uint64_t port;

	if (end < text.length && text.at[end] == ':' &&
	    address_parse(text_cut(text, 0, end), a) == 0 &&
	    text_number(text_cut(text, end + 1, text.length), PORT_MAX, &port) == 0) {
		a->port = (uint16_t)port;
		return 0;
	}
	*a = (struct coven_address){.family = 0};
	return -1;
}

/* The common case, without a call for each byte. */
static void
put_v4(struct text_builder *b, const uint8_t ip[4])
{
	char room[16], *at = room;

	for (unsigned i = 0; i < 4; i++) {
		unsigned n = ip[i];

		if (n > 99)
			*at++ = (char)('0' + n / 100);
		if (n > 9)
			*at++ = (char)('0' + n / 10 % 10);
		*at++ = (char)('0' + n % 10);
		*at++ = '.';
	}
	text_put(b, (struct coven_slice){room, (size_t)(at - room) - 1});
}

static void
put_host(struct text_builder *b, const struct coven_address *a, bool with_scope)
{
	char room[INET6_ADDRSTRLEN];

	if (a->family == 4) {
		put_v4(b, a->ip);
	} else if (a->family == 6) {
		text_put_char(b, '[');
		text_put(b, text_of(inet_ntop(AF_INET6, a->ip, room, sizeof room)));
		if (with_scope && a->scope) {
			text_put_char(b, '%');
			text_put_number(b, a->scope);
		}
		text_put_char(b, ']');
	}
}

struct coven_slice
address_print(const struct coven_address *a, char room[ADDRESS_TEXT])
{
	struct text_builder b;

	text_begin(&b, room, ADDRESS_TEXT);
	put_host(&b, a, true);
	if (a->family) {
		text_put_char(&b, ':');
		text_put_number(&b, a->port);
	}
	assert(!b.full);
	return text_done(&b);
}

struct coven_slice
address_print_host(const struct coven_address *a, char room[ADDRESS_TEXT])
{
	struct text_builder b;

	text_begin(&b, room, ADDRESS_TEXT);
	put_host(&b, a, false);
	assert(!b.full);
	return text_done(&b);
}

int
address_from_socket(const struct sockaddr *sa, struct coven_address *a)
{
	*a = (struct coven_address){.family = 0};
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		memcpy(a->ip, &in.sin_addr, 4);
		a->port = ntohs(in.sin_port);
		a->family = 4;
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, sa, sizeof in);
		memcpy(a->ip, &in.sin6_addr, 16);
		a->port = ntohs(in.sin6_port);
		a->scope = in.sin6_scope_id;
		a->family = 6;
		unmap(a);
		return 0;
	}
	return -1;
}

socklen_t
address_to_socket(const struct coven_address *a, struct sockaddr_storage *room)
{
	if (a->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)room;

		memset(in, 0, sizeof *in);
		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->ip, 4);
		return sizeof *in;
	}
	if (a->family == 6) {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)room;

		memset(in, 0, sizeof *in);
		in->sin6_family = AF_INET6;
		in->sin6_port = htons(a->port);
		in->sin6_scope_id = a->scope;
		memcpy(&in->sin6_addr, a->ip, 16);
		return sizeof *in;
	}
	return 0;
}

bool
address_same_ip(const struct coven_address *a, const struct coven_address *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       !memcmp(a->ip, b->ip, sizeof a->ip);
}

bool
address_same_host(const struct coven_address *a, const struct coven_address *b)
{
	return a->family == b->family && !memcmp(a->ip, b->ip, sizeof a->ip) &&
	       (a->scope == b->scope || !a->scope || !b->scope);
}

bool
address_same(const struct coven_address *a, const struct coven_address *b)
{
	return a->port == b->port && address_same_ip(a, b);
}

bool
address_is_any(const struct coven_address *a)
{
	static const uint8_t none[16];

	return a->family && !memcmp(a->ip, none, sizeof none);
}

static bool
is_one(const struct coven_address *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return a->family == 6 && !memcmp(a->ip, one, sizeof one);
}

bool
address_is_loopback(const struct coven_address *a)
{
	return a->family == 4 ? a->ip[0] == 127 : is_one(a);
}

struct block {
	uint8_t ip[4], bits;
};

static bool
within(const uint8_t ip[4], const struct block *blocks, size_t count)
{
	uint32_t n = (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 |
		     (uint32_t)ip[2] << 8 | ip[3];

	for (size_t i = 0; i < count; i++) {
		const uint8_t *b = blocks[i].ip;
		uint32_t m = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
			     (uint32_t)b[2] << 8 | b[3];

		if (!((n ^ m) >> (32 - blocks[i].bits)))
			return true;
	}
	return false;
}

bool
address_is_link_local(const struct coven_address *a)
{
	return a->family == 6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool
address_is_private(const struct coven_address *a)
{
	static const struct block blocks[] = {
		{{10, 0, 0, 0}, 8},    {{172, 16, 0, 0}, 12},  {{192, 168, 0, 0}, 16},
		{{100, 64, 0, 0}, 10}, {{169, 254, 0, 0}, 16}, {{127, 0, 0, 0}, 8},
	};

	if (a->family == 4)
		return within(a->ip, blocks, sizeof blocks / sizeof *blocks);
	return a->family == 6 &&
	       ((a->ip[0] & 0xfe) == 0xfc || address_is_link_local(a) || is_one(a));
}

bool
address_is_unicast(const struct coven_address *a)
{
	if (a->family == 4)
		return a->ip[0] != 0 && a->ip[0] < 224;
	return a->family == 6 && a->ip[0] != 0xff && !address_is_any(a);
}
