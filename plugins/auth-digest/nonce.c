/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nonces carry their own proof, so a flood of challenges costs no memory. */
#include "nonce.h"
#include "mac.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SHIFT 4 /* above the flags: the key's number, its low 4 bits */
#define KEY_MASK 15u
#define ID_AT 5
#define SOURCE_AT 13
#define SIGNED_BYTES 17
#define PROOF_BYTES 16
#define AHEAD_SECONDS 2 /* another worker's clock may be so much ahead of ours */

struct nonce_keys {
	pthread_mutex_t lock;
	void (*random)(void *room, size_t length);
	int64_t since_ms;
	uint32_t number; /* of key[0]; key[1] is the one before */
	uint8_t key[2][NONCE_KEY_BYTES];
};

struct nonce_maker {
	struct nonce_keys *keys;
	uint32_t number;
	struct mac *mac[2];
};

struct nonce_keys *
nonce_keys_new(void (*random)(void *room, size_t length))
{
	struct nonce_keys *keys = calloc(1, sizeof *keys);

	if (!keys)
		return NULL;
	pthread_mutex_init(&keys->lock, NULL);
	keys->random = random;
	random(keys->key, sizeof keys->key);
	return keys;
}

void
nonce_keys_free(struct nonce_keys *keys)
{
	pthread_mutex_destroy(&keys->lock);
	OPENSSL_cleanse(keys, sizeof *keys);
	free(keys);
}

struct nonce_maker *
nonce_maker_new(struct nonce_keys *keys)
{
	struct nonce_maker *maker = calloc(1, sizeof *maker);

	if (!maker)
		return NULL;
	maker->keys = keys;
	return maker;
}

static void
forget(struct nonce_maker *maker)
{
	mac_free(maker->mac[0]);
	mac_free(maker->mac[1]);
	maker->mac[0] = maker->mac[1] = NULL;
}

void
nonce_maker_free(struct nonce_maker *maker)
{
	forget(maker);
	free(maker);
}

/* A new key every hour of use; after two hours of silence neither old one counts. */
static void
rotate(struct nonce_keys *keys, int64_t now_ms)
{
	int64_t hour = INT64_C(1000) * NONCE_KEY_SECONDS;
	int steps = now_ms - keys->since_ms >= 2 * hour ? 2
							: now_ms - keys->since_ms >= hour;

	for (; steps > 0; steps--) {
		memcpy(keys->key[1], keys->key[0], sizeof keys->key[1]);
		keys->random(keys->key[0], sizeof keys->key[0]);
		keys->number++;
		keys->since_ms = now_ms;
	}
}

/* Takes over the keys as they are now.  -1: libcrypto failed. */
static int
refresh(struct nonce_maker *maker, int64_t now_ms)
{
	struct nonce_keys *keys = maker->keys;

	pthread_mutex_lock(&keys->lock);
	rotate(keys, now_ms);
	if (!maker->mac[0] || !maker->mac[1] || maker->number != keys->number) {
		forget(maker);
		maker->mac[0] = mac_new(keys->key[0], NONCE_KEY_BYTES);
		maker->mac[1] = mac_new(keys->key[1], NONCE_KEY_BYTES);
		maker->number = keys->number;
	}
	pthread_mutex_unlock(&keys->lock);
	return maker->mac[0] && maker->mac[1] ? 0 : -1;
}

static int
prove(struct mac *mac, const uint8_t *head, struct coven_slice realm,
      uint8_t proof[MAC_BYTES])
{
	struct coven_slice parts[2] = { { (const char *)head, SIGNED_BYTES }, realm };

	return mac_make(mac, parts, 2, proof);
}

