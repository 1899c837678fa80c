/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Floor 2 for callgrind: "bench_scan WHAT COUNT"; the difference of two counts is the
 * cost of one. WHAT: invite, ok, register, ack (scanned), reply, challenge (built), uri,
 * address, digest. */
#include "base/address.h"
#include "base/text.h"
#include "sip/reply.h"
#include "sip/scan.h"
#include "sip/uri.h"
#include <coven/digest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char invite[] =
	"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP "
	"192.0.2.101:5060;rport;branch=z9hG4bK-524287-1---d8b7a6f5e4c3b2a1\r\n"
	"Max-Forwards: 70\r\n"
	"Route: <sip:192.0.2.50;lr>\r\n"
	"Contact: <sip:alice@192.0.2.101:5060;transport=udp>\r\n"
	"To: \"Bob\" <sip:bob@biloxi.example.com>\r\n"
	"From: \"Alice\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
	"Call-ID: 3848276298220188511@atlanta.example.com\r\n"
	"CSeq: 1 INVITE\r\n"
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, "
	"INFO\r\n"
	"Content-Type: application/sdp\r\n"
	"Supported: replaces, norefersub, timer\r\n"
	"User-Agent: phone 1.2.3\r\n"
	"Content-Length: 140\r\n"
	"\r\n"
	"v=0\r\n"
	"o=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\n"
	"s=-\r\n"
	"c=IN IP4 192.0.2.101\r\n"
	"t=0 0\r\n"
	"m=audio 49172 RTP/AVP 0 101\r\n"
	"a=rtpmap:0 PCMU/8000\r\n";

static const char answer[] =
	"SIP/2.0 200 OK\r\n"
	"Via: SIP/2.0/UDP "
	"192.0.2.50:5060;branch=z9hG4bK0a1b2c3d4e5f60718293;rport=5060;received=192.0.2."
	"50\r\n"
	"Via: SIP/2.0/UDP "
	"192.0.2.40:5060;branch=z9hG4bK77ef4c2312983.1;rport=5060;received=192.0.2.40\r\n"
	"Via: SIP/2.0/UDP "
	"192.0.2.101:5060;rport=5060;branch=z9hG4bK-524287-1---d8b7a6f5e4c3b2a1\r\n"
	"Record-Route: <sip:0a1b2c3d4e5f@192.0.2.50;lr>\r\n"
	"Record-Route: <sip:192.0.2.40;lr>\r\n"
	"Contact: <sip:bob@192.0.2.201:5060>\r\n"
	"To: \"Bob\" <sip:bob@biloxi.example.com>;tag=314159\r\n"
	"From: \"Alice\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
	"Call-ID: 3848276298220188511@atlanta.example.com\r\n"
	"CSeq: 1 INVITE\r\n"
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, "
	"INFO\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 140\r\n"
	"\r\n"
	"v=0\r\n"
	"o=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\n"
	"s=-\r\n"
	"c=IN IP4 192.0.2.101\r\n"
	"t=0 0\r\n"
	"m=audio 49172 RTP/AVP 0 101\r\n"
	"a=rtpmap:0 PCMU/8000\r\n";

static const char registration[] =
	"REGISTER sip:biloxi.example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.201:5060;branch=z9hG4bKnashds7;rport\r\n"
	"Max-Forwards: 70\r\n"
	"To: \"Bob\" <sip:bob@biloxi.example.com>\r\n"
	"From: \"Bob\" <sip:bob@biloxi.example.com>;tag=456248\r\n"
	"Call-ID: 843817637684230@998sdasdh09\r\n"
	"CSeq: 1827 REGISTER\r\n"
	"Contact: <sip:bob@192.0.2.201:5060>;expires=3600\r\n"
	"Authorization: Digest username=\"bob\", realm=\"biloxi.example.com\", "
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093dcd98b7102dd2f\", "
	"uri=\"sip:biloxi.example.com\", "
	"response=\"245f23415f11432b3434341c0223e3a1\", algorithm=MD5, "
	"cnonce=\"0a4f113b\", "
	"qop=auth, nc=00000001\r\n"
	"User-Agent: phone 1.2.3\r\n"
	"Content-Length: 0\r\n"
	"\r\n";

