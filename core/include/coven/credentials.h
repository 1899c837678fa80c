/* SPDX-License-Identifier: MIT
 * coven/credentials.h -- service "credentials": whose accounts these are, and what proves them.
 *
 * Callers use coven_credentials_find() and coven_credentials_resolve(); a provider fills struct
 * coven_credentials and answers as in coven/store.h.  Hashes never reach the log, whatever the level;
 * a provider wipes what it shows, the core wipes its copies.
 */
#ifndef COVEN_CREDENTIALS_H
#define COVEN_CREDENTIALS_H

#include <coven/digest.h>
#include <coven/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COVEN_CREDENTIALS_VERSION 1

enum coven_credentials_result {
	COVEN_CREDENTIALS_OK = 0,
	COVEN_CREDENTIALS_NONE = 1,  /* no such user           */
	COVEN_CREDENTIALS_LOCKED = 2,
	COVEN_CREDENTIALS_DOWN = 4   /* no answer, no provider */
};

/* H(user:realm:password) in hex as the digest wants it, and the AoR it stands for. */
struct coven_credential {
	uint32_t size, hash; /* enum coven_hash */
	uint32_t only;       /* this account is offered this hash alone; 0: whatever the challenge offers */
	struct coven_slice ha1, aor;
};

typedef void coven_credential_fn(struct coven_instance *in, uint64_t tag, int result,
                                 const struct coven_credential *found);
typedef void coven_resolve_fn(struct coven_instance *in, uint64_t tag, int result,
                              struct coven_slice aor);

/* `user` as the device gave it: "alice" or "alice@domain"; `realm` is the AoR's domain. */
void coven_credentials_find(struct coven_instance *in, struct coven_slice user,
                            struct coven_slice realm, uint32_t hash, coven_credential_fn *done,
                            uint64_t tag);
/* Whose address is this?  An account's AoR or one of its aliases (extension numbers) gives the AoR;
 * NONE: not a user of ours.  Decides between 404 and 480. */
void coven_credentials_resolve(struct coven_instance *in, struct coven_slice aor,
                               coven_resolve_fn *done, uint64_t tag);

struct coven_credentials {
	uint32_t size;
	void (*find)(struct coven_instance *in, coven_call call, struct coven_slice user,
	             struct coven_slice realm, uint32_t hash);
	void (*resolve)(struct coven_instance *in, coven_call call, struct coven_slice aor);
};
void coven_credentials_answer(struct coven_instance *in, coven_call call, int result,
                              const struct coven_credential *found);
void coven_credentials_answer_aor(struct coven_instance *in, coven_call call, int result,
                                  struct coven_slice aor);

#ifdef __cplusplus
}
#endif
#endif
