/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire: names, records and answers of DNS messages. */
#include "wire.h"

#include <string.h>

#define HEADER 12
#define LABEL_MAX 63
#define ALIASES_MAX 12 /* CNAMEs that are followed */
#define CLASS_IN 1
#define TTL_MOST 86400

static uint8_t
byte_at(struct coven_slice s, size_t at)
{
	return (uint8_t)s.at[at];
}

static bool
has(struct coven_slice s, size_t at, size_t length)
{
	return at <= s.length && length <= s.length - at;
}

static uint16_t
number16(struct coven_slice s, size_t at)
{
	return (uint16_t)(byte_at(s, at) << 8 | byte_at(s, at + 1));
}

static uint32_t
number32(struct coven_slice s, size_t at)
{
	return (uint32_t)number16(s, at) << 16 | number16(s, at + 2);
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* -- names */

int
wire_name(struct coven_slice packet, size_t *at, struct wire_name *name)
{
	size_t here = *at, length = 0;
	bool jumped = false;

	while (has(packet, here, 1)) {
		size_t label = byte_at(packet, here);

		if (label >= 0xc0) {
			size_t to;

			if (!has(packet, here, 2))
				return -1;
			to = number16(packet, here) & 0x3fff;
			if (to >= here) /* backwards only, so that it ends */
				return -1;
			if (!jumped)
				*at = here + 2;
			jumped = true;
			here = to;
			continue;
		}
		if (label > LABEL_MAX || !has(packet, here + 1, label) || length + 1 + label > WIRE_NAME_MAX)
			return -1;
		memcpy(name->at + length, packet.at + here, 1 + label);
		length += 1 + label;
		here += 1 + label;
		if (label == 0) {
			if (!jumped)
				*at = here;
			name->length = (uint8_t)length;
			return 0;
		}
	}
	return -1;
}

bool
wire_name_same(const struct wire_name *a, const struct wire_name *b)
{
	if (a->length != b->length)
		return false;
	for (size_t i = 0; i < a->length; i++) /* lengths of labels are below 'A' */
		if (lower(a->at[i]) != lower(b->at[i]))
			return false;
	return true;
}

static bool
host_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

int
wire_name_text(const struct wire_name *name, char text[WIRE_HOST_MAX + 1])
{
	size_t at = 0, out = 0;

	while (at < name->length && name->at[at] != 0) {
		size_t label = name->at[at++];

		if (out)
			text[out++] = '.';
		while (label--) {
			uint8_t c = lower(name->at[at++]);

			if (!host_character(c))
				return -1;
			text[out++] = (char)c;
		}
	}
	text[out] = 0;
	return 0;
}

int
wire_name_read(struct coven_slice text, struct wire_name *name)
{
	size_t label = 0;

	if (text.length > 1 && text.at[text.length - 1] == '.')
		text.length--;
	if (text.length == 0 || text.length > WIRE_HOST_MAX - 1)
		return -1;
	for (size_t i = 0; i <= text.length; i++) {
		uint8_t c = i < text.length ? lower((uint8_t)text.at[i]) : '.';

		if (c == '.') {
			size_t length = i - label;

			if (length == 0 || length > LABEL_MAX)
				return -1;
			name->at[label] = (uint8_t)length; /* the dot before it, and the first byte, are its place */
			label = i + 1;
		} else if (host_character(c)) {
			name->at[i + 1] = c;
		} else {
			return -1;
		}
	}
	name->at[text.length + 1] = 0;
	name->length = (uint8_t)(text.length + 2);
	return 0;
}

/* -- rdata: how it is made, for those types in which a name may be compressed.  1, 2, 4: numbers; n: a name; s: a
 *    string with its length before it; x: an IPv6 address; *: all the rest */

static const char *
layout_of(uint16_t type)
{
	switch (type) {
	case WIRE_A:
		return "4";
	case WIRE_AAAA:
		return "x";
	case WIRE_NS:
	case WIRE_CNAME:
	case WIRE_PTR:
	case WIRE_DNAME:
		return "n";
	case WIRE_SOA:
		return "nn44444";
	case WIRE_MX:
		return "2n";
	case WIRE_SRV:
		return "222n";
	case WIRE_NAPTR:
		return "22sssn";
	case WIRE_TLSA:
		return "111*";
	}
	return "*";
}

static int
put(struct wire_answer *a, const void *bytes, size_t length)
{
	if (length > sizeof a->room - a->used)
		return -1;
	memcpy(a->room + a->used, bytes, length);
	a->used += length;
	return 0;
}

static size_t
size_of_part(char part, struct coven_slice packet, size_t at, size_t end)
{
	switch (part) {
	case '*':
		return end - at;
	case 'x':
		return 16;
	case 's':
		return at < end ? 1 + (size_t)byte_at(packet, at) : 1;
	}
	return (size_t)(part - '0');
}

/* The rdata from `at` to `end`, which lie in the packet, into the room.  -1: it is not as its type has it. */
static int
unpack(struct wire_answer *a, struct coven_slice packet, size_t at, size_t end, uint16_t type)
{
	struct coven_slice inside = { packet.at, end };

	for (const char *part = layout_of(type); *part; part++) {
		struct wire_name name;
		size_t length;

		if (*part == 'n') {
			if (wire_name(inside, &at, &name) != 0 || put(a, name.at, name.length) != 0)
				return -1;
			continue;
		}
		length = size_of_part(*part, packet, at, end);
		if (!has(inside, at, length) || put(a, packet.at + at, length) != 0)
			return -1;
		at += length;
	}
	return at == end ? 0 : -1;
}

/* -- answers */

struct record {
	struct wire_name name;
	uint16_t type, class;
	uint32_t ttl;
	size_t rdata, end;
};

static int
next_record(struct coven_slice packet, size_t *at, struct record *r)
{
	size_t length;

	if (wire_name(packet, at, &r->name) != 0 || !has(packet, *at, 10))
		return -1;
	r->type = number16(packet, *at);
	r->class = number16(packet, *at + 2);
	r->ttl = number32(packet, *at + 4);
	if (r->ttl > INT32_MAX) /* RFC 2181 8 */
		r->ttl = 0;
	if (r->ttl > TTL_MOST)
		r->ttl = TTL_MOST;
	length = number16(packet, *at + 8);
	r->rdata = *at + 10;
	if (!has(packet, r->rdata, length))
		return -1;
	*at = r->end = r->rdata + length;
	return 0;
}

static void
shorten(struct wire_answer *a, uint32_t ttl)
{
	if (!a->timed || ttl < a->ttl)
		a->ttl = ttl;
	a->timed = true;
}

/* One walk over the answer section for the records of a->owner.  1: an alias leads on, and owner is its end. */
static int
collect(struct coven_slice packet, size_t at, unsigned records, uint16_t type, struct wire_answer *a)
{
	struct wire_name alias = { .length = 0 };
	uint32_t alias_ttl = 0;

	while (records--) {
		struct record r;
		size_t from = a->used;

		if (next_record(packet, &at, &r) != 0)
			return -1;
		if (r.class != CLASS_IN || !wire_name_same(&r.name, &a->owner))
			continue;
		if (r.type == type && a->count < WIRE_RECORDS_MAX) {
			if (unpack(a, packet, r.rdata, r.end, type) != 0)
				return -1;
			a->rdata[a->count++] = (struct coven_slice){ a->room + from, a->used - from };
			shorten(a, r.ttl);
		} else if (r.type == WIRE_CNAME && type != WIRE_CNAME) {
			size_t inside = r.rdata;

			if (wire_name((struct coven_slice){ packet.at, r.end }, &inside, &alias) != 0)
				return -1;
			alias_ttl = r.ttl;
		}
	}
	if (a->count || !alias.length)
		return 0;
	a->owner = alias;
	a->aliased = true;
	shorten(a, alias_ttl);
	return 1;
}

/* There is none: for how long?  RFC 2308 5: the smaller of the SOA's TTL and its last number. */
static int
negative_ttl(struct coven_slice packet, size_t at, unsigned records, struct wire_answer *a)
{
	while (records--) {
		struct record r;
		uint32_t minimum;

		if (next_record(packet, &at, &r) != 0)
			return -1;
		if (r.type != WIRE_SOA || r.end - r.rdata < 22)
			continue;
		minimum = number32(packet, r.end - 4);
		shorten(a, minimum < r.ttl ? minimum : r.ttl);
	}
	return 0;
}

static int
skip_records(struct coven_slice packet, size_t *at, unsigned records)
{
	struct record r;

	while (records--)
		if (next_record(packet, at, &r) != 0)
			return -1;
	return 0;
}

static int
read_answer(struct coven_slice packet, const struct wire_name *question, uint16_t type, struct wire_answer *a)
{
	size_t at = HEADER, behind;
	unsigned questions, answers, aliases = 0;
	int more;

	if (!has(packet, 0, HEADER))
		return -1;
	a->rcode = byte_at(packet, 3) & 15;
	questions = number16(packet, 4);
	answers = number16(packet, 6);
	while (questions--) {
		struct wire_name name;

		if (wire_name(packet, &at, &name) != 0 || !has(packet, at, 4))
			return -1;
		at += 4;
	}
	a->owner = *question;
	do
		more = collect(packet, at, answers, type, a);
	while (more == 1 && ++aliases <= ALIASES_MAX);
	behind = at;
	if (more != 0)
		return -1;
	if (a->count)
		return 0;
	if (skip_records(packet, &behind, answers) != 0)
		return -1;
	return negative_ttl(packet, behind, number16(packet, 8), a);
}

int
wire_read(struct coven_slice packet, const struct wire_name *question, uint16_t type, struct wire_answer *a)
{
	a->rcode = 0;
	a->ttl = 0;
	a->timed = false;
	a->aliased = false;
	a->owner.length = 0;
	a->count = a->used = 0;
	if (read_answer(packet, question, type, a) == 0)
		return 0;
	a->count = 0;
	return -1;
}

/* -- records */

/* The name that ends the rdata, and nothing behind it. */
static int
last_name(struct coven_slice rdata, size_t at, char text[WIRE_HOST_MAX + 1])
{
	struct wire_name name;
	struct coven_slice inside = { rdata.at + at, rdata.length - at };
	size_t end = 0;

	if (wire_name(inside, &end, &name) != 0 || end != inside.length)
		return -1;
	return wire_name_text(&name, text);
}

int
wire_srv(struct coven_slice rdata, struct wire_srv *srv)
{
	if (!has(rdata, 0, 7))
		return -1;
	srv->priority = number16(rdata, 0);
	srv->weight = number16(rdata, 2);
	srv->port = number16(rdata, 4);
	return last_name(rdata, 6, srv->target);
}

static int
string_at(struct coven_slice rdata, size_t *at, struct coven_slice *string)
{
	size_t length;

	if (!has(rdata, *at, 1))
		return -1;
	length = byte_at(rdata, *at);
	if (!has(rdata, *at + 1, length))
		return -1;
	*string = (struct coven_slice){ rdata.at + *at + 1, length };
	*at += 1 + length;
	return 0;
}

int
wire_naptr(struct coven_slice rdata, struct wire_naptr *naptr)
{
	size_t at = 4;

	if (!has(rdata, 0, 4))
		return -1;
	naptr->order = number16(rdata, 0);
	naptr->preference = number16(rdata, 2);
	if (string_at(rdata, &at, &naptr->flags) != 0 || string_at(rdata, &at, &naptr->service) != 0 ||
	    string_at(rdata, &at, &naptr->regexp) != 0)
		return -1;
	return last_name(rdata, at, naptr->replacement);
}

int
wire_tlsa(struct coven_slice rdata, struct wire_tlsa *tlsa)
{
	if (!has(rdata, 0, 4))
		return -1;
	tlsa->usage = byte_at(rdata, 0);
	tlsa->selector = byte_at(rdata, 1);
	tlsa->matching = byte_at(rdata, 2);
	tlsa->data = (struct coven_slice){ rdata.at + 3, rdata.length - 3 };
	return 0;
}

bool
wire_tlsa_usable(const struct wire_tlsa *tlsa)
{
	static const size_t lengths[] = { 0, 32, 64 }; /* of SHA-256 and SHA-512 */

	return tlsa->usage <= 3 && tlsa->selector <= 1 && tlsa->matching <= 2 && tlsa->data.length > 0 &&
	       (tlsa->matching == 0 || tlsa->data.length == lengths[tlsa->matching]);
}
