/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan: RFC 3263 as a function of what is known.  It asks for sets of records; those that are not there yet are being
 * asked for when it returns, and it is run again, from the beginning, when they have come.  So it has no state, and
 * knows no time and no network. */
#ifndef DNS_PLAN_H
#define DNS_PLAN_H

#include "place.h"
#include "set.h"
#include <coven/resolver.h>

#define PLAN_FIRST 8    /* questions before the first answer              */
#define PLAN_ALL 40     /* questions of one answer                        */
#define PLAN_TARGETS 3  /* whose addresses are in one answer              */
#define PLAN_SRV_MAX 64 /* records of one SRV set that are looked at      */
#define PLAN_NAPTR_MAX 16
#define PLAN_FAMILY_MAX 4 /* addresses of one family of one target        */

struct plan_source {
	void *arg;
	/* The set; NULL: not there yet.  A new question is put only while fewer than `limit` were: else it is a set that
	 * says SET_OVER. */
	const struct set *(*get)(void *arg, const char *name, uint16_t type, unsigned limit);
};

struct plan_question {
	char host[WIRE_HOST_MAX + 1]; /* empty: it is a number */
	struct coven_address number;
	enum place_transport transport; /* PLACE_UNKNOWN: none was said */
	unsigned allowed;               /* transports, as bits */
	uint16_t port, from;
	bool sips, no_ipv6;
	bool hurry; /* it takes long: go on without NAPTR, where that may be           */
	bool idle;  /* nothing has come for a while: go on without what can come later */
	uint64_t draw;
};

struct plan {
	struct plan_source source;
	struct plan_question ask;

	/* what comes of it */
	struct coven_hop hops[COVEN_HOPS_MAX];
	struct coven_tlsa tlsa[COVEN_HOPS_MAX * 4];
	size_t count, total, tlsa_used; /* total: with those before `from` */
	bool more, dane;
	int64_t until_ms; /* on the clock of the sets */
	enum coven_proof proof;
	char why[SET_WHY_MAX + WIRE_HOST_MAX + 16];
};

#define PLAN_WAIT -1
/* An enum coven_resolve_result, or PLAN_WAIT.  Slices of the hops point into sets. */
int plan_run(struct plan *p);

#endif
