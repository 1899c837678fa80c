/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-1-3 and HMAC-SHA256 against published results, and random bytes. */
#include "../tap.h"
#include "base/keyed.h"
#include "base/random.h"
#include "base/text.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* The same by OpenSSL. */
static uint64_t
other_hash(const struct keyed *k, const void *bytes, size_t length)
{
	unsigned c = 1, d = 3;
	size_t size = 8, got = 0;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &c),
			       OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &d),
			       OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
			       OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	uint8_t key[16], out[8];
	uint64_t h = 0;

	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)(k->key[i / 8] >> 8 * (i % 8));
	EVP_MAC_init(ctx, key, sizeof key, params);
	EVP_MAC_update(ctx, bytes, length);
	EVP_MAC_final(ctx, out, &got, sizeof out);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	for (unsigned i = 8; i--;)
		h = h << 8 | out[i];
	return h;
}

static void
test_hash(void)
{
	struct keyed k = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	struct coven_slice left[] = {TEXT("ab"), TEXT("c")},
			   right[] = {TEXT("a"), TEXT("bc")};
	struct coven_slice more[] = {TEXT("ab"), TEXT("c"), TEXT("")};
	uint8_t bytes[300];
	int wrong = 0;

	is_bytes(&(uint64_t){keyed_hash(&k, "", 0)}, 8,
		 "\xdc\xc4\x0f\x05\x58\x01\xac\xab", 8, "SipHash-1-3 of nothing");
	for (size_t length = 0; length < sizeof bytes; length++) {
		keyed_random(&k);
		random_bytes(bytes, sizeof bytes);
		wrong += keyed_hash(&k, bytes, length) != other_hash(&k, bytes, length);
	}
	is_int(wrong, 0, "all lengths as OpenSSL has them");
	ok(keyed_hash_parts(&k, left, 2) != keyed_hash_parts(&k, right, 2),
	   "parts are kept apart");
	ok(keyed_hash_parts(&k, left, 2) != keyed_hash_parts(&k, more, 3),
	   "their number counts");
	ok(keyed_hash_parts(&k, left, 2) == keyed_hash_parts(&k, left, 2),
	   "the same again");
}

static bool
hmac_is(const void *key, size_t length, struct coven_slice text, const char *want)
{
	struct hmac *h = hmac_new(key, length);
	struct coven_slice parts[2] = {text_cut(text, 0, 3),
				       text_cut(text, 3, text.length)};
	char room[80];
	struct text_builder b;
	uint8_t out[32];

	for (int again = 0; again < 2; again++) {
		hmac_parts(h, parts, 2, out);
		text_begin(&b, room, sizeof room);
		text_put_hex(&b, out, sizeof out);
		if (strcmp(room, want))
			break;
	}
	hmac_free(h);
	return !strcmp(room, want);
}

/* RFC 4231 */
static void
test_hmac(void)
{
	uint8_t key[131];

	memset(key, 0x0b, 20);
	ok(hmac_is(key, 20, TEXT("Hi There"),
		   "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
	   "case 1");
	ok(hmac_is("Jefe", 4, TEXT("what do ya want for nothing?"),
		   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
	   "case 2");
	memset(key, 0xaa, sizeof key);
	ok(hmac_is(key, sizeof key,
		   TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
		   "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
	   "case 6");
	hmac_free(NULL);
}

static void
test_random(void)
{
	uint64_t a[100];
	uint8_t large[1000] = {0};
	int same = 0, zeros = 0;

	for (unsigned i = 0; i < 100; i++) {
		a[i] = random_number();
		for (unsigned k = 0; k < i; k++)
			same += a[i] == a[k];
	}
	is_int(same, 0, "100 numbers differ");
	random_bytes(large, sizeof large);
	for (unsigned i = 0; i < sizeof large; i++)
		zeros += large[i] == 0;
	ok(zeros < 50, "1000 bytes are not zeros");
	random_bytes(large, 0);
}

int
main(void)
{
	test_hash();
	test_hmac();
	test_random();
	return done();
}
