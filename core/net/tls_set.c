/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our certificates, each in a context of OpenSSL that serves both ways. */
#include "base/text.h"
#include "net/tls_inside.h"
#include "net/tls_names.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHAIN_MAX 10
#define SHOWN_MAX (32 * 1024) /* bytes of the certificates of a far end */
#define TICKETS 1

struct pair {
	struct pair *next;
	SSL_CTX *ctx;
	X509 *leaf;
	struct coven_slice domain;
	char text[NET_TLS_NAME_MAX + 1];
};

struct tls_set {
	_Atomic unsigned references;
	BIO_METHOD *wire;
	X509_STORE *trust;
	struct pair *first, **last;
	size_t count;
};

/* -- the socket: OpenSSL's own would raise SIGPIPE ------------------------------------------------------- */

static int
wire_write(BIO *bio, const char *bytes, size_t length, size_t *written)
{
	const struct stream *s = BIO_get_data(bio);
	ssize_t n = send(s->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	*written = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static int
wire_read(BIO *bio, char *room, size_t size, size_t *read)
{
	const struct stream *s = BIO_get_data(bio);
	ssize_t n = recv(s->fd, room, size, MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	if (n == 0)
		errno = 0;
	*read = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static long
wire_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static int
wire_new(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

static BIO_METHOD *
wire_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");

	if (m && BIO_meth_set_write_ex(m, wire_write) && BIO_meth_set_read_ex(m, wire_read) &&
	    BIO_meth_set_ctrl(m, wire_control) && BIO_meth_set_create(m, wire_new))
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* -- made and freed -------------------------------------------------------------------------------------- */

struct tls_set *
tls_set_new(void)
{
	struct tls_set *set = calloc(1, sizeof *set);

	if (!set)
		return NULL;
	atomic_init(&set->references, 1);
	set->last = &set->first;
	set->wire = wire_method();
	set->trust = X509_STORE_new();
	if (set->wire && set->trust)
		return set;
	tls_set_drop(set);
	return NULL;
}

struct tls_set *
tls_set_hold(struct tls_set *set)
{
	if (set)
		atomic_fetch_add(&set->references, 1);
	return set;
}

static void
free_pair(struct pair *p)
{
	SSL_CTX_free(p->ctx);
	X509_free(p->leaf);
	free(p);
}

void
tls_set_drop(struct tls_set *set)
{
	if (!set || atomic_fetch_sub(&set->references, 1) > 1)
		return;
	while (set->first) {
		struct pair *p = set->first;

		set->first = p->next;
		free_pair(p);
	}
	X509_STORE_free(set->trust);
	BIO_meth_free(set->wire);
	free(set);
}

size_t
tls_set_count(const struct tls_set *set)
{
	return set ? set->count : 0;
}

/* As one file: a folder would be searched in the middle of a handshake. */
static const char *const system_trust[] = {
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", NULL
};

int
tls_set_trust(struct tls_set *set, const char *file)
{
	int rc = 0;

	if (file)
		rc = X509_STORE_load_file(set->trust, file);
	for (size_t i = 0; !file && system_trust[i] && !rc; i++)
		rc = access(system_trust[i], R_OK) == 0 && X509_STORE_load_file(set->trust, system_trust[i]);
	ERR_clear_error();
	return rc ? 0 : -1;
}

/* -- which certificate ------------------------------------------------------------------------------------- */

static const struct pair *
pair_named(const struct tls_set *set, struct coven_slice name)
{
	if (name.length && name.at[name.length - 1] == '.')
		name.length--;
	for (const struct pair *p = set->first; p; p = p->next)
		if (text_alike(p->domain, name))
			return p;
	return NULL;
}

/* Those who come by SRV ask for the name of the host (RFC 7673), which stands in the certificate as well. */
static const struct pair *
pair_for(const struct tls_set *set, struct coven_slice name)
{
	const struct pair *found = pair_named(set, name);

	for (const struct pair *p = set->first; p && !found; p = p->next)
		if (tls_names_has(p->leaf, name))
			found = p;
	return found;
}

static int
choose(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_is_server(ssl) ? SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) : NULL;
	const struct pair *p = name ? pair_for(arg, text_of(name)) : NULL;

	(void)alert;
	if (p && SSL_get_SSL_CTX(ssl) != p->ctx)
		SSL_set_SSL_CTX(ssl, p->ctx);
	return SSL_TLSEXT_ERR_OK;
}

SSL *
tls_set_ssl(const struct tls_set *set, struct coven_slice domain, struct stream *s)
{
	const struct pair *p = domain.length ? pair_named(set, domain) : NULL;
	SSL *ssl = set->first ? SSL_new(p ? p->ctx : set->first->ctx) : NULL;
	BIO *bio = ssl ? BIO_new(set->wire) : NULL;

	if (!bio) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	BIO_set_data(bio, s);
	SSL_set_bio(ssl, bio, bio);
	return ssl;
}

/* -- a certificate is added ---------------------------------------------------------------------------------- */

static SSL_CTX *
new_context(struct tls_set *set)
{
	SSL_CTX *c = SSL_CTX_new(TLS_method());

	if (!c)
		return NULL;
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	                       SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                    SSL_MODE_RELEASE_BUFFERS);
	/* Tickets hold what is known of a session, so nothing is kept here; and whoever calls others starts anew, for what
	 * they have to prove may be something else by then. */
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(c, TICKETS);
	SSL_CTX_set_max_cert_list(c, SHOWN_MAX);
	SSL_CTX_set_verify_depth(c, CHAIN_MAX);
	SSL_CTX_set_session_id_context(c, (const unsigned char *)"coven", 5);
	SSL_CTX_set_tlsext_servername_callback(c, choose);
	SSL_CTX_set_tlsext_servername_arg(c, set);
	SSL_CTX_set1_cert_store(c, set->trust);
	SSL_CTX_set_cert_verify_callback(c, tls_verify, NULL);
	if (SSL_CTX_dane_enable(c) > 0)
		return c;
	SSL_CTX_free(c);
	return NULL;
}

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *room, int size, int writes, void *arg)
{
	bool *asked = arg;

	(void)room, (void)size, (void)writes;
	*asked = true;
	return -1;
}

static EVP_PKEY *
read_key(struct coven_slice pem, unsigned *faults)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.length);
	bool asked = false;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;

	BIO_free(bio);
	if (!key)
		*faults |= asked ? TLS_LOCKED_KEY : TLS_BAD_KEY;
	return key;
}

