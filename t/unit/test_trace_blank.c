/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace does not show. */
#include "host/trace_blank.h"
#include "../tap.h"

#include <stdlib.h>
#include <string.h>

static void
is_blanked(const char *text, const char *wanted)
{
	char *copy = strdup(text);

	trace_blank(copy, strlen(copy));
	is_text(copy, wanted, "%.40s", text);
	free(copy);
}

/* Nothing is read or written behind the end, wherever that is. */
static void
test_cuts(void)
{
	static const char text[] = "REGISTER sip:a:b@c SIP/2.0\r\nAuthorization: Digest username=\"a\\\"b\", response=\"0123\"\r\n"
	                           "WWW-Authenticate: Digest nonce = \"x\"\r\n\r\na=crypto:1 A inline:B\r\nk=\r\n";
	size_t good = 0;

	for (size_t length = 0; length < sizeof text; length++) {
		char *cut = malloc(length + 1);

		memcpy(cut, text, length);
		cut[length] = '#';
		trace_blank(cut, length);
		good += cut[length] == '#';
		cut = realloc(cut, length ? length : 1); /* exactly as long, for the sanitizer */
		trace_blank(cut, length);
		free(cut);
	}
	is_int(good, sizeof text, "wherever it is cut");
}

int
main(void)
{
	is_blanked("Authorization: Digest username=\"alice\", realm=\"example.com\", nonce=\"AAAD\", uri=\"sip:example.com\", "
	           "response=\"0123456789\", cnonce=\"xy\", qop=auth, nc=00000001, opaque=\"\", algorithm=MD5\r\n",
	           "Authorization: Digest username=\"alice\", realm=\"example.com\", nonce=\"****\", uri=\"sip:example.com\", "
	           "response=\"**********\", cnonce=\"**\", qop=auth, nc=00000001, opaque=\"\", algorithm=MD5\r\n");
	is_blanked("proxy-authorization\t: Digest response = 0123 , realm=\"a,response=b\"\r\n",
	           "proxy-authorization\t: Digest response = *****, realm=\"a,response=b\"\r\n");
	is_blanked("Authorization: Basic YWxpY2U6c2VjcmV==\r\nSubject: Basic x\r\n",
	           "Authorization: Basic******************\r\nSubject: Basic x\r\n");
	is_blanked("Authorization: Digest username=\"a\",\r\n response=\"01\"\r\nSubject: response=\"01\"\r\n",
	           "Authorization: Digest username=\"a\",\r\n response=\"**\"\r\nSubject: response=\"01\"\r\n");
	is_blanked("Authorization: Digest response=\"0123", "Authorization: Digest response=*****");
	is_blanked("Authorization: Digest response=\"01\\\"23\", realm=\"x\"\r\n", "Authorization: Digest response=\"******\", realm=\"x\"\r\n");
	is_blanked("WWW-Authenticate: Digest realm=\"example.com\", nonce=\"AAAD\", algorithm=MD5, qop=\"auth\"\r\n",
	           "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"****\", algorithm=MD5, qop=\"auth\"\r\n");
	is_blanked("WWW-Authenticate: Digest nonce=\"AAAD\"\r\n", "WWW-Authenticate: Digest nonce=\"****\"\r\n");
	is_blanked("Authentication-Info: nextnonce=\"AB\", rspauth=\"CD\", nc=1\r\n", "Authentication-Info: nextnonce=\"**\", rspauth=\"**\", nc=1\r\n");
	is_blanked("INVITE sip:bob:secret@example.com:5060 SIP/2.0\r\n", "INVITE sip:bob:******@example.com:5060 SIP/2.0\r\n");
	is_blanked("From: \"a:b@c\" <sips:bob:secret@example.com>;tag=1\r\n", "From: \"a:b@c\" <sips:bob:******@example.com>;tag=1\r\n");
	is_blanked("Contact: <sip:bob@192.0.2.1:5060>, <sip:192.0.2.1:5060>\r\n", "Contact: <sip:bob@192.0.2.1:5060>, <sip:192.0.2.1:5060>\r\n");
	is_blanked("\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WnD7c1ksDGs+dIefCEo8omPg4uO8DYIinNGL5yxQ|2^20\r\na=sendrecv\r\n",
	           "\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 ****************************************************\r\na=sendrecv\r\n");
	is_blanked("\r\nk=clear:secret\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n", "\r\nk=************\r\na=ice-ufrag:abcd\r\na=ice-pwd:******\r\n");
	is_blanked("Subject: k=clear\r\nCall-ID: a=crypto:1\r\n", "Subject: k=clear\r\nCall-ID: a=crypto:1\r\n");
	test_cuts();
	return done();
}
