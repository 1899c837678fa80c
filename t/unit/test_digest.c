/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digest credentials: the examples of RFC 7616 and RFC 2617, and what must be refused.
 * And single values through the library. */
#include "../tap.h"

#include "base/text.h"
#include "sip/digest.h"
#include "sip/value.h"

#define FIELDS(algorithm, response)                                               \
	"username=\"Mufasa\", realm=\"http-auth@example.org\", "                  \
	"uri=\"/dir/index.html\", algorithm=" algorithm                           \
	", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, " \
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "     \
	"response=\"" response                                                    \
	"\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define MD5_RESPONSE "8ca523f5e9506fed4657c9700eebdbec"
#define SHA256_RESPONSE "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"

static bool
check(struct coven_slice value, const char *password, const char *method)
{
	struct coven_credentials_given given = { .size = sizeof given };
	char ha1[COVEN_HASH_TEXT];
	size_t length;

	if (coven_digest_read(value, &given) < 0)
		return false;
	length = coven_digest_ha1(given.hash, given.username, given.realm,
				  text_of(password), ha1);
	return coven_digest_check(&given, (struct coven_slice){ ha1, length },
				  text_of(method));
}

static void
test_examples(void)
{
	struct coven_slice md5 = TEXT("Digest " FIELDS("MD5", MD5_RESPONSE));
	struct coven_slice sha256 = TEXT("Digest " FIELDS("SHA-256", SHA256_RESPONSE));
	struct coven_slice rfc2617 =
		TEXT("Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
		     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",uri=\"/dir/"
		     "index.html\",qop=auth,nc=00000001,"
		     "cnonce=\"0a4f113b\",response=\"6629fae49393a05397450978507c4ef1\","
		     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
	struct coven_slice rfc2069 = TEXT(
		"digest  username=\"Mufasa\" , realm = \"testrealm@host.com\",\r\n\t"
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
		"response=\"670FD8C2DF070C60B045671B8B24FF02\"");

	ok(check(md5, "Circle of Life", "GET"), "RFC 7616 3.9.1, MD5");
	ok(check(sha256, "Circle of Life", "GET"), "RFC 7616 3.9.1, SHA-256");
	ok(check(rfc2617, "Circle Of Life", "GET"), "RFC 2617 3.5");
	ok(check(rfc2069, "Circle Of Life", "GET"), "without qop, folded, in capitals");
	ok(!check(md5, "Circle of life", "GET"), "another password");
	ok(!check(md5, "Circle of Life", "PUT"), "another method");
	ok(!check(TEXT("Digest " FIELDS("SHA-256", MD5_RESPONSE)), "Circle of Life",
		  "GET"),
	   "another hash");
	ok(!check(TEXT("Digest " FIELDS("MD5", "8ca523f5e9506fed4657c9700eebdbed")),
		  "Circle of Life", "GET"),
	   "another response");
}

/* As erratum 4897 has it: the figures of the text itself are of SHA-512, cut off. */
static void
test_userhash(void)
{
	struct coven_slice sha512 = TEXT(
		"Digest "
		"username="
		"\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
		"realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
		"nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
		"cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
		"response="
		"\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", "
		"opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true");
	struct coven_credentials_given given = { .size = sizeof given };
	char ha1[COVEN_HASH_TEXT];
	size_t length;

	is_int(coven_digest_read(sha512, &given), 0, "RFC 7616 3.9.2 is read");
	is_int(given.hash, COVEN_SHA512_256, "its hash");
	length = coven_digest_ha1(given.hash, TEXT("J\xc3\xa4s\xc3\xb8n Doe"),
				  TEXT("api@example.org"), TEXT("Secret, or not?"), ha1);
	is_int(length, 64, "its HA1");
	ok(coven_digest_check(&given, (struct coven_slice){ ha1, length }, TEXT("GET")),
	   "SHA-512/256");
}

static void
test_refused(void)
{
	static const char *const bad[] = {
		"",
		"Digest",
		"Digest ",
		"Basic dXNlcjpwYXNz",
		"Digestusername=\"a\"",
		"Digest username",
		"Digest username=\"a",
		"Digest realm=\"r\", nonce=\"n\", uri=\"u\", response=\"" MD5_RESPONSE
		"\"",
		"Digest username=\"a\", nonce=\"n\", uri=\"u\", response=\"" MD5_RESPONSE
		"\"",
		"Digest username=\"a\", realm=\"r\", uri=\"u\", response=\"" MD5_RESPONSE
		"\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", "
		"response=\"" MD5_RESPONSE "\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"" MD5_RESPONSE "0\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"zca523f5e9506fed4657c9700eebdbec\"",
		"Digest username=\"a\", username=\"b\", realm=\"r\", nonce=\"n\", "
		"uri=\"u\", response=\"" MD5_RESPONSE "\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"" MD5_RESPONSE "\", qop=auth",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"" MD5_RESPONSE "\", qop=auth, nc=1, cnonce=\"c\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"" MD5_RESPONSE "\",",
		"Digest username=\"a\" realm=\"r\", nonce=\"n\", uri=\"u\", "
		"response=\"" MD5_RESPONSE "\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=sip:b, "
		"response=\"" MD5_RESPONSE "\"",
	};
	struct coven_credentials_given given = { .size = sizeof given };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(coven_digest_read(text_of(bad[i]), &given), -1,
		       "refused: number %zu", i);
	is_int(coven_digest_read(TEXT("Digest " FIELDS("MD5-sess", MD5_RESPONSE)),
				 &given),
	       0, "an unknown hash is read");
	is_int(given.hash, 0, "as unknown");
	ok(!coven_digest_check(&given, TEXT(MD5_RESPONSE), TEXT("GET")),
	   "and never right");
	is_int(coven_digest_read(TEXT("Digest username=\"a\", realm=\"r\", nonce=\"n\", "
				      "uri=\"u\", nc=00000001, cnonce=\"c\", "
				      "qop=auth-int, response=\"" MD5_RESPONSE "\""),
				 &given),
	       0, "auth-int is read");
	ok(!coven_digest_check(&given, TEXT(MD5_RESPONSE), TEXT("GET")),
	   "and never right");
	is_int(coven_digest_read(TEXT("Digest username=\"a\\\"b\", realm=\"\", "
				      "nonce=\"n\", uri=\"u\", x=\"y,\\\"z\", "
				      "response=\"" MD5_RESPONSE "\""),
				 &given),
	       0, "unknown fields and quotes");
	is_bytes(given.username.at, given.username.length, "a\\\"b", 4,
		 "quotes inside stay as they are");
	ok(given.algorithm.at == NULL && given.hash == COVEN_MD5,
	   "MD5 if nothing is said");
	ok(!coven_digest_check(&given, TEXT("short"), TEXT("GET")),
	   "an HA1 of another length");
}

static void
test_names(void)
{
	char room[COVEN_HASH_TEXT];

	is_text(coven_hash_name(COVEN_SHA512_256), "SHA-512-256", "name");
	ok(coven_hash_name(0) == NULL && coven_hash_name(4) == NULL, "no name");
	is_int(coven_hash_of(TEXT("sha-256")), COVEN_SHA256, "number");
	is_int(coven_hash_of(TEXT("")), 0, "no number");
	is_int(coven_digest_ha1(0, TEXT("u"), TEXT("r"), TEXT("p"), room), 0, "no hash");
	is_int(coven_digest_ha1(COVEN_MD5, TEXT("alice"), TEXT("example.com"),
				TEXT("secret"), room),
	       32, "HA1");
	is_text(room, "b1726872c344b6dc8365b774f8fd6412", "of alice");
}

/* The size that the caller knows is kept. */
static void
test_size(void)
{
	struct coven_credentials_given given;
	size_t known = offsetof(struct coven_credentials_given, opaque);

	memset(&given, 0x55, sizeof given);
	given.size = (uint32_t)known;
	is_int(coven_digest_read(TEXT("Digest " FIELDS("MD5", MD5_RESPONSE)), &given), 0,
	       "a caller of an older version");
	is_int(given.size, known, "keeps its size");
	is_int(((unsigned char *)&given)[known], 0x55, "and what is behind it");
	is_int(given.realm.length, 21, "and has what it knows");
}

static void
test_values(struct arena *arena)
{
	static char large[40000];
	osip_contact_t *contact;
	osip_authorization_t *authorization;

	is_int(value_open(), 0, "value_open");
	contact = value_contact(TEXT("\"Bob\" <sip:bob@x;lr>;q=0.5;expires=60"), arena);
	ok(contact != NULL, "a Contact");
	is_text(contact ? contact->url->username : NULL, "bob", "its user");
	authorization =
		value_authorization(TEXT("Digest " FIELDS("MD5", MD5_RESPONSE)), arena);
	ok(authorization != NULL, "an Authorization");
	is_text(authorization ? authorization->username : NULL, "\"Mufasa\"", "its user");
	ok(value_contact((struct coven_slice){ "<sip:a\0b@x>", 11 }, arena) == NULL,
	   "no NUL");
	ok(value_contact(TEXT("<sip:a@x"), arena) == NULL, "nothing malformed");
	ok(value_contact(TEXT(""), arena) == NULL, "nothing empty");
	memset(large, ';', sizeof large);
	memcpy(large, "<sip:a@x>", 9);
	ok(value_contact((struct coven_slice){ large, 2000 }, arena) == NULL,
	   "not more parameters than are allowed");
	memset(large + 9, 'x', sizeof large - 9);
	ok(value_contact((struct coven_slice){ large, sizeof large }, arena) == NULL,
	   "nothing larger");
}

int
main(void)
{
	struct arena_pool *pool = arena_pool_new(2);
	struct arena *arena = arena_new(pool);

	test_examples();
	test_userhash();
	test_refused();
	test_names();
	test_size();
	test_values(arena);
	arena_free(arena);
	arena_pool_free(pool);
	return done();
}
