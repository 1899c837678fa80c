/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a far end has shown in its handshake, told upwards. */
#include "net/inside.h"
#include "net/tls_inside.h"
#include "net/tls_names.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static void
hash_key(const X509 *certificate, uint8_t hash[32])
{
	unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (length > 0)
		EVP_Digest(der, (size_t)length, hash, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
}

void
tls_tell(struct stream *s)
{
	struct tls *t = s->tls;
	char room[NET_TLS_NAMES_MAX][NET_TLS_NAME_MAX + 1];
	struct net_tls_peer peer = { .inbound = s->accepted, .resumed = SSL_session_reused(t->ssl) };
	X509 *certificate = SSL_get0_peer_certificate(t->ssl);
	unsigned char *der = NULL;
	int length = 0;

	/* The result of a resumed session came with its ticket, which only we can have made. */
	if (s->accepted && certificate && SSL_get_verify_result(t->ssl) == X509_V_OK)
		t->level = NET_TLS_NAMES;
	if (!s->net->up.secured)
		return;
	peer.level = t->level;
	peer.version = SSL_get_version(t->ssl);
	peer.cipher = SSL_get_cipher_name(t->ssl);
	if (certificate) {
		length = i2d_X509(certificate, &der);
		hash_key(certificate, peer.spki);
		peer.name_count =
			tls_names_read(certificate, peer.names, NET_TLS_NAMES_MAX, room, &peer.more_names);
	}
	if (length > 0)
		peer.certificate = (struct coven_slice){ (const char *)der, (size_t)length };
	ERR_clear_error();
	s->net->up.secured(s->net->arg, &s->flow, &peer);
	OPENSSL_free(der);
}
