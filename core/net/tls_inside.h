/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_inside: what the files about TLS share. */
#ifndef NET_TLS_INSIDE_H
#define NET_TLS_INSIDE_H

#include "net/stream.h"
#include "net/tls.h"

#include <openssl/ssl.h>

#define TLS_WHY_MAX 128

/* A demand that is ours: everything lies in one piece of memory behind it. */
struct tls_demand {
	struct net_tls_demand is;
};
struct tls_demand *tls_demand_copy(const struct net_tls_demand *d); /* NULL: beyond the limits, or no memory */
bool tls_demand_valid(const struct net_tls_demand *d); /* within the limits */
bool tls_demand_same(const struct net_tls_demand *a, const struct net_tls_demand *b);
/* Who has proven `proven` as it was demanded by `a` has proven what `b` demands. */
bool tls_demand_covers(const struct net_tls_demand *a, enum net_tls_level proven, const struct net_tls_demand *b);

/* A stream's part, of TLS. */
struct tls {
	SSL *ssl;                  /* NULL: accepted, and not a byte came yet */
	struct tls_set *set;
	struct tls_demand *demand; /* NULL: accepted */
	enum net_tls_level level;  /* proven */
	bool counted;              /* among the handshakes of its source and of all */
	bool broken;               /* nothing more may be said on it */
	char why[TLS_WHY_MAX];
};

/* An SSL on the stream's socket, with the certificate of that domain (none: the first).  NULL: no memory, no certificate. */
SSL *tls_set_ssl(const struct tls_set *set, struct coven_slice domain, struct stream *s);
/* Before the handshake; a text that stays: it cannot be met. */
const char *tls_verify_outbound(SSL *ssl, struct tls *t);
void tls_verify_inbound(SSL *ssl, struct tls *t);
/* For SSL_CTX_set_cert_verify_callback(). */
int tls_verify(X509_STORE_CTX *x, void *arg);

/* secured() is called. */
void tls_tell(struct stream *s);

#endif
