/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What forwarding an INVITE costs in edit: the edits of a proxy and the rendering, without scanning.
 * Without an argument it measures time; instructions of 1000 forwardings are counted by
 *
 *	valgrind --tool=callgrind --toggle-collect=forward t/bench/bench_edit 1000
 */
#include "base/text.h"
#include "sip/edit.h"
#include "sip/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct coven_slice forward(struct edit *e, struct arena *arena, const struct sip_message *m);

static const char invite[] =
	"INVITE sip:bob@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.17:5060;rport;branch=z9hG4bKPjx3bW9Jv0yTqz5Y1\r\n"
	"Max-Forwards: 70\r\n"
	"Route: <sip:proxy.example.org;lr>, <sip:edge.example.org;lr>\r\n"
	"From: \"Alice\" <sip:alice@example.org>;tag=8Kq2vB0LpYxW\r\n"
	"To: <sip:bob@example.org>\r\n"
	"Contact: <sip:alice@192.0.2.17:5060;ob>\r\n"
	"Call-ID: 2mP1r6hZbX7tQeL9cVdS0uN4\r\n"
	"CSeq: 21754 INVITE\r\n"
	"Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, "
	"OPTIONS\r\n"
	"Supported: replaces, 100rel, timer, norefersub\r\n"
	"Session-Expires: 1800\r\n"
	"Min-SE: 90\r\n"
	"User-Agent: Phone 5.2\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 263\r\n"
	"\r\n"
	"v=0\r\n"
	"o=- 3911234567 3911234567 IN IP4 192.0.2.17\r\n"
	"s=session\r\n"
	"c=IN IP4 192.0.2.17\r\n"
	"t=0 0\r\n"
	"m=audio 4000 RTP/AVP 96 9 8 0 101\r\n"
	"a=rtpmap:96 opus/48000/2\r\n"
	"a=rtpmap:9 G722/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:101 telephone-event/8000\r\n"
	"a=sendrecv\r\n";

__attribute__((noinline)) struct coven_slice
forward(struct edit *e, struct arena *arena, const struct sip_message *m)
{
	static const struct coven_slice none = TEXT("");

	edit_init(e, arena, m, NULL);
	edit_uri(e, TEXT("sip:bob@198.51.100.7:49152;transport=udp;ob"));
	edit_replace(e, SIP_VIA, none, 0,
		     TEXT("SIP/2.0/UDP 192.0.2.17:5060;rport=5060;"
			  "received=192.0.2.17;branch=z9hG4bKPjx3bW9Jv0yTqz5Y1"));
	edit_add(e, SIP_VIA, none, TEXT("SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK0f3a9c1d5e7b2846a1"),
		 true);
	edit_replace(e, SIP_MAX_FORWARDS, none, 0, TEXT("69"));
	edit_remove(e, SIP_ROUTE, none, 0);
	edit_add(e, SIP_RECORD_ROUTE, none, TEXT("<sip:q8Zt0Vx3@203.0.113.5;lr>"), true);
	return edit_render(e, arena);
}

int
main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000000;
	struct arena_pool *pool = arena_pool_new(8);
	struct arena *arena = pool ? arena_new(pool) : NULL;
	struct coven_slice out = { NULL, 0 };
	struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault = { 0, NULL };
	struct timespec from, to;
	struct edit e;

	if (!arena || sip_scan(&m, invite, sizeof invite - 1, false, &scratch, &fault) < 0) {
		fprintf(stderr, "cannot begin: %s\n", fault.why ? fault.why : "no memory");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (long i = 0; i < count; i++) {
		arena_reset(arena);
		out = forward(&e, arena, &m);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (argc > 1)
		printf("%.*s", TEXT_ARG(out));
	else
		printf("%.0f ns, %zu bytes of arena\n",
		       ((double)(to.tv_sec - from.tv_sec) * 1e9 +
			(double)(to.tv_nsec - from.tv_nsec)) /
			       (double)count,
		       arena_used(arena));
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}
