/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nonce: made and recognised without being remembered.
 *
 * base64url of  time 4 | key and flags 1 | random 8 | source 4 | HMAC-SHA256 over these and
 * the realm, 16 bytes.  The keys are random, the same for all workers, and new every hour;
 * the one before still counts. */
#ifndef AUTH_DIGEST_NONCE_H
#define AUTH_DIGEST_NONCE_H

#include <coven/types.h>

#define NONCE_BYTES 33
#define NONCE_TEXT 44 /* characters, no NUL */
#define NONCE_KEY_BYTES 32
#define NONCE_KEY_SECONDS 3600

enum nonce_flag { NONCE_ALONE = 1 /* its challenge was the only one in the answer */ };

struct nonce {
	uint64_t id;
	uint32_t issued; /* second, on the core's clock that never goes back */
	uint32_t flags;
	uint32_t source; /* whom it was given to; see guess_source() */
};

enum nonce_state { NONCE_GOOD, NONCE_EXPIRED, NONCE_FORGED };

/* Shared by all workers. */
struct nonce_keys;
struct nonce_keys *nonce_keys_new(void (*random)(void *room, size_t length));
void nonce_keys_free(struct nonce_keys *keys); /* wiped */

/* One a worker: the keys made ready for use. */
struct nonce_maker;
struct nonce_maker *nonce_maker_new(struct nonce_keys *keys);
void nonce_maker_free(struct nonce_maker *maker);

/* -1: libcrypto failed. */
int nonce_make(struct nonce_maker *maker, int64_t now_ms, uint32_t flags, uint32_t source,
	       struct coven_slice realm, char text[NONCE_TEXT]);
/* What the text says, whoever wrote it; costs no hash.  -1: not a nonce of ours. */
int nonce_read(struct coven_slice text, struct nonce *nonce);
/* NONCE_FORGED: not made by us for this realm, or under a key that is gone. */
enum nonce_state nonce_check(struct nonce_maker *maker, int64_t now_ms, int64_t life_ms,
			     struct coven_slice text, struct coven_slice realm,
			     struct nonce *nonce);

#endif