static void
encode(const uint8_t from[NONCE_BYTES], char to[NONCE_TEXT])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned have = 0;
	size_t put = 0;

	for (size_t i = 0; i < NONCE_BYTES; i++) {
		bits = bits << 8 | from[i];
		for (have += 8; have >= 6; have -= 6)
			to[put++] = digits[bits >> (have - 6) & 63];
	}
	if (have)
		to[put] = digits[bits << (6 - have) & 63];
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static int
decode(struct coven_slice text, uint8_t to[NONCE_BYTES])
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t put = 0;

	if (text.length != NONCE_TEXT)
		return -1;
	for (size_t i = 0; i < NONCE_TEXT; i++) {
		int value = value_of(text.at[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[put++] = (uint8_t)(bits >> have);
		}
	}
	/* one spelling only: a nonce that was used must not look like another one */
	return bits & ((1u << have) - 1) ? -1 : 0;
}

static void
put_number(uint32_t number, uint8_t to[4])
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t
get_number(const uint8_t from[4])
{
	uint32_t number = 0;

	for (unsigned i = 0; i < 4; i++)
		number = number << 8 | from[i];
	return number;
}

int
nonce_make(struct nonce_maker *maker, int64_t now_ms, uint32_t flags, uint32_t source,
	   struct coven_slice realm, char text[NONCE_TEXT])
{
	uint32_t now = (uint32_t)(now_ms / 1000);
	uint8_t bytes[NONCE_BYTES], proof[MAC_BYTES];

	if (refresh(maker, now_ms) != 0)
		return -1;
	put_number(now, bytes);
	bytes[4] = (uint8_t)(flags | (maker->number & KEY_MASK) << KEY_SHIFT);
	maker->keys->random(bytes + ID_AT, 8);
	put_number(source, bytes + SOURCE_AT);
	if (prove(maker->mac[0], bytes, realm, proof) != 0)
		return -1;
	memcpy(bytes + SIGNED_BYTES, proof, PROOF_BYTES);
	encode(bytes, text);
	return 0;
}

/* The key that made it, if it is still known. */
static struct mac *
mac_of(const struct nonce_maker *maker, uint8_t byte)
{
	uint32_t number = (uint32_t)byte >> KEY_SHIFT;

	if (number == (maker->number & KEY_MASK))
		return maker->mac[0];
	return number == ((maker->number - 1) & KEY_MASK) ? maker->mac[1] : NULL;
}

/* The fields, of bytes that nobody has vouched for. */
static void
take_apart(const uint8_t bytes[NONCE_BYTES], struct nonce *nonce)
{
	nonce->issued = get_number(bytes);
	nonce->flags = bytes[4] & ((1u << KEY_SHIFT) - 1);
	memcpy(&nonce->id, bytes + ID_AT, sizeof nonce->id);
	nonce->source = get_number(bytes + SOURCE_AT);
}

int
nonce_read(struct coven_slice text, struct nonce *nonce)
{
	uint8_t bytes[NONCE_BYTES];

	*nonce = (struct nonce){ .id = 0 };
	if (decode(text, bytes) != 0)
		return -1;
	take_apart(bytes, nonce);
	return 0;
}

enum nonce_state
nonce_check(struct nonce_maker *maker, int64_t now_ms, int64_t life_ms,
	    struct coven_slice text, struct coven_slice realm, struct nonce *nonce)
{
	uint8_t bytes[NONCE_BYTES], proof[MAC_BYTES];
	int64_t age = now_ms / 1000;
	struct mac *mac;

	*nonce = (struct nonce){ .id = 0 };
	if (decode(text, bytes) != 0 || refresh(maker, now_ms) != 0)
		return NONCE_FORGED;
	mac = mac_of(maker, bytes[4]);
	if (!mac || prove(mac, bytes, realm, proof) != 0 ||
	    CRYPTO_memcmp(proof, bytes + SIGNED_BYTES, PROOF_BYTES) != 0)
		return NONCE_FORGED;
	take_apart(bytes, nonce);
	age -= nonce->issued;
	return age < -AHEAD_SECONDS || age * 1000 > life_ms ? NONCE_EXPIRED : NONCE_GOOD;
}
