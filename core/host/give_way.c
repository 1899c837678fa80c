/* SPDX-License-Identifier: GPL-3.0-or-later */
/* give_way: an upgrade as plugins see it. */
#include "host/give_way.h"
#include "base/log.h"
#include "host/clock.h"

static int
tell(struct host_shared *all, struct plug *p, bool away)
{
	struct coven_instance in = { .plug = p, .all = all };

	return p->table->give_way ? p->table->give_way(&in, away) : 0;
}

int
host_give_way(struct host_shared *all, bool away)
{
	const struct chain *c = &host_newest(all)->chain;

	for (size_t i = 0; i < c->count; i++) {
		if (tell(all, c->plugs[i], away) == 0)
			continue;
		log_line(LOG_LEVEL_ERROR, c->plugs[i]->name, away ? "cannot leave its files to a successor"
		                                                  : "has lost its files to a successor that failed");
		while (away && i-- > 0)
			tell(all, c->plugs[i], false);
		return -1;
	}
	return 0;
}

bool
host_retire(struct host *h)
{
	const struct chain *c = &host_edition(h)->chain;

	if (!list_empty(&h->parked))
		return false;
	for (size_t i = 0; i < c->count; i++)
		clock_purge(host_instance(h, c->plugs[i]));
	return true;
}
