/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account: who has one, what proves it, and the other names it goes by.  Made once in
 * open(), then only read, so no lock is needed. */
#ifndef USERS_ACCOUNT_H
#define USERS_ACCOUNT_H

#include <coven/credentials.h>

/* Digest user names come in two spellings, "alice" and "alice@domain", and the hash is of
 * the spelling. */
enum account_spelling { ACCOUNT_SHORT, ACCOUNT_LONG, ACCOUNT_SPELLINGS };

#define ACCOUNT_MD5_SIZE 16
#define ACCOUNT_SHA256_SIZE 32

/* What there is of each hash: only what the account may be asked for. */
struct account_hash {
	bool has_md5, has_sha256;
	uint8_t md5[ACCOUNT_MD5_SIZE], sha256[ACCOUNT_SHA256_SIZE];
};

struct account {
	struct coven_slice aor;    /* "sip:alice@example.com" */
	struct coven_slice domain; /* a part of aor */
	uint32_t only;             /* enum coven_hash; 0: whatever is offered */
	size_t aliases;
	const void *row; /* of the options: for complaints */
	struct account_hash hashes[ACCOUNT_SPELLINGS];
};

/* Accounts by AoR and by alias. */
struct accounts;
struct accounts *accounts_new(size_t accounts, size_t names); /* NULL: no memory */
void accounts_free(struct accounts *all);                     /* hashes are wiped */
size_t accounts_count(const struct accounts *all);
struct account *accounts_at(const struct accounts *all, size_t nth);

/* The next account, whose AoR is text that outlives `all`, or NULL: somebody has this
 * name, *other. */
struct account *accounts_add(struct accounts *all, struct coven_slice aor,
			     const struct account **other);
/* -1: somebody has this name, *other. */
int accounts_alias(struct accounts *all, struct account *owner, struct coven_slice aor,
		   const struct account **other);
/* By AoR or alias; NULL: nobody. */
const struct account *accounts_find(const struct accounts *all, struct coven_slice aor,
				    bool *is_alias);

#endif
