/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac: HMAC-SHA256 (RFC 2104) under one key, made ready once. */
#ifndef AUTH_DIGEST_MAC_H
#define AUTH_DIGEST_MAC_H

#include <coven/types.h>

#define MAC_BYTES 32
#define MAC_BLOCK 64

struct mac;
/* Of at most MAC_BLOCK bytes; NULL: no memory. */
struct mac *mac_new(const uint8_t *key, size_t length);
void mac_free(struct mac *m); /* NULL is fine */
/* Over the parts one after the other.  -1: libcrypto failed. */
int mac_make(struct mac *m, const struct coven_slice *parts, size_t count,
	     uint8_t out[MAC_BYTES]);

#endif
