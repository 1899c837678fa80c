/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: which transaction a message belongs to.  RFC 3261 17.1.3 and 17.2.3. */
#ifndef TX_MATCH_H
#define TX_MATCH_H

#include "tx/branch.h"

/* The server transaction of a request: branch, sent-by and method where the branch has the magic cookie,
 * else (RFC 2543) Call-ID, CSeq, From tag and the top Via.  `method`: look as if it were that one (an ACK
 * or CANCEL finds its INVITE); SIP_METHOD_OTHER: its own. */
struct coven_request *match_server(const struct tx *tx, const struct sip_message *m, enum sip_method method);
void match_add_server(struct tx *tx, struct coven_request *r);

/* The client transaction of a response, by our branch. */
struct coven_branch *match_client(const struct tx *tx, const struct sip_message *m);
void match_add_client(struct tx *tx, struct coven_branch *b);

/* Our branch parameter: cookie, worker's digit, 64 random bits, loop hash; the last two in hex. */
#define BRANCH_TEXT 40
void match_write_branch(char room[BRANCH_TEXT], unsigned worker, uint64_t id, uint64_t loop_hash);
bool match_read_branch(struct coven_slice branch, unsigned *worker, uint64_t *id, uint64_t *loop_hash);

#endif
