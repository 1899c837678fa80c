/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel: what both sides must compute alike. */
#include "main/channel.h"

uint64_t
channel_listeners(const struct keyed *key, const struct net_shared *net)
{
	uint64_t sum = net_shared_count(net);

	for (unsigned i = 0; i < net_shared_count(net); i++) {
		const struct net_listener *l = net_shared_listener(net, i);
		const struct coven_address *a = &l->address;
		struct coven_slice parts[] = {
			{ (const char *)&sum, sizeof sum },
			{ (const char *)&l->transport->id, sizeof l->transport->id },
			{ (const char *)&a->family, sizeof a->family },
			{ (const char *)a->ip, sizeof a->ip },
			{ (const char *)&a->port, sizeof a->port },
		};
		sum = keyed_hash_parts(key, parts, sizeof parts / sizeof parts[0]);
	}
	return sum;
}
