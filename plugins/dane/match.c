/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: bytes compared. */
#include "match.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define DATA_MAX 65536
#define LABELS_MAX 127

/* What the selector means, in DER; the caller frees it.  0: no certificate. */
static int
selected(const struct coven_tls_shown *shown, unsigned selector, unsigned char **der)
{
	const unsigned char *at = (const unsigned char *)shown->certificate.at;
	X509 *x = d2i_X509(NULL, &at, (long)shown->certificate.length);
	int length = 0;

	*der = NULL;
	if (x && selector == 0)
		length = i2d_X509(x, der);
	else if (x && selector == 1)
		length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), der);
	X509_free(x);
	return length > 0 ? length : 0;
}

static bool
same(struct coven_slice data, const void *bytes, size_t length)
{
	return data.length == length && memcmp(data.at, bytes, length) == 0;
}

static bool
matches(struct coven_slice data, unsigned matching, const unsigned char *der, size_t length)
{
	const EVP_MD *md = matching == 1 ? EVP_sha256() : matching == 2 ? EVP_sha512() : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_length;

	if (matching == 0)
		return same(data, der, length);
	return md && EVP_Digest(der, length, digest, &digest_length, md, NULL) && same(data, digest, digest_length);
}

bool
match_record(struct coven_slice rdata, const struct coven_tls_shown *shown)
{
	const unsigned char *at = (const unsigned char *)rdata.at;
	unsigned char *der;
	bool found;
	int length;

	if (rdata.length < 4 || rdata.length > DATA_MAX || (at[0] != 3 && !(at[0] == 1 && shown->trusted)) || at[1] > 1)
		return false;
	length = selected(shown, at[1], &der);
	found = length && matches((struct coven_slice){ rdata.at + 3, rdata.length - 3 }, at[2], der, (size_t)length);
	OPENSSL_free(der);
	return found;
}

size_t
match_target(struct coven_slice rdata, char room[MATCH_NAME])
{
	const unsigned char *at = (const unsigned char *)rdata.at;
	size_t i = 6, length;

	if (rdata.length < 8)
		return 0;
	length = (size_t)snprintf(room, MATCH_NAME, "_%u._tcp", (unsigned)at[4] << 8 | at[5]);
	for (unsigned labels = 0; labels < LABELS_MAX && i < rdata.length; labels++) {
		unsigned label = at[i++];

		if (label == 0)
			return i == rdata.length ? length : 0;
		if (label > 63 || label > rdata.length - i || length + 1 + label >= MATCH_NAME ||
		    memchr(at + i, '.', label) || memchr(at + i, '\0', label))
			return 0;
		room[length++] = '.';
		memcpy(room + length, at + i, label);
		length += label;
		i += label;
	}
	return 0;
}
