/* SPDX-License-Identifier: GPL-3.0-or-later */
/* visit: what one request says of who sends it, before anything of it is believed. */
#ifndef AUTH_DIGEST_VISIT_H
#define AUTH_DIGEST_VISIT_H

#include "memo.h"
#include "nonce.h"

#include <coven/digest.h>
#include <coven/flow.h>
#include <coven/plugin.h>

#define VISIT_VALUES 16 /* more Authorization values than these are not looked at */

struct visit {
	struct coven_slice realm; /* the AoR's domain */
	struct coven_slice aor;   /* as claimed; none: anonymous */
	bool registers; /* REGISTER: 401 and Authorization, else 407 and the proxy's */
	bool anonymous; /* RFC 3323; then the realm is that of the credentials */
	bool has_given;
	struct coven_credentials_given given;
	uint32_t source; /* see guess_source() */
	size_t nth;      /* which value of the header they are */
	struct nonce nonce;
	struct coven_slice proven; /* the AoR that the password proved */
};

/* false: whoever sends this is none of ours, or asks what anybody may. */
bool visit_read(struct coven_instance *in, struct coven_request *req, bool calls,
		struct visit *visit);
/* The header that the credentials are in, and the one for a challenge. */
const char *visit_header(const struct visit *visit);
const char *visit_challenge_header(const struct visit *visit);
/* Are the credentials meant for this Request-URI? */
bool visit_meant(struct coven_request *req, const struct visit *visit);
/* Its count; UINT32_MAX: it has none. */
uint32_t visit_count(const struct visit *visit);
/* The address it seems to come from, without a port when there is none. */
struct coven_address visit_from(struct coven_instance *in, struct coven_request *req);

/* Names for the memo: source and AoR; that and the Call-ID; Call-ID and CSeq. */
uint64_t visit_device(const struct visit *visit, const struct memo *memo);
uint64_t visit_attempt(struct coven_request *req, const struct visit *visit,
		       const struct memo *memo);
uint64_t visit_request(struct coven_request *req, const struct memo *memo);

#endif
