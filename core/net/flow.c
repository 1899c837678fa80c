/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of flows: made, read, put into few bytes and taken out again. */
#include "net/flow.h"
#include "net/inside.h"

#include <string.h>

#define PACKED_UDP 3
#define PACKED_STREAM 15

/* word 0: transport 8, family 8, listener 16, worker 16, far port 16; 1: boot 32, scope 32;
 * 2: generation 32, slot 32; 3 and 4: the far IP. */
struct coven_flow
flow_make(const struct flow_name *name)
{
	const struct coven_address *far = &name->far_end;
	struct coven_flow flow;

	flow.word[0] = name->transport | (uint64_t)(far->family & 255) << 8 |
	               (uint64_t)name->listener << 16 | (uint64_t)name->worker << 32 |
	               (uint64_t)far->port << 48;
	flow.word[1] = name->boot | (uint64_t)far->scope << 32;
	flow.word[2] = name->generation | (uint64_t)name->slot << 32;
	memcpy(&flow.word[3], far->ip, sizeof far->ip);
	return flow;
}

struct flow_name
flow_read(const struct coven_flow *flow)
{
	struct flow_name name = {
		.transport = (uint8_t)flow->word[0],
		.listener = (uint16_t)(flow->word[0] >> 16),
		.worker = (uint16_t)(flow->word[0] >> 32),
		.boot = (uint32_t)flow->word[1],
		.generation = (uint32_t)flow->word[2],
		.slot = (uint32_t)(flow->word[2] >> 32),
		.far_end = {
			.family = (uint8_t)(flow->word[0] >> 8),
			.port = (uint16_t)(flow->word[0] >> 48),
			.scope = (uint32_t)(flow->word[1] >> 32),
		},
	};

	memcpy(name.far_end.ip, &flow->word[3], sizeof name.far_end.ip);
	return name;
}

/* The transport of a name that this process can have given; NULL: it has not. */
static const struct net_transport *
known(const struct net_shared *s, const struct flow_name *name)
{
	const struct net_transport *transport = net_transport(name->transport);

	if (!transport || name->boot != s->boot || name->listener >= s->count)
		return NULL;
	if (s->listeners[name->listener].transport != transport)
		return NULL;
	if (name->worker >= s->workers)
		return NULL;
	return transport;
}

int
net_flow_facts(const struct net_shared *s, const struct coven_flow *flow,
               struct net_flow_facts *facts)
{
	struct flow_name name = flow_read(flow);
	const struct net_transport *transport = known(s, &name);

	if (!transport)
		return -1;
	*facts = (struct net_flow_facts){
		.transport = transport,
		.worker = name.worker,
		.listener = name.listener,
		.near_end = s->listeners[name.listener].address,
		.far_end = name.far_end,
	};
	return 0;
}

bool
net_flow_alive(const struct net_shared *s, const struct coven_flow *flow)
{
	struct flow_name name = flow_read(flow);
	const struct net_transport *transport = known(s, &name);

	if (!transport)
		return false;
	return !transport->stream ||
	       slots_alive(&s->seats[name.worker].slots, name.slot, name.generation);
}

int
net_flow_from(const struct net_shared *s, unsigned listener, const struct coven_address *to,
              struct coven_flow *flow)
{
	const struct net_listener *l = net_shared_listener(s, listener);

	if (!l || l->transport->stream || l->address.family != to->family || !to->port)
		return -1;
	*flow = flow_make(&(struct flow_name){ .transport = l->transport->id,
	                                       .listener = (uint16_t)listener,
	                                       .boot = s->boot,
	                                       .far_end = *to });
	return 0;
}

static uint8_t *
put(uint8_t *at, uint32_t n, unsigned bytes)
{
	while (bytes--)
		*at++ = (uint8_t)(n >> (8 * bytes));
	return at;
}

static uint32_t
get(const uint8_t **at, unsigned bytes)
{
	uint32_t n = 0;

	while (bytes--)
		n = n << 8 | *(*at)++;
	return n;
}

size_t
net_flow_pack(const struct coven_flow *flow, uint8_t room[NET_FLOW_PACKED])
{
	struct flow_name name = flow_read(flow);
	const struct net_transport *transport = net_transport(name.transport);
	uint8_t *at = room;

	if (!transport)
		return 0;
	at = put(at, name.transport, 1);
	at = put(at, name.listener, 2);
	if (!transport->stream)
		return PACKED_UDP;
	at = put(at, name.boot, 4);
	at = put(at, name.worker, 2);
	at = put(at, name.slot, 2);
	put(at, name.generation, 4);
	return PACKED_STREAM;
}

size_t
net_flow_unpack(const struct net_shared *s, const uint8_t *bytes, size_t length,
                struct coven_flow *flow)
{
	const struct net_transport *transport = length ? net_transport(bytes[0]) : NULL;
	struct flow_name name = { .boot = s->boot };
	size_t used;

	if (!transport)
		return 0;
	used = transport->stream ? PACKED_STREAM : PACKED_UDP;
	if (length < used)
		return 0;
	name.transport = (uint8_t)get(&bytes, 1);
	name.listener = (uint16_t)get(&bytes, 2);
	if (transport->stream) {
		name.boot = get(&bytes, 4);
		name.worker = (uint16_t)get(&bytes, 2);
		name.slot = get(&bytes, 2);
		name.generation = get(&bytes, 4);
	}
	if (known(s, &name) && transport->stream)
		slots_far_end(&s->seats[name.worker].slots, name.slot, name.generation,
		              &name.far_end);
	*flow = flow_make(&name);
	return used;
}
