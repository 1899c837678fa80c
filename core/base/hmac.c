/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HMAC-SHA256 (RFC 2104) whose two padded keys are hashed once, so that a short text
 * costs three compressions and two copies of a digest state. */
#include "base/keyed.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define HMAC_BLOCK 64

struct hmac {
	EVP_MD *md;
	EVP_MD_CTX *inner, *outer, *work;
};

/* A digest that has read the key, each byte crossed with `pad`. */
static EVP_MD_CTX *
keyed_digest(const EVP_MD *md, const uint8_t key[HMAC_BLOCK], uint8_t pad)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t block[HMAC_BLOCK];
	int ok;

	for (unsigned i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ pad;
	ok = ctx && EVP_DigestInit_ex2(ctx, md, NULL) &&
	     EVP_DigestUpdate(ctx, block, sizeof block);
	OPENSSL_cleanse(block, sizeof block);
	if (ok)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

static int
shorten(const EVP_MD *md, const void *key, size_t length, uint8_t block[HMAC_BLOCK])
{
	const uint8_t *from = key;

	if (length > HMAC_BLOCK)
		return EVP_Digest(key, length, block, NULL, md, NULL) ? 0 : -1;
	for (size_t i = 0; i < length; i++)
		block[i] = from[i];
	return 0;
}

struct hmac *
hmac_new(const void *key, size_t length)
{
	struct hmac *h = calloc(1, sizeof *h);
	uint8_t block[HMAC_BLOCK] = {0};

	if (!h)
		return NULL;
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->work = EVP_MD_CTX_new();
	if (h->md && h->work && shorten(h->md, key, length, block) == 0) {
		h->inner = keyed_digest(h->md, block, 0x36);
		h->outer = keyed_digest(h->md, block, 0x5c);
	}
	OPENSSL_cleanse(block, sizeof block);
	if (h->inner && h->outer)
		return h;
	hmac_free(h);
	return NULL;
}

void
hmac_free(struct hmac *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->inner); /* wipes what it held */
	EVP_MD_CTX_free(h->outer);
	EVP_MD_CTX_free(h->work);
	EVP_MD_free(h->md);
	free(h);
}

/* Once fetched and copied these fail for want of memory only; a wrong token must never
 * leave. */
static void
must(int ok)
{
	if (!ok)
		abort();
}

void
hmac_parts(struct hmac *h, const struct coven_slice *parts, size_t count, uint8_t out[32])
{
	must(EVP_MD_CTX_copy_ex(h->work, h->inner));
	for (size_t i = 0; i < count; i++)
		if (parts[i].length)
			must(EVP_DigestUpdate(h->work, parts[i].at, parts[i].length));
	must(EVP_DigestFinal_ex(h->work, out, NULL));
	must(EVP_MD_CTX_copy_ex(h->work, h->outer));
	must(EVP_DigestUpdate(h->work, out, 32));
	must(EVP_DigestFinal_ex(h->work, out, NULL));
}