static X509 *
next_certificate(BIO *bio)
{
	bool asked;

	return bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, &asked) : NULL;
}

/* The first is ours, and the others lead to its issuer. */
static X509 *
read_chain(SSL_CTX *c, struct coven_slice pem, unsigned *faults)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.length);
	X509 *leaf = next_certificate(bio), *more;

	if (!leaf)
		*faults |= TLS_BAD_CERTIFICATE;
	else if (SSL_CTX_use_certificate(c, leaf) != 1)
		*faults |= TLS_WEAK;
	for (int n = 0; leaf && n < CHAIN_MAX && (more = next_certificate(bio)); n++)
		if (SSL_CTX_add0_chain_cert(c, more) != 1) {
			X509_free(more);
			*faults |= TLS_WEAK;
		}
	if (leaf && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE && !*faults)
		*faults |= TLS_BAD_CERTIFICATE;
	BIO_free(bio);
	return leaf;
}

static unsigned
judge_dates(const X509 *leaf, struct tls_facts *facts)
{
	int days = 0, seconds = 0;

	if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
		return TLS_NOT_YET;
	if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
		return TLS_EXPIRED;
	ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(leaf));
	facts->days = days;
	return 0;
}

static unsigned
judge(const X509 *leaf, EVP_PKEY *key, struct coven_slice domain, struct tls_facts *facts)
{
	unsigned faults = judge_dates(leaf, facts);
	bool more;

	facts->name_count = tls_names_read(leaf, facts->names, NET_TLS_NAMES_MAX, facts->texts, &more);
	if (!tls_names_has(leaf, domain))
		faults |= TLS_OTHER_NAME;
	if (key && X509_check_private_key(leaf, key) != 1)
		faults |= TLS_OTHER_KEY;
	return faults;
}

static unsigned
fill_pair(struct pair *p, struct coven_slice certificate, struct coven_slice key, struct tls_facts *facts)
{
	unsigned faults = 0;
	EVP_PKEY *k;

	ERR_clear_error();
	p->leaf = read_chain(p->ctx, certificate, &faults);
	k = read_key(key, &faults);
	if (p->leaf)
		faults |= judge(p->leaf, k, p->domain, facts);
	if (!faults && SSL_CTX_use_PrivateKey(p->ctx, k) != 1)
		faults |= TLS_WEAK;
	EVP_PKEY_free(k);
	ERR_clear_error();
	return faults;
}

unsigned
tls_set_add(struct tls_set *set, struct coven_slice domain, struct coven_slice certificate, struct coven_slice key,
            struct tls_facts *facts)
{
	struct pair *p = calloc(1, sizeof *p);
	unsigned faults = TLS_NO_MEMORY;

	*facts = (struct tls_facts){ .days = 0 };
	if (!p)
		return faults;
	if (domain.length && domain.at[domain.length - 1] == '.')
		domain.length--;
	domain.length = domain.length > NET_TLS_NAME_MAX ? NET_TLS_NAME_MAX : domain.length;
	memcpy(p->text, domain.at, domain.length);
	p->domain = (struct coven_slice){ p->text, domain.length };
	p->ctx = new_context(set);
	if (p->ctx)
		faults = fill_pair(p, certificate, key, facts);
	if (faults) {
		free_pair(p);
		return faults;
	}
	*set->last = p;
	set->last = &p->next;
	set->count++;
	return 0;
}
