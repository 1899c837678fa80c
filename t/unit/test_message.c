/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks over the values of headers in every form, first lines, copies. */
#include "../tap.h"

#include "base/text.h"
#include "sip/scan.h"

#include <stdlib.h>

static const char text[] =
	"INVITE sip:b@x SIP/2.0\r\n"
	"Via: SIP/2.0/UDP a;branch=1 , SIP/2.0/UDP b;branch=2,\r\n"
	"  SIP/2.0/UDP c;branch=3\r\n"
	"X-List: one\r\n"
	"v: SIP/2.0/TCP d\r\n"
	"Contact: \"a, \\\"b\\\" <c>\" <sip:a,b@x>;x=\"y,z\",<sip:c@x>\r\n"
	"m:\r\n"
	"\t<sip:d@x>\r\n"
	"To: <sip:b@x>\r\n"
	"From: <sip:a@x>;tag=1\r\n"
	"Call-ID: c\r\n"
	"CSeq: 1 INVITE\r\n"
	"Supported:\r\n"
	"k: a,,b ,\r\n"
	"Supported: ,c\r\n"
	"Warning: 399 x \"unclosed, never\r\n"
	"Subject: one, two\r\n"
	"Authorization: Digest a=b, c=d\r\n"
	"x-list: two, three\r\n"
	"Authorization: Digest e=f\r\n"
	"\r\n"
	"body\0with NUL";

static struct sip_scratch scratch;

static void
scan(struct sip_message *m, const char *bytes, size_t length)
{
	struct sip_fault fault;

	if (sip_scan(m, bytes, length, false, &scratch, &fault) < 0) {
		printf("Bail out! %s\n", fault.why);
		exit(1);
	}
}

/* The values, with '!' before those that are alone, and the numbers of their lines. */
static void
is_walk(const struct sip_message *m, enum sip_header id, const char *name,
	const char *want)
{
	struct text_builder b;
	struct sip_walk w;
	char room[512];

	text_begin(&b, room, sizeof room);
	for (sip_walk(&w, m, id, text_of(name)); sip_walk_next(&w);) {
		if (b.length)
			text_put_char(&b, '|');
		if (w.alone)
			text_put_char(&b, '!');
		text_put(&b, sip_slice(m, w.value));
		text_put_char(&b, '#');
		text_put_number(&b, w.field);
	}
	ok(!sip_walk_next(&w), "%s: the end stays the end", name);
	is_text(room, want, "%s", name);
}

static void
test_walks(const struct sip_message *m)
{
	is_walk(m, SIP_VIA, "Via",
		"SIP/2.0/UDP a;branch=1#0|SIP/2.0/UDP b;branch=2#0|SIP/2.0/UDP "
		"c;branch=3#0|!SIP/2.0/TCP d#2");
	is_walk(m, SIP_CONTACT, "Contact",
		"\"a, \\\"b\\\" <c>\" <sip:a,b@x>;x=\"y,z\"#3|<sip:c@x>#3|!<sip:d@x>#4");
	is_walk(m, SIP_SUPPORTED, "Supported", "a#10|b#10|!c#11");
	is_walk(m, SIP_WARNING, "Warning", "!399 x \"unclosed, never#12");
	is_walk(m, SIP_SUBJECT, "Subject", "!one, two#13");
	is_walk(m, SIP_AUTHORIZATION, "Authorization",
		"!Digest a=b, c=d#14|!Digest e=f#16");
	is_walk(m, SIP_OTHER, "X-LIST", "!one#1|!two, three#15");
	is_walk(m, SIP_OTHER, "via",
		"SIP/2.0/UDP a;branch=1#0|SIP/2.0/UDP b;branch=2#0|SIP/2.0/UDP "
		"c;branch=3#0|!SIP/2.0/TCP d#2");
	is_walk(m, SIP_OTHER, "X-None", "");
	is_walk(m, SIP_ROUTE, "Route", "");
}

static void
test_copy(const struct sip_message *m, char *bytes)
{
	struct arena_pool *pool = arena_pool_new(2);
	struct arena *arena = arena_new(pool);
	struct sip_message copy;
	struct coven_slice body;

	is_int(sip_copy(&copy, m, arena), 0, "copied");
	memset(bytes, 'x', sizeof text - 1);
	memset(&scratch, 0xff, sizeof scratch);
	body = sip_slice(&copy, copy.body);
	is_bytes(body.at, body.length, "body\0with NUL", 13, "the body");
	test_walks(&copy);
	arena_free(arena);
	arena_pool_free(pool);
}

int
main(void)
{
	struct sip_message m;
	char bytes[sizeof text];
	struct coven_slice first;

	memcpy(bytes, text, sizeof text);
	scan(&m, bytes, sizeof text - 1);
	is_int(m.field_count, 17, "lines");
	test_walks(&m);
	first = sip_first(&m, SIP_CONTACT);
	ok(text_begins(first, "\"a, ") && first.at[first.length - 1] == '>',
	   "the first line, whole");
	ok(sip_first(&m, SIP_ROUTE).at == NULL && sip_first(&m, SIP_OTHER).at == NULL,
	   "none");
	ok(sip_has(&m, SIP_CSEQ) && !sip_has(&m, SIP_EXPIRES), "has");
	test_copy(&m, bytes);
	return done();
}
