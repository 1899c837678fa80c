/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyed: SipHash-1-3 under a key that strangers do not know, for tables and for tags that need no more
 * than 64 bits; and HMAC-SHA256 with its key schedule kept, for tokens. */
#ifndef BASE_KEYED_H
#define BASE_KEYED_H

#include <coven/types.h>

struct keyed {
	uint64_t key[2];
};
void keyed_random(struct keyed *k);
uint64_t keyed_hash(const struct keyed *k, const void *bytes, size_t length);
/* Hash of several parts; ("ab","c") and ("a","bc") differ. */
uint64_t keyed_hash_parts(const struct keyed *k, const struct coven_slice *parts, size_t count);

/* Read-only once made: any thread.  The key is copied, and wiped by hmac_free. */
struct hmac;
struct hmac *hmac_new(const void *key, size_t length); /* NULL: no memory */
void hmac_free(struct hmac *h);
void hmac_parts(const struct hmac *h, const struct coven_slice *parts, size_t count, uint8_t out[32]);

#endif
