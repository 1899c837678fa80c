/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates made on the spot, for the tests of TLS. */
#ifndef T_UNIT_TLSKIT_H
#define T_UNIT_TLSKIT_H

#include "base/text.h"
#include "net/tls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define TLSKIT_DAY (24L * 3600)
#define TLSKIT_PEM 8192

struct made {
	X509 *x;
	EVP_PKEY *key;
	char certificate[TLSKIT_PEM], secret[TLSKIT_PEM]; /* PEM */
};

struct wish {
	const char *san;          /* as in openssl.cnf, NULL: none */
	const char *cn;
	const struct made *by;    /* NULL: itself */
	long from, to;            /* seconds from now; both 0: a year */
	bool authority;
	const struct made *chain; /* stands behind it in the file */
};

static inline void
tlskit_extend(X509 *x, const struct made *by, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;

	X509V3_set_ctx(&context, by ? by->x : x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (e)
		X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static inline void
tlskit_print(BIO *bio, char *room)
{
	int n = BIO_read(bio, room, TLSKIT_PEM - 1);

	room[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}

static inline struct made *
tlskit_make(const struct wish *w)
{
	static long serial = 1;
	struct made *m = calloc(1, sizeof *m);
	BIO *bio;

	m->key = EVP_EC_gen("P-256");
	m->x = X509_new();
	X509_set_version(m->x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(m->x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(m->x), w->from || w->to ? w->from : -TLSKIT_DAY);
	X509_gmtime_adj(X509_getm_notAfter(m->x), w->from || w->to ? w->to : 365 * TLSKIT_DAY);
	X509_set_pubkey(m->x, m->key);
	if (w->cn)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(m->x), "CN", MBSTRING_ASC,
		                           (const unsigned char *)w->cn, -1, -1, 0);
	X509_set_issuer_name(m->x, X509_get_subject_name(w->by ? w->by->x : m->x));
	tlskit_extend(m->x, w->by, NID_basic_constraints, w->authority ? "critical,CA:TRUE" : "CA:FALSE");
	if (w->san)
		tlskit_extend(m->x, w->by, NID_subject_alt_name, w->san);
	X509_sign(m->x, w->by ? w->by->key : m->key, EVP_sha256());
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, m->x);
	if (w->chain)
		PEM_write_bio_X509(bio, w->chain->x);
	tlskit_print(bio, m->certificate);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, m->key, NULL, NULL, 0, NULL, NULL);
	tlskit_print(bio, m->secret);
	return m;
}

static inline void
tlskit_free(struct made *m)
{
	X509_free(m->x);
	EVP_PKEY_free(m->key);
	free(m);
}

static inline unsigned
tlskit_add(struct tls_set *set, const char *domain, const struct made *m)
{
	struct tls_facts facts;

	return tls_set_add(set, text_of(domain), text_of(m->certificate), text_of(m->secret), &facts);
}

/* Its data as in a TLSA record; room for those that are whole. */
static inline struct net_tlsa
tlskit_record(const struct made *m, uint8_t usage, uint8_t selector, uint8_t matching, unsigned char room[4096])
{
	unsigned char *der = NULL;
	int length = selector ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(m->x), &der) : i2d_X509(m->x, &der);
	unsigned size = (unsigned)length;

	if (matching == 0)
		memcpy(room, der, (size_t)length);
	else
		EVP_Digest(der, (size_t)length, room, &size, matching == 1 ? EVP_sha256() : EVP_sha512(), NULL);
	OPENSSL_free(der);
	return (struct net_tlsa){ usage, selector, matching, { (const char *)room, size } };
}

#endif
