/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responses: what is copied, what is filled in, what must not get through from a refused
 * request. */
#include "../tap.h"

#include "base/address.h"
#include "base/text.h"
#include "sip/reply.h"
#include "sip/scan.h"

static struct sip_scratch scratch;
static const struct coven_address source = { { 192, 0, 2, 9 }, 40000, 4, 0 };

static int
scan(struct sip_message *m, const char *bytes)
{
	struct sip_fault fault;

	return sip_scan(m, bytes, strlen(bytes), false, &scratch, &fault);
}

static void
is_slice(struct coven_slice got, const char *want, const char *what)
{
	is_bytes(got.at, got.length, want, want ? strlen(want) : 0, "%s", what);
}

#define REST                \
	"To: <sip:b@x>\r\n" \
	"f: <sip:a@x>\r\n"  \
	" ;tag=1\r\n"       \
	"Call-ID: c\r\n"    \
	"CSeq: 1 INVITE\r\n"
#define MESSAGE(vias) "INVITE sip:b@x SIP/2.0\r\n" vias REST

static void
test_whole(struct arena *arena)
{
	static const char request[] =
		MESSAGE("v:  SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1 , SIP/2.0/TCP "
			"p\r\nMax-Forwards: 70\r\n"
			"Via: SIP/2.0/UDP q\r\nRecord-Route: <sip:p;lr>\r\nrecord-route: "
			"<sip:q;lr>\r\n"
			"Timestamp: 54\r\n") "\r\n";
	struct reply_line lines[] = { { TEXT("Allow"), TEXT("INVITE") },
				      { TEXT("Content-Type"), TEXT("text/plain") } };
	struct sip_message m;
	struct reply r = {
		.request = &m, .source = &source, .status = 200, .to_tag = TEXT("ours")
	};

	is_int(scan(&m, request), 0, "good");
	is_slice(
		reply_build(&r, arena),
		"SIP/2.0 200 OK\r\n"
		"v:  SIP/2.0/UDP 10.0.0.1;received=192.0.2.9;rport=40000;branch=z9hG4bK1 "
		", SIP/2.0/TCP p\r\n"
		"Via: SIP/2.0/UDP q\r\n"
		"f: <sip:a@x>\r\n ;tag=1\r\nTo: <sip:b@x>;tag=ours\r\nCall-ID: "
		"c\r\nCSeq: 1 INVITE\r\n"
		"Content-Length: 0\r\n\r\n",
		"200");
	r.status = 100;
	r.reason = TEXT("Wait\r\nX: y");
	is_slice(
		reply_build(&r, arena),
		"SIP/2.0 100 Wait??X: y\r\n"
		"v:  SIP/2.0/UDP 10.0.0.1;received=192.0.2.9;rport=40000;branch=z9hG4bK1 "
		", SIP/2.0/TCP p\r\n"
		"Via: SIP/2.0/UDP q\r\n"
		"f: <sip:a@x>\r\n ;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 "
		"INVITE\r\n"
		"Timestamp: 54\r\nContent-Length: 0\r\n\r\n",
		"100 has no tag, but the time");
	r.status = 183;
	r.reason = (struct coven_slice){ NULL, 0 };
	r.lines = lines;
	r.line_count = 2;
	r.record_route = true;
	r.body = TEXT("hello");
	is_slice(
		reply_build(&r, arena),
		"SIP/2.0 183 Session Progress\r\n"
		"v:  SIP/2.0/UDP 10.0.0.1;received=192.0.2.9;rport=40000;branch=z9hG4bK1 "
		", SIP/2.0/TCP p\r\n"
		"Via: SIP/2.0/UDP q\r\n"
		"f: <sip:a@x>\r\n ;tag=1\r\nTo: <sip:b@x>;tag=ours\r\nCall-ID: "
		"c\r\nCSeq: 1 INVITE\r\n"
		"Record-Route: <sip:p;lr>\r\nrecord-route: <sip:q;lr>\r\n"
		"Allow: INVITE\r\nContent-Type: text/plain\r\nContent-Length: "
		"5\r\n\r\nhello",
		"183 with all it can have");
}

