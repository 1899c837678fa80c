/* SPDX-License-Identifier: GPL-3.0-or-later */
/* way: how questions reach the world, and libunbound set up for it.
 *
 * Forwarders that the configuration names are used as they are.  Else those of /etc/resolv.conf are tried: if the root's
 * keys come through them with their signatures, they will do.  If not, questions go to the name servers themselves, from
 * the root down, if that works.  If neither does, the next question tries anew. */
#ifndef DNS_WAY_H
#define DNS_WAY_H

#include "engine.h"
#include "ub_loop.h"

enum way_state {
	WAY_NONE = 1,  /* not looked for yet, or it has failed  */
	WAY_PROBE = 2, /* forwarders of the system are tried    */
	WAY_ROOTS = 3, /* the root's name servers are           */
	WAY_OPEN = 4   /* ask                                   */
};

struct way {
	const struct engine_options *options;
	struct ub_event_base *base;
	struct ub_ctx *ctx;
	enum way_state state;
	bool probed, probe_ok; /* what a probe has said, until way_go_on() has seen it */
	bool bogus;            /* of the last failure */
	int64_t failed_ms;     /* 0: never */
	int64_t probe_ms;      /* since when */
	char what[200];        /* for people: the way, or why there is none */
};

/* Takes a step; true: something has changed, and it is to be said (`what`).  Not from libunbound's callbacks. */
bool way_go_on(struct way *w, int64_t now_ms);
static inline bool
way_is_sought(const struct way *w)
{
	return w->state == WAY_PROBE || w->state == WAY_ROOTS;
}
void way_close(struct way *w); /* back to WAY_NONE */
/* The file of the trust anchor that counts; NULL: there is none. */
const char *way_anchor(const struct engine_options *options);

#endif