static const char ack[] =
	"ACK sip:bob@192.0.2.201:5060 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP "
	"192.0.2.101:5060;rport;branch=z9hG4bK-524287-1---a1b2c3d4e5f6a7b8\r\n"
	"Max-Forwards: 70\r\n"
	"Route: <sip:0a1b2c3d4e5f@192.0.2.50;lr>\r\n"
	"To: \"Bob\" <sip:bob@biloxi.example.com>;tag=314159\r\n"
	"From: \"Alice\" <sip:alice@atlanta.example.com>;tag=9fxced76sl\r\n"
	"Call-ID: 3848276298220188511@atlanta.example.com\r\n"
	"CSeq: 1 ACK\r\n"
	"Content-Length: 0\r\n"
	"\r\n";

static struct sip_scratch scratch;

static int
scan(struct sip_message *m, const char *bytes, size_t length)
{
	struct sip_fault fault;

	if (sip_scan(m, bytes, length, false, &scratch, &fault) == 0)
		return 0;
	fprintf(stderr, "refused: %u %s\n", fault.status, fault.why);
	return -1;
}

static int
bench_scan(const char *bytes, size_t length, long count)
{
	struct sip_message m;

	while (count-- > 0)
		if (scan(&m, bytes, length) < 0)
			return -1;
	return 0;
}

static int
bench_reply(long count, bool challenge)
{
	struct arena_pool *pool = arena_pool_new(4);
	struct arena *arena = arena_new(pool);
	struct sip_message m;
	struct coven_address source = { { 192, 0, 2, 101 }, 5060, 4, 0 };
	struct reply_line line = { TEXT("WWW-Authenticate"),
				   TEXT("Digest realm=\"biloxi.example.com\", "
					"nonce=\"dcd98b7102dd2f0e8b11d0f6\", "
					"algorithm=MD5, qop=\"auth\"") };
	struct reply r = { .request = &m,
			   .source = &source,
			   .status = challenge ? 401 : 100,
			   .to_tag = TEXT("8321234356"),
			   .lines = &line,
			   .line_count = challenge };

	if (scan(&m, invite, sizeof invite - 1) < 0)
		return -1;
	while (count-- > 0) {
		if (reply_build(&r, arena).at == NULL)
			return -1;
		arena_reset(arena);
	}
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}

static int
bench_uri(long count)
{
	struct coven_slice text = TEXT("sip:alice@192.0.2.101:5060;transport=udp");
	struct sip_uri uri;

	while (count-- > 0)
		if (uri_parse(text, &uri) < 0)
			return -1;
	return 0;
}

static int
bench_address(long count)
{
	struct coven_slice text = TEXT(
		"\"Alice\" <sip:alice@192.0.2.101:5060;transport=udp>;q=0.5;expires=600");
	struct sip_name_addr na;

	while (count-- > 0)
		if (name_addr_parse(text, &na) < 0)
			return -1;
	return 0;
}

static int
bench_digest(long count)
{
	struct coven_credentials_given given = { .size = sizeof given };
	struct sip_message m;
	struct coven_slice ha1 = TEXT("939e7578ed9e3c518a452acee763bce9");

	if (scan(&m, registration, sizeof registration - 1) < 0)
		return -1;
	while (count-- > 0)
		if (coven_digest_read(sip_first(&m, SIP_AUTHORIZATION), &given) < 0 ||
		    coven_digest_check(&given, ha1, TEXT("REGISTER")))
			return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "invite";
	long count = argc > 2 ? atol(argv[2]) : 1000;
	int result = -1;

	if (strcmp(what, "invite") == 0)
		result = bench_scan(invite, sizeof invite - 1, count);
	else if (strcmp(what, "ok") == 0)
		result = bench_scan(answer, sizeof answer - 1, count);
	else if (strcmp(what, "register") == 0)
		result = bench_scan(registration, sizeof registration - 1, count);
	else if (strcmp(what, "ack") == 0)
		result = bench_scan(ack, sizeof ack - 1, count);
	else if (strcmp(what, "reply") == 0 || strcmp(what, "challenge") == 0)
		result = bench_reply(count, *what == 'c');
	else if (strcmp(what, "uri") == 0)
		result = bench_uri(count);
	else if (strcmp(what, "address") == 0)
		result = bench_address(count);
	else if (strcmp(what, "digest") == 0)
		result = bench_digest(count);
	if (result < 0)
		fprintf(stderr, "bench_scan: %s failed\n", what);
	return result < 0;
}
