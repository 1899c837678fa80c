/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guess: how many wrong passwords came from one source for one user, and who is refused
 * for that.
 *
 * One table of fixed size for all workers.  So many wrong answers within a window, and
 * the pair of source and user is refused for a while; each time again for twice as long,
 * an hour at most.  After an hour without a wrong answer all is forgotten.  The source is
 * the address that the challenge went to, as its nonce tells, not the one that the answer
 * seems to come from: whoever forges addresses gets nobody else refused, because he never
 * sees a challenge that went there. */
#ifndef AUTH_DIGEST_GUESS_H
#define AUTH_DIGEST_GUESS_H

#include "tag.h"

#define GUESS_SETS 16384 /* places of GUESS_WAYS pairs: 64 Ki in all, 7 MiB when full */
#define GUESS_WAYS 4
#define GUESS_LOCKS 64
#define GUESS_MOST 20 /* wrong answers whose times are kept */
#define GUESS_PENALTY_MOST_MS INT64_C(3600000)
#define GUESS_QUIET_MS INT64_C(3600000)

struct guess_rule {
	int64_t most; /* wrong answers; 0: nobody is ever refused */
	int64_t window_ms, penalty_ms;
};

struct guess;
struct guess *guess_new(const struct guess_rule *rule,
			const struct tag_key *key); /* NULL: no memory */
void guess_free(struct guess *g);

/* An address without its port, of IPv6 the first 64 bits, which one subscriber has. */
uint32_t guess_source(const struct guess *g, const struct coven_address *from);

/* Is anybody refused at all?  Mostly not, and then nothing else needs to be asked. */
bool guess_any(const struct guess *g, int64_t now_ms);
/* How long, in ms, is this pair still refused?  0: it is not. */
int64_t guess_left(struct guess *g, uint32_t source, struct coven_slice user,
		   struct coven_slice realm, int64_t now_ms);
/* A wrong answer.  How long, in ms, the pair is refused from now on; 0: it is not. */
int64_t guess_wrong(struct guess *g, uint32_t source, struct coven_slice user,
		    struct coven_slice realm, int64_t now_ms);

#endif
