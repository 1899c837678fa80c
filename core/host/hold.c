/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hold: a table by address, and a ring of all in the order in which they came. */
#include "host/hold.h"
#include "base/keyed.h"
#include "base/list.h"
#include "base/table.h"
#include <stdlib.h>

#define BUCKETS 64
#define ATTEMPT_MS 32000 /* an attempt that nobody has heard of by then came to nothing */

struct place {
	struct coven_address address;
	uint32_t transport;
};

struct hold {
	struct table_node node;
	struct list link; /* the oldest first */
	struct place place;
	int64_t until, step;
	bool tried;       /* an attempt is under way */
};

struct holds {
	struct table table;
	struct list all;
	struct keyed key;
};

struct holds *
holds_new(void)
{
	struct holds *all = calloc(1, sizeof *all);

	if (!all)
		return NULL;
	list_init(&all->all);
	keyed_random(&all->key);
	if (table_init(&all->table, BUCKETS) == 0)
		return all;
	free(all);
	return NULL;
}

static void
forget(struct holds *all, struct hold *h)
{
	table_remove(&all->table, &h->node);
	list_remove(&h->link);
	free(h);
}

void
holds_free(struct holds *all)
{
	if (!all)
		return;
	while (!list_empty(&all->all))
		forget(all, CONTAINER(all->all.next, struct hold, link));
	table_done(&all->table);
	free(all);
}

static struct place
place_of(const struct net_transport *transport, const struct coven_address *address)
{
	return (struct place){ *address, transport->id };
}

static bool
same(const struct table_node *node, const void *key)
{
	const struct hold *h = CONTAINER(node, struct hold, node);
	const struct place *place = key;

	return h->place.transport == place->transport && address_same(&h->place.address, &place->address);
}

static uint64_t
hash_of(const struct holds *all, const struct place *place)
{
	char room[ADDRESS_TEXT];
	struct coven_slice parts[] = { address_print(&place->address, room),
	                               { (const char *)&place->transport, sizeof place->transport } };

	return keyed_hash_parts(&all->key, parts, 2);
}

static struct hold *
find(struct holds *all, const struct place *place)
{
	struct table_node *node;

	if (all->table.count == 0)
		return NULL;
	node = table_find(&all->table, hash_of(all, place), same, place);
	return node ? CONTAINER(node, struct hold, node) : NULL;
}

static struct hold *
make(struct holds *all, const struct place *place)
{
	struct hold *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	if (all->table.count >= HOLD_MAX)
		forget(all, CONTAINER(all->all.next, struct hold, link));
	h->place = *place;
	table_insert(&all->table, &h->node, hash_of(all, place));
	list_append(&all->all, &h->link);
	return h;
}

bool
hold_lets(struct holds *all, const struct net_transport *transport, const struct coven_address *address, int64_t now_ms)
{
	struct place place = place_of(transport, address);
	struct hold *h = find(all, &place);

	if (!h)
		return true;
	if (now_ms < h->until)
		return false;
	if (now_ms > h->until + HOLD_FORGET_MS) {
		forget(all, h);
		return true;
	}
	if (h->tried && now_ms < h->until + ATTEMPT_MS)
		return false;
	h->until = now_ms;
	h->tried = true;
	return true;
}

bool
hold_is_on(struct holds *all, const struct net_transport *transport, const struct coven_address *address, int64_t now_ms)
{
	struct place place = place_of(transport, address);
	const struct hold *h = find(all, &place);

	return h && (now_ms < h->until || (h->tried && now_ms < h->until + ATTEMPT_MS));
}

static void
keep(struct holds *all, const struct net_transport *transport, const struct coven_address *address, int64_t now_ms,
     int64_t ms)
{
	struct place place = place_of(transport, address);
	struct hold *h = find(all, &place);

	if (h && !ms && now_ms < h->until)
		return; /* one of those that were under way when it began */
	if (!h)
		h = make(all, &place);
	if (!h)
		return;
	if (!ms)
		h->step = h->step ? h->step * 2 : HOLD_FIRST_MS;
	if (h->step > HOLD_MOST_MS)
		h->step = HOLD_MOST_MS;
	h->until = now_ms + (ms ? ms : h->step);
	h->tried = false;
}

void
hold_failed(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
            int64_t now_ms)
{
	keep(all, transport, address, now_ms, 0);
}

void
hold_asked(struct holds *all, const struct net_transport *transport, const struct coven_address *address,
           int64_t now_ms, int64_t ms)
{
	keep(all, transport, address, now_ms, ms);
}

void
hold_good(struct holds *all, const struct net_transport *transport, const struct coven_address *address)
{
	struct place place = place_of(transport, address);
	struct hold *h = find(all, &place);

	if (h && h->tried)
		forget(all, h);
}
