/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of RFC 4475 and RFC 5118 and our own bad ones, each with its verdict; then
 * what an index holds. */
#include "../tap.h"

#include "base/text.h"
#include "sip/scan.h"

#include <stdlib.h>

#define GOOD 1 /* else the status of the answer, 0: none */

static struct sip_scratch scratch;
static char file_bytes[2 * (SIP_HEAD_MAX + SIP_BODY_MAX)];

static const struct {
	const char *name;
	int verdict;
} messages[] = {
	/* RFC 4475 3.1.1 */
	{ "wsinv", GOOD },
	{ "intmeth", 400 }, /* has a NUL: ours to refuse */
	{ "intmeth-no-nul", GOOD },
	{ "esc01", GOOD },
	{ "escnull", GOOD },
	{ "esc02", GOOD },
	{ "lwsdisp", GOOD },
	{ "longreq", GOOD },
	{ "dblreq", GOOD },
	{ "semiuri", GOOD },
	{ "transports", GOOD },
	{ "mpart01", GOOD },
	{ "unreason", GOOD },
	{ "noreason", GOOD },
	/* RFC 4475 3.1.2 */
	{ "badinv01", 400 },
	{ "clerr", 400 },
	{ "ncl", 400 },
	{ "scalar02", 400 },
	{ "scalarlg", 0 },
	{ "quotbal", 400 },
	{ "ltgtruri", 400 },
	{ "lwsruri", 400 },
	{ "lwsstart", 400 },
	{ "trws", 400 },
	{ "escruri", 400 },
	{ "baddate", GOOD },
	{ "regbadct", 400 },
	{ "badaspec", 400 },
	{ "baddn", 400 },
	{ "badvers", 505 },
	{ "mismatch01", 400 },
	{ "mismatch02", 400 },
	{ "bigcode", 0 },
	/* RFC 4475 3.2 to 3.4 */
	{ "badbranch", GOOD },
	{ "insuf", 0 }, /* nothing to copy From, To and Call-ID from */
	{ "unkscm", GOOD },
	{ "novelsc", GOOD },
	{ "unksm2", GOOD },
	{ "bext01", GOOD },
	{ "invut", GOOD },
	{ "regaut01", GOOD },
	{ "multi01", 400 },
	{ "mcl01", 400 },
	{ "bcast", GOOD },
	{ "zeromf", GOOD },
	{ "cparam01", GOOD },
	{ "cparam02", GOOD },
	{ "regescrt", GOOD },
	{ "sdp01", GOOD },
	{ "inv2543", GOOD },
	/* RFC 5118 */
	{ "ipv6-good", GOOD },
	{ "ipv6-bad", 400 },
	{ "port-ambiguous", GOOD },
	{ "port-unambiguous", GOOD },
	{ "via-received-param-with-delim", GOOD },
	{ "via-received-param-no-delim", GOOD },
	{ "ipv6-in-sdp", GOOD },
	{ "mult-ip-in-header", GOOD },
	{ "mult-ip-in-sdp", GOOD },
	{ "ipv4-mapped-ipv6", GOOD },
	{ "ipv6-bug-abnf-3-colons", GOOD },
	/* our own */
	{ "invite", GOOD },
	{ "answer", GOOD },
	{ "ack", GOOD },
	{ "register", GOOD },
	{ "contacts", GOOD },
	{ "bare-cr", 400 },
	{ "bare-lf", 400 },
	{ "nul-in-subject", 400 },
	{ "cr-in-call-id", 400 },
	{ "fold-of-blanks", GOOD },
	{ "first-line-folded", 400 },
	{ "no-empty-line", 400 },
	{ "content-length-4abc", 400 },
	{ "content-length-wrap", 400 },
	{ "content-length-none", GOOD },
	{ "two-tags", 400 },
	{ "via-port-0", 0 },
	{ "via-two-branches", 400 },
	{ "header-129", 400 },
	{ "values-65", 400 },
	{ "params-33", 400 },
	{ "route-broken", 400 },
	{ "route-empty-value", 400 },
	{ "name-with-blank-inside", 400 },
	{ "name-empty", 400 },
	{ "uri-escaped-crlf", 400 },
	{ "large-value", 400 },
	{ "ack-bad", 0 },
	{ "not-sip", 0 },
	{ "tls-hello", 0 },
};

static size_t
load(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	size_t length;
	FILE *f;

	snprintf(path, sizeof path, "%s/t/fuzz/corpus/scan/%s", top ? top : ".", name);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	length = fread(file_bytes, 1, sizeof file_bytes, f);
	fclose(f);
	return length;
}

