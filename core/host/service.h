/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service: calls between plugins.  The core makes each call itself, in a turn of its own, so that an answer
 * given at once is not on the caller's stack; it copies what is passed in, counts, ends a call whose time is over, and
 * drops answers for whoever has stopped. */
#ifndef HOST_SERVICE_H
#define HOST_SERVICE_H

#include "host/host.h"

struct call {
	struct list link;      /* in host->open_calls */
	struct coven_instance *caller, *provider; /* provider NULL: nobody gives that service */
	const void *ops;
	coven_call name;
	struct arena *arena;   /* what was passed in; the call itself lives in it */
	struct work work;
	struct timer timer;
	uint64_t tag;
	void (*make)(struct call *c); /* calls the provider */
	void (*down)(struct call *c); /* answers that it is down */
	void *args;                   /* the service's own, in the arena */
	bool made;
};

/* With args zeroed.  NULL: too many, no memory. */
struct call *call_new(struct coven_instance *caller, const char *service, uint32_t version, uint64_t tag,
                      size_t args_size);
void call_start(struct call *c, void (*make)(struct call *c), void (*down)(struct call *c));
/* The call, once; afterwards it is gone for everybody else.  NULL: too late, or not the provider's. */
struct call *call_take(struct coven_instance *provider, coven_call name);
bool call_wanted(const struct call *c); /* is the caller still there? */
void call_free(struct call *c); /* one that was taken */
void call_end(struct list *link); /* of host->open_calls: at the end of the worker */
/* The instance stops: its calls are forgotten, those to it are answered that it is down. */
void call_leave(struct coven_instance *in);
void call_drop(struct call *c); /* one that was never started */

#endif
