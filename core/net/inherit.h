/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inherit: listening sockets that somebody has opened for us: the server before this one, or systemd. */
#ifndef NET_INHERIT_H
#define NET_INHERIT_H

#include "net/net.h"

struct inherited {
	struct net_inherited *at;
	size_t count;
};

bool inherited_has(const struct inherited *i, const struct net_listener *l);
void inherited_done(struct inherited *i);
/* A copy of the one for that listener and worker; when there are fewer than workers, some share one.  -1: there is
 * none. */
int inherited_take(struct inherited *i, const struct net_listener *l, unsigned worker);

#endif
