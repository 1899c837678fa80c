/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain_key: a key of a domain with a certificate that it has signed itself, both in one file. Between servers that is
 * enough: TLSA records say whose key it is (RFC 7671 5.1), and the certificate only which domain. */
#ifndef CTL_DOMAIN_KEY_H
#define CTL_DOMAIN_KEY_H

#include <stdint.h>
#include <time.h>

#define DOMAIN_KEY_HASH 32 /* bytes of SHA-256 */

struct domain_key {
	uint8_t hash[DOMAIN_KEY_HASH]; /* of the public key: what TLSA 3 1 1 holds */
	time_t since;                  /* when it was made */
};

/* A folder for keys, made if it is missing. -1: it has been said why not. */
int domain_key_folder(const char *path);
/* 1: there is no such file. -1: it has been said what is wrong. */
int domain_key_read(const char *path, struct domain_key *key);
/* A new one for `domain`, in a file that is not there yet. -1: it has been said why not. */
int domain_key_make(const char *path, const char *domain);

#endif
