/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The domains of certificates (RFC 5922 7.1, 7.2), and what is wrong with a pair of certificate and key. */
#include "../tap.h"
#include "net/tls_names.h"
#include "tlskit.h"

struct row {
	const char *san, *cn, *names; /* in the order in which they are told, with blanks */
};

static const struct row rows[] = {
	{ "URI:sip:a.example", NULL, "a.example" },
	{ "URI:SIP:A.Example", NULL, "a.example" },
	{ "DNS:a.example", NULL, "a.example" },
	{ "DNS:b.example,URI:sip:a.example", NULL, "a.example b.example" },
	{ "DNS:a.example,URI:sip:a.example", NULL, "a.example" },
	{ "URI:sip:alice@a.example", NULL, "" },
	{ "URI:sip:a.example:5061", NULL, "" },
	{ "URI:sip:a.example;transport=tls", NULL, "" },
	{ "URI:sips:a.example", NULL, "" },
	{ "URI:https://a.example", NULL, "" },
	{ "URI:sip:", NULL, "" },
	{ "URI:sip:*.a.example", NULL, "" },
	{ "DNS:*.a.example", NULL, "" },
	{ "DNS:*", NULL, "" },
	{ "DNS:a.example.", NULL, "a.example" },
	{ "DNS:a..example", NULL, "" },
	{ "DNS:a.example..", NULL, "" },
	{ "DNS:.a.example", NULL, "" },
	{ "DNS:-a.example", NULL, "" },
	{ "DNS:a b.example", NULL, "" },
	{ "DNS:192.0.2.1", NULL, "" },
	{ "IP:192.0.2.1", NULL, "" },
	{ "email:a@a.example", NULL, "" },
	{ NULL, "a.example", "a.example" },
	{ NULL, "*.a.example", "" },
	{ NULL, "Alice", "alice" },
	{ NULL, NULL, "" },
	{ "DNS:b.example", "a.example", "b.example" },
	{ "email:a@a.example", "a.example", "" },
	{ "DNS:1.example,DNS:2.example,DNS:3.example,DNS:4.example,DNS:5.example", NULL,
	  "1.example 2.example 3.example 4.example ..." },
};

static void
test_names(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made *m = tlskit_make(&(struct wish){ .san = rows[i].san, .cn = rows[i].cn });
		struct net_tls_name names[NET_TLS_NAMES_MAX];
		char room[NET_TLS_NAMES_MAX][NET_TLS_NAME_MAX + 1], got[2000] = "";
		bool more;
		size_t n = tls_names_read(m->x, names, NET_TLS_NAMES_MAX, room, &more);

		for (size_t at = 0; at < n; at++) {
			strcat(got, at ? " " : "");
			strcat(got, names[at].text.at);
			ok(tls_names_has(m->x, names[at].text), "row %zu: it is for %s", i, names[at].text.at);
		}
		strcat(got, more ? " ..." : "");
		is_text(got, rows[i].names, "SAN %s, CN %s", rows[i].san ? rows[i].san : "-", rows[i].cn ? rows[i].cn : "-");
		tlskit_free(m);
	}
}

static void
test_has(void)
{
	struct made *m = tlskit_make(&(struct wish){ .san = "DNS:1.example,DNS:2.example,DNS:3.example,DNS:4.example,"
	                                                   "DNS:5.example,DNS:*.b.example" });

	ok(tls_names_has(m->x, TEXT("5.example")), "those that are not told count, too");
	ok(tls_names_has(m->x, TEXT("2.EXAMPLE.")), "case and the last dot do not");
	ok(!tls_names_has(m->x, TEXT("x.b.example")), "a wildcard is for nobody");
	ok(!tls_names_has(m->x, TEXT("*.b.example")), "not even for itself");
	ok(!tls_names_has(m->x, TEXT("example")) && !tls_names_has(m->x, TEXT("")), "nor is a part of a name");
	tlskit_free(m);
}

/* A NUL that OpenSSL's own words cannot say. */
static void
test_nul(void)
{
	struct made *m = tlskit_make(&(struct wish){ .cn = "x" });
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	ASN1_STRING_set(text, "a.example\0.evil.example", 22);
	GENERAL_NAME_set0_value(one, GEN_DNS, text);
	sk_GENERAL_NAME_push(all, one);
	X509_add1_ext_i2d(m->x, NID_subject_alt_name, all, 0, 0);
	ok(!tls_names_has(m->x, TEXT("a.example")), "a NUL does not end a name");
	ok(!tls_names_has(m->x, TEXT("x")), "and the common name does not stand in");
	X509_add1_ext_i2d(m->x, NID_subject_alt_name, all, 0, X509V3_ADD_APPEND);
	ok(!tls_names_has(m->x, TEXT("x")), "nor where there are two of them");
	GENERAL_NAMES_free(all);
	tlskit_free(m);
}

static void
test_faults(void)
{
	struct made *a = tlskit_make(&(struct wish){ .san = "DNS:a.example" });
	struct made *old = tlskit_make(&(struct wish){ .san = "DNS:a.example", .from = -9 * TLSKIT_DAY, .to = -TLSKIT_DAY });
	struct made *young = tlskit_make(&(struct wish){ .san = "DNS:a.example", .from = TLSKIT_DAY, .to = 9 * TLSKIT_DAY });
	struct made *soon = tlskit_make(&(struct wish){ .san = "DNS:a.example", .from = -1, .to = 9 * TLSKIT_DAY + 60 });
	struct tls_set *set = tls_set_new();
	struct tls_facts facts;
	char locked[TLSKIT_PEM];
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PKCS8PrivateKey(bio, a->key, EVP_aes_128_cbc(), "pass", 4, NULL, NULL);
	tlskit_print(bio, locked);
	is_int(tlskit_add(set, "b.example", a), TLS_OTHER_NAME, "for another name");
	is_int(tlskit_add(set, "a.example", old), TLS_EXPIRED, "expired");
	is_int(tlskit_add(set, "b.example", old), TLS_EXPIRED | TLS_OTHER_NAME, "two at once");
	is_int(tlskit_add(set, "a.example", young), TLS_NOT_YET, "not yet valid");
	is_int(tls_set_add(set, TEXT("a.example"), text_of(a->certificate), text_of(old->secret), &facts), TLS_OTHER_KEY,
	       "another's key");
	is_int(tls_set_add(set, TEXT("a.example"), TEXT("rubbish"), TEXT("rubbish"), &facts),
	       TLS_BAD_CERTIFICATE | TLS_BAD_KEY, "no PEM");
	is_int(tls_set_add(set, TEXT("a.example"), text_of(a->secret), text_of(a->certificate), &facts),
	       TLS_BAD_CERTIFICATE | TLS_BAD_KEY, "one for the other");
	is_int(tls_set_add(set, TEXT("a.example"), text_of(a->certificate), text_of(locked), &facts), TLS_LOCKED_KEY,
	       "a passphrase is not asked for");
	is_int(tls_set_count(set), 0, "nothing was added");
	is_int(tls_set_add(set, TEXT("a.example"), text_of(soon->certificate), text_of(soon->secret), &facts), 0, "a good one");
	is_int(facts.days, 9, "its days");
	is_text(facts.texts[0], "a.example", "its name");
	is_int(tls_set_count(set), 1, "was added");
	is_int(tls_set_trust(set, "/nowhere"), -1, "no file of authorities");
	tls_set_drop(set);
	tls_set_drop(NULL);
	tlskit_free(a);
	tlskit_free(old);
	tlskit_free(young);
	tlskit_free(soon);
}

int
main(void)
{
	test_names();
	test_has();
	test_nul();
	test_faults();
	return done();
}
