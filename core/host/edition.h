/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edition: one reading of the configuration, in force: which plugins with which options, who we are, what is allowed.
 * A reload makes a new one.  Requests end under the edition they began with; uses of plugins whose entry has not
 * changed go on in the new one as they are.
 *
 * Thread   made, opened and ended on worker 0, or while no worker runs; read-only for everybody in between. */
#ifndef HOST_EDITION_H
#define HOST_EDITION_H

#include "base/list.h"
#include "host/chain.h"
#include "tx/self.h"
#include "tx/tx.h"
#include <stdatomic.h>

struct host_shared;

struct host_name { /* key `hosts`: names that need no DNS */
	struct coven_slice name;
	struct coven_address address;
};

struct edition {
	struct list link; /* in host_shared.editions, the newest last */
	struct host_shared *all;
	struct chain chain;
	const struct self *self;
	bool strangers; /* may callers from elsewhere reach our users? */
	enum tx_record record_route;
	const struct host_name *names;
	size_t name_count;
	void (*dispose)(void *arg); /* takes back what self and names point to; may be NULL */
	void *arg;
	_Atomic unsigned tenures;   /* workers on which something of it still runs */
};

/* Takes the chain, which is zero afterwards, also when there is no memory (NULL). */
struct edition *edition_new(struct host_shared *all, struct chain *c);
/* open() of all plugs that no older edition has opened.  -1: complained, those opened here are closed again. */
int edition_open(struct edition *e);
/* Nothing of it runs on any worker: closes the plugs that no other edition has, and frees it.  While workers run, letters
 * to those plugs may still be on their way; the plugs are unloaded behind them. */
void edition_end(struct edition *e, bool workers_run);

#endif