static void
test_via(struct arena *arena)
{
	static const struct {
		const char *given, *want;
	} vias[] = {
		{ "SIP/2.0/UDP h", "SIP/2.0/UDP h;received=192.0.2.9" },
		{ "SIP/2.0/UDP h:5070 ; branch=1",
		  "SIP/2.0/UDP h:5070;received=192.0.2.9 ; branch=1" },
		{ "SIP/2.0/UDP h;rport", "SIP/2.0/UDP h;received=192.0.2.9;rport=40000" },
		{ "SIP/2.0/UDP h;rport=1;received=1.1.1.1",
		  "SIP/2.0/UDP h;rport=40000;received=192.0.2.9" },
		{ "SIP/2.0/UDP h;received=1.1.1.1;a=b;rport",
		  "SIP/2.0/UDP h;received=192.0.2.9;a=b;rport=40000" },
		{ "SIP/2.0/UDP h;received=\"x,y\";rport,SIP/2.0/UDP i",
		  "SIP/2.0/UDP h;received=192.0.2.9;rport=40000" },
		{ "SIP/2.0/UDP h;maddr=1.1.1.1;ttl=1;rport ;z",
		  "SIP/2.0/UDP h;received=192.0.2.9;maddr=1.1.1.1;ttl=1;rport=40000 ;z" },
	};
	struct coven_address ipv6 = { { 0x20, 1, 0xd, 0xb8, [15] = 1 }, 5060, 6, 0 };
	struct sip_message m;
	char bytes[512];
	size_t i;

	for (i = 0; i < sizeof vias / sizeof *vias; i++) {
		snprintf(bytes, sizeof bytes, MESSAGE("Via: %s\r\n") "\r\n",
			 vias[i].given);
		is_int(scan(&m, bytes), 0, "%s", vias[i].given);
		is_slice(reply_via(&m, &source, arena), vias[i].want, "is answered");
	}
	is_int(scan(&m, MESSAGE("Via: SIP/2.0/UDP h;rport\r\n") "\r\n"), 0, "IPv6");
	is_slice(reply_via(&m, &ipv6, arena),
		 "SIP/2.0/UDP h;received=2001:db8::1;rport=5060", "without brackets");
}

/* Requests that were refused. */
static void
test_refused(struct arena *arena)
{
	struct sip_message m;
	struct reply r = {
		.request = &m, .source = &source, .status = 400, .to_tag = TEXT("ours")
	};

	is_int(scan(&m, MESSAGE("Via: SIP/2.0/UDP h;;,;,,\r\n") "To: <sip:c@x>\r\n\r\n"),
	       -1, "bad Via, two To");
	is_slice(reply_build(&r, arena),
		 "SIP/2.0 400 Bad Request\r\n"
		 "Via: SIP/2.0/UDP h;received=192.0.2.9;;,;,,\r\n"
		 "f: <sip:a@x>\r\n ;tag=1\r\nTo: <sip:b@x>;tag=ours\r\nCall-ID: "
		 "c\r\nCSeq: 1 INVITE\r\n"
		 "Content-Length: 0\r\n\r\n",
		 "is answered with the first To");
	is_int(scan(&m, "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nTo: "
			"\"a\rb\n\x01\" <sip:b@x>\r\n"
			"From: <sip:a@x>\r\nCall-ID: c\nX: d\r\nCSeq: 1 INVITE\r\n\r\n"),
	       -1, "bare CR and LF");
	is_slice(reply_build(&r, arena),
		 "SIP/2.0 400 Bad Request\r\n"
		 "Via: SIP/2.0/UDP h;received=192.0.2.9;branch=1\r\n"
		 "From: <sip:a@x>\r\nTo: \"a?b??\" <sip:b@x>;tag=ours\r\nCall-ID: c?X: "
		 "d\r\nCSeq: 1 INVITE\r\n"
		 "Content-Length: 0\r\n\r\n",
		 "do not get into the answer");
	is_int(scan(&m, MESSAGE("Via: nonsense\r\n") "\r\n"), -1, "no usable Via");
	ok(reply_build(&r, arena).at == NULL && reply_via(&m, &source, arena).at == NULL,
	   "no answer");
	is_int(scan(&m, "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: "
			"<sip:b@x>\r\n\r\n"),
	       -1, "no From");
	ok(reply_build(&r, arena).at == NULL, "no answer");
	is_int(scan(&m, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n" REST "\r\n"), 0,
	       "a response");
	ok(reply_build(&r, arena).at == NULL, "is never answered");
}

int
main(void)
{
	struct arena_pool *pool = arena_pool_new(2);
	struct arena *arena = arena_new(pool);

	test_whole(arena);
	test_via(arena);
	test_refused(arena);
	is_text(reply_reason(404), "Not Found", "a reason");
	is_text(reply_reason(999), "", "none");
	arena_free(arena);
	arena_pool_free(pool);
	return done();
}
