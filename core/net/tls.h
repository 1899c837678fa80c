/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls: what floors above know of TLS: our certificates, what is demanded of a far end, and what one has shown.  It is
 * about bytes and names as they stand in certificates and TLSA records; which of them to demand is not decided here. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "net/net.h"

#define NET_TLS_SHAKE_MS 5000       /* for a handshake, from the moment the connection is there */
#define NET_TLS_SHAKES_MAX 2048     /* accepted connections that are in one, of all workers, */
#define NET_TLS_SHAKES_PER_SOURCE 128 /* and of one address (IPv6: one /64) */
#define NET_TLS_NAME_MAX 253
#define NET_TLS_NAMES_MAX 4         /* of a certificate that are told, or of a demand */
#define NET_TLSA_MAX 32             /* of a demand */
#define NET_TLSA_DATA_MAX 8192

/* -- what a far end is to prove, or has proven: each level is more than the one before */
enum net_tls_level {
	NET_TLS_ANY = 0,   /* nothing: whoever it is, the bytes are encrypted */
	NET_TLS_NAMES = 1, /* a certificate that the trusted authorities vouch for, for one of the names (RFC 5922) */
	NET_TLS_DANE = 2   /* one that a TLSA record of its host names (RFC 6698, 7671); for one of the names unless it is a
	                      record of usage 3 */
};

struct net_tlsa {
	uint8_t usage, selector, matching;
	struct coven_slice data;
};

/* Zero: ANY, and no server name is told. */
struct net_tls_demand {
	enum net_tls_level level;
	struct coven_slice domain; /* ours, whose certificate is shown; none: the first */
	struct coven_slice host;   /* the far end's: its name for SNI, and the base of the TLSA records */
	const struct coven_slice *names; /* NAMES, DANE: any of them will do; no wildcard ever matches */
	size_t name_count;
	const struct net_tlsa *tlsa;     /* DANE: validated, of the host and port */
	size_t tlsa_count;
};
/* What closed() says if none of the records of a demand can be used: neither good nor forged, nobody can tell. */
#define NET_TLS_UNUSABLE "certificate: none of the DANE TLSA records can be used"

/* -- what a far end has shown; all of it stays until secured() returns */
struct net_tls_name {
	bool uri; /* sip:NAME in a SAN of type URI; else of type DNS, or the common name where there is no SAN */
	struct coven_slice text; /* a host name, in lower case */
};
struct net_tls_peer {
	bool inbound, resumed;
	enum net_tls_level level; /* proven.  Inbound: NAMES means that the names below are */
	struct coven_slice certificate; /* DER; none: it has shown none */
	uint8_t spki[32];               /* SHA-256 of its SubjectPublicKeyInfo */
	struct net_tls_name names[NET_TLS_NAMES_MAX];
	size_t name_count;
	bool more_names; /* than are told */
	const char *version, *cipher;
};

/* -- our certificates: filled by one thread, then read-only and shared; counted references. */
struct tls_set;
struct tls_set *tls_set_new(void); /* NULL: no memory */
struct tls_set *tls_set_hold(struct tls_set *set);
void tls_set_drop(struct tls_set *set); /* NULL is harmless */
/* Whom to trust: a file of certificates (PEM); NULL: those that the system trusts.  Before tls_set_add().  -1: it
 * has none. */
int tls_set_trust(struct tls_set *set, const char *file);

enum tls_fault { /* bits: a pair may have several */
	TLS_NO_MEMORY = 1,
	TLS_BAD_CERTIFICATE = 2, /* not PEM, or broken */
	TLS_BAD_KEY = 4,
	TLS_LOCKED_KEY = 8,      /* wants a passphrase */
	TLS_OTHER_KEY = 16,      /* is not that of the certificate */
	TLS_EXPIRED = 32,
	TLS_NOT_YET = 64,
	TLS_OTHER_NAME = 128,
	TLS_WEAK = 256           /* OpenSSL will not use such a key or signature */
};
struct tls_facts {
	int days; /* left; 0: it expires today */
	struct net_tls_name names[NET_TLS_NAMES_MAX];
	char texts[NET_TLS_NAMES_MAX][NET_TLS_NAME_MAX + 1];
	size_t name_count;
};
/* A certificate with those that lead to its issuer, and its key, as bytes of PEM, for one of our domains; the first is
 * also for whoever names none of them.  0, or faults, and nothing is added.  Facts are what could be read. */
unsigned tls_set_add(struct tls_set *set, struct coven_slice domain, struct coven_slice certificate,
                     struct coven_slice key, struct tls_facts *facts);
size_t tls_set_count(const struct tls_set *set);

#endif
