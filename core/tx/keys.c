/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys: hashes under the key that all workers, and the process that follows, share. */
#include "tx/keys.h"
#include "base/text.h"
#include "tx/match.h"

static bool
key_of(const struct keyed *shared_hash, const struct sip_message *m, struct coven_slice method, uint64_t *key)
{
	struct coven_slice parts[] = { sip_slice(m, m->via.branch), sip_slice(m, m->via.sent_by), method };

	if (!text_begins(parts[0], "z9hG4bK"))
		return false;
	*key = keyed_hash_parts(shared_hash, parts, 3);
	return true;
}

bool
tx_key(const struct keyed *shared_hash, const struct sip_message *m, uint64_t *key)
{
	bool invite = m->method_id == SIP_ACK || m->method_id == SIP_CANCEL;

	return key_of(shared_hash, m, invite ? TEXT("INVITE") : sip_slice(m, m->method), key);
}

struct writing {
	uint64_t *room;
	size_t count;
};

static void
write_key(struct table_node *node, void *arg)
{
	const struct coven_request *r = CONTAINER(node, struct coven_request, node);
	struct writing *w = arg;

	w->count += key_of(&r->tx->shared_hash, &r->message, sip_slice(&r->message, r->message.method),
	                   &w->room[w->count]);
}

size_t
tx_keys(struct tx *tx, uint64_t *room)
{
	struct writing w = { .room = room };

	table_each(&tx->servers, write_key, &w);
	return w.count;
}

bool
tx_expects(const struct tx *tx, const struct sip_message *m)
{
	return match_client(tx, m) != NULL;
}