static int
scan(struct sip_message *m, const char *name, struct sip_fault *fault)
{
	size_t length = load(name);

	ok(length > 0, "%s is there", name);
	return sip_scan(m, file_bytes, length, false, &scratch, fault);
}

static void
is_span(const struct sip_message *m, struct sip_span span, const char *want,
	const char *what)
{
	struct coven_slice got = sip_slice(m, span);

	is_bytes(got.at, got.length, want, want ? strlen(want) : 0, "%s", what);
}

static void
test_verdicts(void)
{
	struct sip_message m;
	struct sip_fault fault;
	size_t i;

	for (i = 0; i < sizeof messages / sizeof *messages; i++) {
		int result = scan(&m, messages[i].name, &fault);

		is_int(result == 0 ? GOOD : fault.status, messages[i].verdict, "%s: %s",
		       messages[i].name, result == 0 ? "good" : fault.why);
		ok((result == 0) == (fault.why == NULL), "a fault has its reason");
	}
}

static void
test_tortuous(void)
{
	struct sip_message m;
	struct sip_fault fault;

	is_int(scan(&m, "wsinv", &fault), 0, "wsinv");
	is_int(m.method_id, SIP_INVITE, "method");
	is_span(&m, m.uri, "sip:vivekg@chair-dnrc.example.com;unknownparam",
		"Request-URI");
	is_span(&m, m.to, "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
		"To");
	is_span(&m, m.to_uri, "sip:vivekg@chair-dnrc.example.com", "its URI");
	is_span(&m, m.to_tag, "1918181833n", "its tag");
	is_span(&m, m.from_uri, "sip:jdrosen@example.com", "From's URI");
	is_span(&m, m.from_tag, "98asjd8", "its tag");
	is_span(&m, m.call_id, "wsinv.ndaksdj@192.0.2.1", "Call-ID");
	is_int(m.cseq, 9, "CSeq");
	is_int(m.max_forwards, 68, "Max-Forwards");
	is_int(m.content_length, m.body.length, "Content-Length");
	is_span(&m, m.via.transport, "UDP", "transport");
	is_span(&m, m.via.sent_by, "192.0.2.2", "sent-by");
	is_span(&m, m.via.branch, "390skdjuw", "branch");
	ok(!m.via.has_rport, "no rport");
	is_span(&m, m.fields[m.first[SIP_SUBJECT] - 1].value, "", "an empty subject");
	is_span(&m, m.fields[m.first[SIP_CONTACT] - 1].name, "m", "a compact name");
}

static void
test_via(void)
{
	struct sip_message m;
	struct sip_fault fault;

	is_int(scan(&m, "invite", &fault), 0, "invite");
	is_span(&m, m.via.host, "192.0.2.101", "host");
	is_span(&m, m.via.port, "5060", "port");
	is_span(&m, m.via.branch, "z9hG4bK-524287-1---d8b7a6f5e4c3b2a1", "branch");
	ok(m.via.has_rport, "a bare rport");
	is_int(m.via.rport.length, 0, "has no value");
	is_int(m.bytes[m.via.rport.at - 1], 't', "and its place is behind the name");
	is_span(&m, m.via.value,
		"SIP/2.0/UDP "
		"192.0.2.101:5060;rport;branch=z9hG4bK-524287-1---d8b7a6f5e4c3b2a1",
		"the value");
	is_int(scan(&m, "contacts", &fault), 0, "contacts");
	is_span(&m, m.via.sent_by, "192.0.2.7:5070", "sent-by");
	is_span(&m, m.via.received, "10.0.0.1", "received");
	is_span(&m, m.via.rport, "99", "rport");
	is_int(scan(&m, "ipv6-good", &fault), 0, "ipv6-good");
	is_span(&m, m.via.host, "[2001:db8::9:1]", "an IPv6 host");
	is_int(m.via.port.length, 0, "no port");
	is_int(scan(&m, "port-unambiguous", &fault), 0, "port-unambiguous");
	is_int(scan(&m, "answer", &fault), 0, "answer");
	is_int(m.status, 200, "status");
	is_span(&m, m.reason, "OK", "reason");
	is_span(&m, m.method, "INVITE", "method of a response");
	is_int(m.method_id, SIP_INVITE, "and its number");
	is_int(m.uri.at + m.uri.length, 0, "no Request-URI");
}

