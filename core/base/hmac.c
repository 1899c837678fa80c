/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HMAC-SHA256 (RFC 2104) whose two padded keys are hashed once.  By libcrypto's plain SHA-256 state, which is copied as a
 * struct: the EVP one asks for memory with each copy, and a token must not fail when there is none. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/keyed.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define HMAC_BLOCK 64

struct hmac {
	SHA256_CTX inner, outer; /* that have read the key, each byte crossed with its pad */
};

static void
begin(SHA256_CTX *state, const uint8_t key[HMAC_BLOCK], uint8_t pad)
{
	uint8_t block[HMAC_BLOCK];

	for (unsigned i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ pad;
	SHA256_Init(state);
	SHA256_Update(state, block, sizeof block);
	OPENSSL_cleanse(block, sizeof block);
}

struct hmac *
hmac_new(const void *key, size_t length)
{
	struct hmac *h = calloc(1, sizeof *h);
	uint8_t block[HMAC_BLOCK] = { 0 };

	if (!h)
		return NULL;
	if (length > HMAC_BLOCK)
		SHA256(key, length, block);
	else
		memcpy(block, key, length);
	begin(&h->inner, block, 0x36);
	begin(&h->outer, block, 0x5c);
	OPENSSL_cleanse(block, sizeof block);
	return h;
}

void
hmac_free(struct hmac *h)
{
	if (!h)
		return;
	OPENSSL_cleanse(h, sizeof *h);
	free(h);
}

void
hmac_parts(const struct hmac *h, const struct coven_slice *parts, size_t count, uint8_t out[32])
{
	SHA256_CTX state = h->inner;

	for (size_t i = 0; i < count; i++)
		if (parts[i].length)
			SHA256_Update(&state, parts[i].at, parts[i].length);
	SHA256_Final(out, &state);
	state = h->outer;
	SHA256_Update(&state, out, 32);
	SHA256_Final(out, &state);
	OPENSSL_cleanse(&state, sizeof state);
}
