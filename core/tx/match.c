/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: one indexed table for each role. */
#include "tx/match.h"
#include "base/text.h"
#include <string.h>

#define COOKIE "z9hG4bK"
#define COOKIE_LENGTH 7

struct server_key {
	const struct sip_message *message;
	struct coven_slice method;
};

static bool
has_cookie(const struct sip_message *m)
{
	return m->via.branch.length > COOKIE_LENGTH &&
	       memcmp(m->bytes + m->via.branch.at, COOKIE, COOKIE_LENGTH) == 0;
}

static uint64_t
server_hash(const struct tx *tx, const struct sip_message *m, struct coven_slice method)
{
	struct coven_slice parts[4] = { sip_slice(m, m->via.branch), sip_slice(m, m->via.sent_by), method };

	if (!has_cookie(m)) {
		parts[0] = sip_slice(m, m->call_id);
		parts[1] = sip_slice(m, m->from_tag);
		parts[3] = (struct coven_slice){ (const char *)&m->cseq, sizeof m->cseq };
		return keyed_hash_parts(&tx->hash, parts, 4);
	}
	return keyed_hash_parts(&tx->hash, parts, 3);
}

static bool
same_part(const struct sip_message *a, struct sip_span in_a, const struct sip_message *b, struct sip_span in_b)
{
	return in_a.length == in_b.length && memcmp(a->bytes + in_a.at, b->bytes + in_b.at, in_a.length) == 0;
}

static bool
same_server(const struct table_node *node, const void *key)
{
	const struct coven_request *r = CONTAINER(node, struct coven_request, node);
	const struct server_key *k = key;
	const struct sip_message *a = &r->message, *b = k->message;

	if (has_cookie(a) != has_cookie(b) || !text_same(sip_slice(a, a->method), k->method))
		return false;
	if (has_cookie(b))
		return same_part(a, a->via.branch, b, b->via.branch) &&
		       same_part(a, a->via.sent_by, b, b->via.sent_by);
	/* RFC 2543: the To tag is not compared, since an ACK has ours and its INVITE had none */
	return a->cseq == b->cseq && same_part(a, a->call_id, b, b->call_id) &&
	       same_part(a, a->from_tag, b, b->from_tag) && same_part(a, a->via.value, b, b->via.value);
}

struct coven_request *
match_server(const struct tx *tx, const struct sip_message *m, enum sip_method method)
{
	struct server_key key = { m, sip_slice(m, m->method) };
	struct table_node *node;

	if (method == SIP_INVITE)
		key.method = TEXT("INVITE");
	node = table_find(&tx->servers, server_hash(tx, m, key.method), same_server, &key);
	return node ? CONTAINER(node, struct coven_request, node) : NULL;
}

void
match_add_server(struct tx *tx, struct coven_request *r)
{
	const struct sip_message *m = &r->message;

	table_insert(&tx->servers, &r->node, server_hash(tx, m, sip_slice(m, m->method)));
}

static bool
same_client(const struct table_node *node, const void *key)
{
	const struct coven_branch *b = CONTAINER(node, struct coven_branch, node);

	return b->id == *(const uint64_t *)key;
}

/* The id is random, so it is its own hash. */
struct coven_branch *
match_client(const struct tx *tx, const struct sip_message *m)
{
	unsigned worker;
	uint64_t id, loop;
	struct table_node *node;
	struct coven_branch *b;
	struct coven_slice method = sip_slice(m, m->method);

	if (!match_read_branch(sip_slice(m, m->via.branch), &worker, &id, &loop) || worker != tx->worker)
		return NULL;
	node = table_find(&tx->clients, id, same_client, &id);
	if (!node)
		return NULL;
	b = CONTAINER(node, struct coven_branch, node);
	/* the sent-by must be ours, too: what follows the first blank of the Via that we wrote */
	struct coven_slice sent_by = sip_slice(m, m->via.sent_by), via = b->via;
	size_t at = text_find(via, ' ') + 1;
	if (at + sent_by.length >= via.length || via.at[at + sent_by.length] != ';' ||
	    memcmp(via.at + at, sent_by.at, sent_by.length) != 0)
		return NULL;
	if (m->method_id == SIP_CANCEL)
		return b->cancel_sent ? b : NULL;
	return text_same(method, sip_slice(&b->request->message, b->request->message.method)) ? b : NULL;
}

void
match_add_client(struct tx *tx, struct coven_branch *b)
{
	table_insert(&tx->clients, &b->node, b->id);
}

static void
write_hex(char *at, uint64_t n)
{
	for (int i = 15; i >= 0; i--, n >>= 4)
		at[i] = "0123456789abcdef"[n & 15];
}

static bool
read_hex(const char *at, uint64_t *n)
{
	*n = 0;
	for (int i = 0; i < 16; i++) {
		unsigned c = (unsigned char)at[i], d = c - '0';
		if (d > 9) {
			d = c - 'a' + 10;
			if (d < 10 || d > 15)
				return false;
		}
		*n = *n << 4 | d;
	}
	return true;
}

void
match_write_branch(char room[BRANCH_TEXT], unsigned worker, uint64_t id, uint64_t loop_hash)
{
	memcpy(room, COOKIE, COOKIE_LENGTH);
	room[7] = "0123456789abcdefghijklmnopqrstuvwxyz"[worker % TX_WORKERS_MAX];
	write_hex(room + 8, id);
	write_hex(room + 24, loop_hash);
}

bool
match_read_branch(struct coven_slice branch, unsigned *worker, uint64_t *id, uint64_t *loop_hash)
{
	unsigned c;

	if (branch.length != BRANCH_TEXT || memcmp(branch.at, COOKIE, COOKIE_LENGTH) != 0)
		return false;
	c = (unsigned char)branch.at[7];
	if (c >= '0' && c <= '9')
		*worker = c - '0';
	else if (c >= 'a' && c <= 'z')
		*worker = c - 'a' + 10;
	else
		return false;
	return read_hex(branch.at + 8, id) && read_hex(branch.at + 24, loop_hash);
}
