/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan_target: one target of a plan: its addresses, and the keys that its TLSA records name (RFC 6698, 7671, 7673). */
#ifndef DNS_PLAN_TARGET_H
#define DNS_PLAN_TARGET_H

#include "plan.h"

/* A plan while it runs. */
struct walk {
	struct plan *plan;
	unsigned fresh;  /* targets that have given hops to this answer */
	int error;       /* the worst that was met; 0: nothing          */
	bool nowhere;    /* the host itself does not exist              */
	bool srv, refused; /* SRV records were there; some said that there is no such service */
};

struct target {
	const char *name;
	uint16_t port, priority, weight;
	enum place_transport transport;
	bool chain;     /* the way to this name is secure                                */
	bool direct;    /* no SRV record led here                                        */
	unsigned limit; /* of questions                                                  */
	uint64_t lot;   /* for the order of its addresses                                */
};

enum target_state { TARGET_FOUND = 1, TARGET_NONE = 2, TARGET_FAILED = 3, TARGET_WAIT = 4, TARGET_OVER = 5 };

struct found {
	const struct set *v6, *v4; /* NULL: none from there */
	const struct set *tlsa;    /* secure records, or NULL */
	enum coven_proof tlsa_proof;
};

/* Puts the questions whose answers a target needs, and waits for none. */
void target_ask(struct walk *w, const struct target *t);
enum target_state target_find(struct walk *w, const struct target *t, struct found *f);
bool target_has_dane(const struct found *f);
/* Hops, v6 before v4. */
void target_put(struct walk *w, const struct target *t, const struct found *f);

const struct set *walk_get(struct walk *w, const char *name, uint16_t type, unsigned limit);
void walk_fail(struct walk *w, const struct set *set); /* for the answer, if nothing better comes of it */
void walk_use(struct walk *w, const struct set *set);  /* the answer is good no longer than it */

#endif
