/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a far end has to prove, checked inside the handshake: nothing has been said on the connection by then. */
#include "base/text.h"
#include "net/tls_inside.h"
#include "net/tls_names.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define USAGE_DANE_EE 3 /* RFC 7218 */

/* Of the records only those that can be used; how many there were. */
static const char *
add_records(SSL *ssl, const struct net_tls_demand *d)
{
	size_t usable = 0;

	if (SSL_dane_enable(ssl, d->host.at) <= 0)
		return "no memory";
	/* RFC 7671 5.1: of usage 3 the record names the key itself, and no name counts.  The other names are checked by us:
	 * OpenSSL does not know of SIP's. */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl), NULL, 0);
	for (size_t i = 0; i < d->tlsa_count; i++) {
		const struct net_tlsa *r = &d->tlsa[i];
		int rc = SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching,
		                           (const unsigned char *)r->data.at, r->data.length);

		ERR_clear_error();
		if (rc < 0)
			return "no memory";
		usable += rc > 0;
	}
	return usable ? NULL : NET_TLS_UNUSABLE;
}

const char *
tls_verify_outbound(SSL *ssl, struct tls *t)
{
	const struct net_tls_demand *d = &t->demand->is;

	SSL_set_app_data(ssl, t);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_connect_state(ssl);
	if (d->host.length && SSL_set_tlsext_host_name(ssl, d->host.at) != 1)
		return "no memory";
	return d->level == NET_TLS_DANE ? add_records(ssl, d) : NULL;
}

void
tls_verify_inbound(SSL *ssl, struct tls *t)
{
	SSL_set_app_data(ssl, t);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL); /* asks for one; tls_verify() takes any */
	/* Servers call with the certificates that they answer with, which often are not made for clients. */
	X509_VERIFY_PARAM_set_purpose(SSL_get0_param(ssl), X509_PURPOSE_ANY);
	SSL_set_accept_state(ssl);
}

static bool
has_one_of(const X509 *certificate, const struct net_tls_demand *d)
{
	for (size_t i = 0; i < d->name_count; i++)
		if (tls_names_has(certificate, d->names[i]))
			return true;
	return false;
}

/* By a record that makes names of no account. */
static bool
is_named_by_key(SSL *ssl)
{
	uint8_t usage = 0;

	return SSL_get0_dane_tlsa(ssl, &usage, NULL, NULL, NULL, NULL) >= 0 && usage == USAGE_DANE_EE;
}

/* What OpenSSL found good. */
static enum net_tls_level
reached(SSL *ssl, const struct net_tls_demand *d, const X509 *leaf)
{
	bool dane = d->level == NET_TLS_DANE && SSL_get0_dane_authority(ssl, NULL, NULL) >= 0;

	if (dane && is_named_by_key(ssl))
		return NET_TLS_DANE;
	if (!has_one_of(leaf, d))
		return NET_TLS_ANY;
	return dane ? NET_TLS_DANE : NET_TLS_NAMES;
}

int
tls_verify(X509_STORE_CTX *x, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_app_data(ssl);
	bool good = X509_verify_cert(x) > 0;

	(void)arg;
	ERR_clear_error();
	if (!t->demand) /* what is wrong stays in its result, with the session, too; see tls_tell() */
		return 1;
	t->level = good ? reached(ssl, &t->demand->is, X509_STORE_CTX_get0_cert(x)) : NET_TLS_ANY;
	if (t->level >= t->demand->is.level)
		return 1;
	if (good)
		X509_STORE_CTX_set_error(x, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}
