/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections go to another process and keep their names. */
#include "net/flow.h"
#include "net/inside.h"

#include <unistd.h>

/* Nothing of a message is half here: nothing would be lost or sent out of order.  Connections of TLS stay, for what both
 * ends know of their keys cannot be handed over: when we end they are closed, and their phones connect to the successor. */
static bool
can_go(const struct stream *s)
{
	return s->state == STREAM_OPEN && s->wire->lends && !s->lent && !s->paused && !s->blocked && s->in_length == 0 &&
	       s->out.bytes == 0;
}

void
net_lend(struct net *n, int (*give)(void *arg, const struct net_lent *lent, int fd), void *arg)
{
	LIST_EACH(&n->streams.all, at, after) {
		struct stream *s = CONTAINER(at, struct stream, link);
		struct net_lent lent = { .flow = s->flow, .accepted = s->accepted, .spoken = s->active != 0 };

		if (can_go(s) && give(arg, &lent, s->fd) == 0)
			stream_lend(s, true);
	}
}

void
net_unlend(struct net *n)
{
	LIST_EACH(&n->streams.all, at, after) {
		struct stream *s = CONTAINER(at, struct stream, link);

		if (s->lent)
			stream_lend(s, false);
	}
}

int
net_shared_adopt(struct net_shared *s, const struct net_lent *lent, int fd)
{
	struct flow_name name = flow_read(&lent->flow);
	struct net_flow_facts facts;

	if (net_flow_facts(s, &lent->flow, &facts) || !facts.transport->stream || facts.transport->secure ||
	    !s->seats[facts.worker].net) {
		close(fd);
		return -1;
	}
	return stream_adopt(s->seats[facts.worker].net, fd, &name, lent);
}

void
net_shared_adopted(struct net_shared *s)
{
	for (unsigned i = 0; i < s->workers; i++)
		slots_settle(&s->seats[i].slots);
}
