/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys on P-256 with a certificate for ten years, which covend wants, and nobody else looks at. */
#include "ctl/domain_key.h"
#include "ctl/places.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALID_DAYS 3653
#define COMMON_NAME_MAX 64 /* characters (X.509) */
#define SERVER_USER "coven"

static int
complain(const char *path, const char *why)
{
	fprintf(stderr, "covenctl: %s: %s\n", path, why);
	return -1;
}

/* -- reading */

static int
hash_key(X509 *certificate, uint8_t hash[DOMAIN_KEY_HASH])
{
	unsigned char *der = NULL;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	int rc = length > 0 && EVP_Digest(der, (size_t)length, hash, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;

	OPENSSL_free(der);
	return rc;
}

static int
take_certificate(X509 *certificate, EVP_PKEY *pair, struct domain_key *key)
{
	struct tm made;

	if (X509_check_private_key(certificate, pair) != 1 || hash_key(certificate, key->hash) != 0)
		return -1;
	if (ASN1_TIME_to_tm(X509_get0_notBefore(certificate), &made) != 1)
		return -1;
	key->since = timegm(&made);
	return 0;
}

int
domain_key_read(const char *path, struct domain_key *key)
{
	FILE *in = fopen(path, "re");
	EVP_PKEY *pair = NULL;
	X509 *certificate = NULL;
	int rc = -1;

	if (!in)
		return errno == ENOENT ? 1 : complain(path, strerror(errno));
	pair = PEM_read_PrivateKey(in, NULL, NULL, (void *)"");
	rewind(in);
	certificate = PEM_read_X509(in, NULL, NULL, NULL);
	if (!pair || !certificate || take_certificate(certificate, pair, key) != 0)
		complain(path, "there is not a key in it and the certificate that belongs to it");
	else
		rc = 0;
	X509_free(certificate);
	EVP_PKEY_free(pair);
	fclose(in);
	return rc;
}

/* -- making */

static int
add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	int rc = -1;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (extension && X509_add_ext(certificate, extension, -1) == 1)
		rc = 0;
	X509_EXTENSION_free(extension);
	return rc;
}

/* For whom it is (RFC 5922): the URI says that it is for SIP, the name is for who knows only those. */
static int
add_names(X509 *certificate, const char *domain)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	char names[2 * 256 + 32];

	if (strlen(domain) <= COMMON_NAME_MAX &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)domain, -1, -1, 0) != 1)
		return -1;
	if (X509_set_issuer_name(certificate, name) != 1)
		return -1;
	snprintf(names, sizeof names, "URI:sip:%s,DNS:%s", domain, domain);
	if (add_extension(certificate, NID_subject_alt_name, names) != 0 ||
	    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") != 0 ||
	    add_extension(certificate, NID_key_usage, "critical,digitalSignature") != 0)
		return -1;
	return add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth");
}

static int
set_serial(X509 *certificate)
{
	uint64_t number;

	if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
		return -1;
	return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) == 1 ? 0 : -1;
}

static X509 *
make_certificate(EVP_PKEY *pair, const char *domain)
{
	X509 *c = X509_new();

	if (c && X509_set_version(c, X509_VERSION_3) == 1 && set_serial(c) == 0 &&
	    X509_gmtime_adj(X509_getm_notBefore(c), 0) &&
	    X509_time_adj_ex(X509_getm_notAfter(c), VALID_DAYS, 0, NULL) && X509_set_pubkey(c, pair) == 1 &&
	    add_names(c, domain) == 0 && X509_sign(c, pair, EVP_sha256()) > 0)
		return c;
	X509_free(c);
	return NULL;
}

/* Root makes it for the server, whose group may read it. */
static int
hand_over(int fd, mode_t mode)
{
	const struct passwd *pw = geteuid() == 0 ? getpwnam(SERVER_USER) : NULL;

	if (!pw)
		return 0;
	return fchown(fd, 0, pw->pw_gid) == 0 && fchmod(fd, mode) == 0 ? 0 : -1;
}

static int
write_pair(int fd, EVP_PKEY *pair, X509 *certificate)
{
	FILE *out = fdopen(fd, "w");
	bool good;

	if (!out) {
		close(fd);
		return -1;
	}
	good = PEM_write_PKCS8PrivateKey(out, pair, NULL, NULL, 0, NULL, NULL) == 1 &&
	       PEM_write_X509(out, certificate) == 1 && hand_over(fd, 0640) == 0 && fflush(out) == 0 && fsync(fd) == 0;
	return fclose(out) == 0 && good ? 0 : -1;
}

/* Under another name first: half a key shall never stand there. */
static int
save(const char *path, EVP_PKEY *pair, X509 *certificate)
{
	char draft[PLACES_PATH];
	int fd, rc = -1;

	if (snprintf(draft, sizeof draft, "%s.XXXXXX", path) >= (int)sizeof draft)
		return complain(path, "the name is too long");
	fd = mkostemp(draft, O_CLOEXEC); /* for its owner alone */
	if (fd < 0)
		return complain(path, strerror(errno));
	if (write_pair(fd, pair, certificate) != 0 || link(draft, path) != 0)
		complain(path, strerror(errno));
	else
		rc = 0;
	unlink(draft);
	return rc;
}

int
domain_key_folder(const char *path)
{
	bool there = access(path, F_OK) == 0;
	int fd, rc = -1;

	if (places_make(path) != 0)
		return complain(path, strerror(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (!there && hand_over(fd, 0750) != 0))
		complain(path, strerror(errno));
	else
		rc = 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

int
domain_key_make(const char *path, const char *domain)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *certificate = pair ? make_certificate(pair, domain) : NULL;
	int rc = certificate ? save(path, pair, certificate) : complain(path, "no key can be made");

	X509_free(certificate);
	EVP_PKEY_free(pair);
	return rc;
}
