/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token: the user part of our Record-Route URI: a truncated HMAC-SHA256 over Call-ID, the caller's tag
 * and both flows, with the key's generation and the flows beside it.  Whoever forges a To tag and a Route
 * to us has no token, and gets nothing. */
#ifndef TX_TOKEN_H
#define TX_TOKEN_H

#include "net/net.h"

#define TOKEN_KEY 32
#define TOKEN_TEXT 80 /* room for the longest token and a NUL */

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

/* The flows of a dialog: towards the caller and towards the callee. */
struct token_flows {
	struct coven_flow caller, callee;
};
struct coven_slice token_make(struct token *t, struct coven_slice call_id, struct coven_slice caller_tag,
                              const struct token_flows *flows, char room[TOKEN_TEXT]);

/* Does it belong to this Call-ID and one of these tags?  *from_caller: the tag was `from_tag`. */
bool token_check(struct token *t, struct coven_slice text, struct coven_slice call_id, struct coven_slice from_tag,
                 struct coven_slice to_tag, struct token_flows *flows, bool *from_caller);
/* Has the form of a token, whether or not it verifies: cheap. */
bool token_looks(struct coven_slice text);

#endif
