/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token: the user part of our Record-Route URI: a truncated HMAC-SHA256 over Call-ID, the caller's tag and address
 * (user and host of From), and both sides' flows and far ends, with the key's generation and the sides beside it.
 * Whoever forges a To tag and a Route to us has no token, and gets nothing; whoever has one reaches the other side
 * of that dialog by it, and nobody else. */
#ifndef TX_TOKEN_H
#define TX_TOKEN_H

#include "net/net.h"

#define TOKEN_KEY 32
#define TOKEN_TEXT 128 /* room for the longest token and a NUL */

/* Two generations of key, so that a restart or a rotation changes nothing for calls that go on. */
struct token_keys {
	uint8_t generation;              /* of `key` */
	uint8_t key[TOKEN_KEY], before[TOKEN_KEY];
	bool has_before;                 /* generation - 1 */
};
/* From DIR/route.key, which is made when missing (0600, written whole or not at all); rotated when older than
 * 30 days.  -1: *why (a constant text), errno. */
int token_keys_load(struct token_keys *keys, const char *dir, const char **why);

struct token;
struct token *token_new(const struct token_keys *keys, const struct net_shared *net); /* one per worker */
void token_free(struct token *t);

/* Where one side of a dialog is: the flow (all zero: a connection that has gone), and its far end. */
struct token_side {
	struct coven_flow flow;
	struct coven_address far_end;
	bool account; /* has proved an account, or is a user of ours: may go anywhere */
};
struct token_sides {
	struct token_side caller, callee;
};
/* Who: as a party is written in From or To. */
struct token_party {
	struct coven_slice uri, tag;
};
struct coven_slice token_make(struct token *t, struct coven_slice call_id, const struct token_party *caller,
                              const struct token_sides *sides, char room[TOKEN_TEXT]);

/* Does it belong to this Call-ID and one of these parties?  *from_caller: that was `from`. */
bool token_check(struct token *t, struct coven_slice text, struct coven_slice call_id, const struct token_party *from,
                 const struct token_party *to, struct token_sides *sides, bool *from_caller);
/* Has the form of a token, whether or not it verifies: cheap. */
bool token_looks(struct coven_slice text);

#endif
