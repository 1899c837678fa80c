/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the listener from which a far end is reached, as the kernel would route. */
#include "net/route.h"
#include "net/inside.h"
#include "net/socket.h"

#include <stdlib.h>
#include <string.h>

#define ROUTE_ENTRIES 256   /* a power of two; a newcomer takes the place of whom it meets */
#define ROUTE_KEPT_MS 10000 /* routes change: ask again after that */

struct route {
	struct coven_address to; /* without port; family 0: free */
	struct coven_address near_end; /* family 0: no route */
	int64_t until;
};

struct route_cache {
	struct keyed key;
	struct route entries[ROUTE_ENTRIES];
};

struct route_cache *
route_cache_new(void)
{
	struct route_cache *c = calloc(1, sizeof *c);

	if (c)
		keyed_random(&c->key);
	return c;
}

void
route_cache_free(struct route_cache *c)
{
	free(c);
}

static const struct route *
ask(struct route_cache *c, int64_t now, const struct coven_address *to)
{
	struct coven_address key = *to;
	struct route *entry;

	key.port = 0;
	entry = &c->entries[keyed_hash(&c->key, &key, sizeof key) & (ROUTE_ENTRIES - 1)];
	if (address_same(&entry->to, &key) && now < entry->until)
		return entry;
	*entry = (struct route){ .to = key, .until = now + ROUTE_KEPT_MS };
	/* A datagram socket cannot be connected to port 0 everywhere. */
	key.port = to->port ? to->port : 5060;
	if (socket_near(&key, &entry->near_end))
		entry->near_end.family = 0;
	return entry;
}

static bool
fits(const struct net_listener *l, const struct net_transport *transport,
     const struct coven_address *to)
{
	return l->transport == transport && l->address.family == to->family;
}

/* The first that fits and is a loopback address or not; -1: none.  *count: how many
 * fit at all. */
static int
first_of(const struct net_shared *s, const struct net_transport *transport,
         const struct coven_address *to, bool loopback, unsigned *count)
{
	int found = -1;

	*count = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct net_listener *l = &s->listeners[i];

		if (!fits(l, transport, to))
			continue;
		++*count;
		if (found < 0 && address_is_loopback(&l->address) == loopback)
			found = (int)i;
	}
	return found;
}

/* The first at that address; -1: none. */
static int
first_at(const struct net_shared *s, const struct net_transport *transport,
         const struct coven_address *near_end)
{
	for (size_t i = 0; i < s->count; i++)
		if (fits(&s->listeners[i], transport, near_end) &&
		    address_same_ip(&s->listeners[i].address, near_end))
			return (int)i;
	return -1;
}

/* Without its scope an address of a link is one of the first link on which we listen. */
static int
first_on_link(const struct net_shared *s, const struct net_transport *transport, const struct coven_address *to)
{
	for (size_t i = 0; i < s->count; i++)
		if (fits(&s->listeners[i], transport, to) && address_is_link_local(&s->listeners[i].address))
			return (int)i;
	return -1;
}

int
route_choose(struct route_cache *c, const struct net_shared *s, int64_t now,
             const struct net_transport *transport, const struct coven_address *to)
{
	bool loopback = address_is_loopback(to);
	unsigned count;
	int same = first_of(s, transport, to, loopback, &count), other, chosen;
	const struct route *route;

	if (address_is_link_local(to) && !to->scope)
		return first_on_link(s, transport, to);
	if (count == 0 || (loopback && same >= 0))
		return same;
	other = first_of(s, transport, to, !loopback, &count);
	if (count == 1)
		return same >= 0 ? same : other;
	route = ask(c, now, to);
	chosen = route->near_end.family ? first_at(s, transport, &route->near_end) : -1;
	if (chosen >= 0)
		return chosen;
	return same >= 0 ? same : other;
}
