/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof: the hashes of one password (HA1), by which an account is proved.  The password
 * itself is nowhere. */
#ifndef USERS_PROOF_H
#define USERS_PROOF_H

#include <coven/digest.h>

/* Digest user names come in two spellings, "alice" and "alice@domain", and the hash is of
 * the spelling. */
enum proof_spelling { PROOF_SHORT, PROOF_LONG, PROOF_SPELLINGS };

#define PROOF_MD5_SIZE 16
#define PROOF_SHA256_SIZE 32

/* What there is of each hash: only what the account may be asked for. */
struct proof_hash {
	bool has_md5, has_sha256;
	uint8_t md5[PROOF_MD5_SIZE], sha256[PROOF_SHA256_SIZE];
};

struct proof {
	uint32_t only; /* enum coven_hash; 0: whatever is offered */
	struct proof_hash hashes[PROOF_SPELLINGS];
};

/* Of a password, for the account with this AoR: both hashes of both spellings. */
void proof_of_password(struct proof *p, struct coven_slice aor,
		       struct coven_slice password);
/* Hashes in hex, of the short spelling; an empty one is none.  NULL, or what is wrong. */
const char *proof_of_hex(struct proof *p, struct coven_slice md5,
			 struct coven_slice sha256);
/* From now on this hash alone (0: any), and what is not needed for it is wiped.  -1: there
 * is no such hash. */
int proof_restrict(struct proof *p, uint32_t only);
/* In hex; its length, 0: there is none. */
size_t proof_hex(const struct proof *p, enum proof_spelling spelling, uint32_t hash,
		 char room[COVEN_HASH_TEXT]);
/* "any", "md5", "sha256", and back; -1: none of them. */
const char *proof_word(uint32_t only);
int proof_only(struct coven_slice word, uint32_t *only);

#endif
