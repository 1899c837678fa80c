/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route: which listener a far end is reached from.  One thread. */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "net/net.h"

struct route_cache; /* small; the kernel is asked once in a while for each address */
struct route_cache *route_cache_new(void); /* NULL: no memory */
void route_cache_free(struct route_cache *c);

/* The index of the listener, -1: none of that transport and family.  now: the loop's. */
int route_choose(struct route_cache *c, const struct net_shared *s, int64_t now,
                 const struct net_transport *transport, const struct coven_address *to);

#endif
