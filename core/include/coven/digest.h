/* SPDX-License-Identifier: MIT
 * coven/digest.h -- digest credentials read and checked.  RFC 3261 section 22, RFC 7616, RFC 8760.
 *
 * Pure functions, any thread; nothing of this is ever logged.
 */
#ifndef COVEN_DIGEST_H
#define COVEN_DIGEST_H

#include <coven/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum coven_hash { COVEN_MD5 = 1, COVEN_SHA256 = 2, COVEN_SHA512_256 = 3 };

#define COVEN_HASH_TEXT 65 /* room for the longest hash in hex and a NUL */

/* The fields of an Authorization or Proxy-Authorization value, without their quotes, as slices of it. */
struct coven_credentials_given {
	uint32_t size; /* sizeof, set by the caller before coven_digest_read() */
	uint32_t hash; /* of `algorithm`; MD5 when there was none; 0 when it is one we do not know */
	struct coven_slice username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc;
};
/* -1: not Digest, a field that must be there is missing or doubled, or its form is wrong (nc not 8 hex
 * digits, response of a wrong length, ...). */
int coven_digest_read(struct coven_slice value, struct coven_credentials_given *given);

/* H(user:realm:password) in hex.  Returns its length, 0: unknown hash. */
size_t coven_digest_ha1(uint32_t hash, struct coven_slice user, struct coven_slice realm,
                        struct coven_slice password, char room[COVEN_HASH_TEXT]);

/* Is given->response right for this HA1 (hex) and method?  The time does not depend on where it
 * differs.  qop "auth" or none (RFC 2069 form); auth-int is refused. */
bool coven_digest_check(const struct coven_credentials_given *given, struct coven_slice ha1,
                        struct coven_slice method);

const char *coven_hash_name(uint32_t hash); /* "MD5", "SHA-256", "SHA-512-256"; NULL: unknown */
uint32_t coven_hash_of(struct coven_slice name); /* any case; 0: unknown */

#ifdef __cplusplus
}
#endif
#endif
