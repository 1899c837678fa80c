/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HMAC-SHA256 whose two padded keys are hashed once: libcrypto's own HMAC() looks its
 * digest up and hashes the key again for each text, which costs more than the text. */
#include "mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct mac {
	EVP_MD *digest;
	EVP_MD_CTX *inner, *outer, *work;
};

static EVP_MD_CTX *
begin(const EVP_MD *digest, const uint8_t *key, size_t length, uint8_t pad)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t block[MAC_BLOCK];
	int good;

	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (uint8_t)((i < length ? key[i] : 0) ^ pad);
	good = ctx && EVP_DigestInit_ex2(ctx, digest, NULL) &&
	       EVP_DigestUpdate(ctx, block, sizeof block);
	OPENSSL_cleanse(block, sizeof block);
	if (good)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

struct mac *
mac_new(const uint8_t *key, size_t length)
{
	struct mac *m = length <= MAC_BLOCK ? calloc(1, sizeof *m) : NULL;

	if (!m)
		return NULL;
	m->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	m->work = EVP_MD_CTX_new();
	if (m->digest && m->work) {
		m->inner = begin(m->digest, key, length, 0x36);
		m->outer = begin(m->digest, key, length, 0x5c);
	}
	if (m->inner && m->outer)
		return m;
	mac_free(m);
	return NULL;
}

void
mac_free(struct mac *m)
{
	if (!m)
		return;
	EVP_MD_CTX_free(m->inner);
	EVP_MD_CTX_free(m->outer);
	EVP_MD_CTX_free(m->work);
	EVP_MD_free(m->digest);
	free(m);
}

int
mac_make(struct mac *m, const struct coven_slice *parts, size_t count,
	 uint8_t out[MAC_BYTES])
{
	if (!EVP_MD_CTX_copy_ex(m->work, m->inner))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!EVP_DigestUpdate(m->work, parts[i].at, parts[i].length))
			return -1;
	if (!EVP_DigestFinal_ex(m->work, out, NULL) ||
	    !EVP_MD_CTX_copy_ex(m->work, m->outer) ||
	    !EVP_DigestUpdate(m->work, out, MAC_BYTES) ||
	    !EVP_DigestFinal_ex(m->work, out, NULL))
		return -1;
	return 0;
}