/* Content-Length against what came, on both kinds of transport. */
static void
test_body(void)
{
	static const char head[] =
		"OPTIONS sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nTo: "
		"<sip:b@x>\r\n"
		"From: <sip:a@x>;tag=1\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n";
	static const struct {
		const char *more;
		int stream, datagram; /* verdicts */
	} bodies[] = {
		{ "l: 4\r\n\r\nabcd", GOOD, GOOD },
		{ "l: 4\r\n\r\nabcde", 400, GOOD },
		{ "l: 4\r\n\r\nabc", 400, 400 },
		{ "l: 0\r\n\r\n", GOOD, GOOD },
		{ "\r\n", GOOD, GOOD },
		{ "\r\nabcd", 400, GOOD },
		{ "l: 4194305\r\n\r\nabcd", 413, 400 },
		{ "l: 4 4\r\n\r\nabcd", 400, 400 },
		{ "l: +4\r\n\r\nabcd", 400, 400 },
		{ "l: \r\n\r\nabcd", 400, 400 },
		{ "l: 4,4\r\n\r\nabcd", 400, 400 },
		{ "Max-Forwards: 256\r\nl: 0\r\n\r\n", 400, 400 },
		{ "Max-Forwards: 70\r\nMax-Forwards: 70\r\nl: 0\r\n\r\n", 400, 400 },
	};
	struct sip_message m;
	struct sip_fault fault;
	size_t i, stream;

	for (i = 0; i < 2 * (sizeof bodies / sizeof *bodies); i++) {
		int length = snprintf(file_bytes, sizeof file_bytes, "%s%s", head,
				      bodies[i / 2].more),
		    result;

		stream = i % 2;
		result = sip_scan(&m, file_bytes, (size_t)length, stream, &scratch,
				  &fault);
		is_int(result == 0 ? GOOD : fault.status,
		       stream ? bodies[i / 2].stream : bodies[i / 2].datagram,
		       "body %zu %s", i / 2, stream ? "on a stream" : "in a datagram");
	}
}

/* Cut anywhere, with one byte changed to anything dangerous: nothing is read past the
 * end. */
static void
test_cuts(void)
{
	static const char bytes[] = "\0\r\n\t \"<>,;:=?@\\%[]";
	struct sip_message m;
	struct sip_fault fault;
	size_t length = load("invite"), i, k, good = 0, outside = 0;

	for (i = 0; i <= length; i++) {
		char *copy = malloc(i + 1);

		memcpy(copy, file_bytes, i);
		good += sip_scan(&m, copy, i, true, &scratch, &fault) == 0;
		for (k = 0; k < sizeof bytes && i > 0; k++) {
			copy[i - 1] = bytes[k];
			sip_scan(&m, copy, i, false, &scratch, &fault);
			outside += m.length > i || m.head > m.length ||
				   m.field_count > SIP_FIELDS_MAX;
		}
		free(copy);
	}
	is_int(good, 1, "on a stream only the whole is good");
	is_int(outside, 0, "no index goes beyond the end");
}

static void
test_names(void)
{
	static const char *const compact[] = { "v", "f", "t", "i", "m", "l", "c", "e",
					       "k", "o", "u", "s", "x", "r", "b" };
	char upper[32];
	size_t i, k;

	for (i = 1; i < SIP_HEADERS; i++) {
		const char *name = sip_header_name((enum sip_header)i);

		for (k = 0; name[k]; k++)
			upper[k] =
				name[k] >= 'a' && name[k] <= 'z' ? name[k] - 32 : name[k];
		is_int(sip_header_id(text_of(name)), i, "%s", name);
		is_int(sip_header_id((struct coven_slice){ upper, k }), i,
		       "%s in capitals", name);
		upper[k - 1] ^= 1;
		is_int(sip_header_id((struct coven_slice){ upper, k }), SIP_OTHER,
		       "not quite %s", name);
	}
	for (i = 0; i < sizeof compact / sizeof *compact; i++)
		ok(sip_header_id(text_of(compact[i])) != SIP_OTHER, "%s", compact[i]);
	is_int(sip_header_id(TEXT("call\rid")), SIP_OTHER, "CR is no '-'");
	is_int(sip_header_id(TEXT("")), SIP_OTHER, "no name");
	is_int(sip_method_id(TEXT("SUBSCRIBE")), SIP_SUBSCRIBE, "SUBSCRIBE");
	is_int(sip_method_id(TEXT("invite")), SIP_METHOD_OTHER,
	       "methods have their case");
	ok(sip_header_is_list(SIP_ALLOW) && !sip_header_is_list(SIP_AUTHORIZATION),
	   "lists");
}

int
main(void)
{
	test_verdicts();
	test_tortuous();
	test_via();
	test_body();
	test_cuts();
	test_names();
	return done();
}
