/* SPDX-License-Identifier: GPL-3.0-or-later */
/* successor: how a covend begins that another one has started to take its place.  Everything waits on the main thread, before
 * there are others. */
#ifndef MAIN_SUCCESSOR_H
#define MAIN_SUCCESSOR_H

#include "main/channel.h"
#include "main/inherit.h"
#include "main/past.h"

struct successor {
	int fd; /* the channel; -1: nobody was before us */
	struct channel_hello hello;
	bool follows; /* flows have the same names as there */
};

#define SUCCESSOR_NONE { .fd = -1 }

/* -1: said on stderr, in one line, as everything below. */
int successor_open(struct successor *s, struct inherit *inherit);
void successor_close(struct successor *s);
static inline bool
successor_is(const struct successor *s)
{
	return s->fd >= 0;
}
/* Before any net: flows are named as they were, where the listeners are the same. */
void successor_follow(struct successor *s, struct net_shared *net, unsigned workers);
/* Sockets are open, plugins are not: waits until the old one has left its connections and its data to us.  *past: its transactions. */
int successor_wait(struct successor *s, struct net_shared *net, struct past **past);

#endif
