/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow: what is known of flows, and bytes along them, for plugins. */
#include "base/text.h"
#include "host/flow.h"
#include <coven/flow.h>
#include <stdlib.h>
#include <string.h>

int
coven_flow_facts(const struct coven_instance *in, struct coven_flow flow, struct coven_flow_info *info)
{
	struct net_flow_facts facts;
	struct coven_flow_info full = { .size = sizeof full };
	uint32_t size = info->size < sizeof full ? info->size : (uint32_t)sizeof full;

	if (net_flow_facts(in->all->net, &flow, &facts) != 0)
		return -1;
	full.near_end = facts.near_end;
	full.far_end = facts.far_end;
	full.transport = text_of(facts.transport->parameter);
	full.flags = (facts.transport->stream ? COVEN_FLOW_STREAM : 0) |
	             (facts.transport->secure ? COVEN_FLOW_SECURE : 0) |
	             (address_is_private(&facts.far_end) ? COVEN_FLOW_PRIVATE : 0);
	memcpy((char *)info + sizeof info->size, (char *)&full + sizeof full.size, size - sizeof full.size);
	return 0;
}

bool
coven_flow_alive(const struct coven_instance *in, struct coven_flow flow)
{
	return net_flow_alive(in->all->net, &flow);
}

struct sent_note {
	struct list link; /* in instance->notes, until it stops */
	struct coven_instance *in; /* NULL: it has stopped */
	coven_sent_fn *done;
	void *arg;
};

static void
sent(void *arg, enum net_sent result)
{
	struct sent_note *note = arg;

	if (note->in) {
		list_remove(&note->link);
		note->done(note->in, note->arg, (enum coven_sent)result); /* the numbers are the same */
	}
	free(note);
}

void
coven_flow_send(struct coven_instance *in, struct coven_flow flow, struct coven_slice bytes,
                coven_sent_fn *done, void *arg)
{
	struct sent_note *note = done ? malloc(sizeof *note) : NULL;

	if (note) {
		*note = (struct sent_note){ .in = in, .done = done, .arg = arg };
		list_append(&in->notes, &note->link);
	}
	net_flow_send(in->host->net, &flow, bytes, note ? sent : NULL, note);
}

void
flow_forget(struct coven_instance *in)
{
	while (!list_empty(&in->notes)) {
		struct sent_note *note = CONTAINER(in->notes.next, struct sent_note, link);

		list_remove(&note->link);
		note->in = NULL;
	}
}
