/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: what is known of one name and type: its records, that there are none, or why that is not known.  Made by the
 * resolver's thread, handed to one worker, and counted there; nothing in it changes but the counter and the expiry. */
#ifndef DNS_SET_H
#define DNS_SET_H

#include "wire.h"

enum set_state {
	SET_FOUND = 1,
	SET_EMPTY = 2, /* the name is there, such records are not        */
	SET_NONE = 3,  /* there is no such name                          */
	SET_BOGUS = 4, /* validation failed                              */
	SET_DOWN = 5,  /* SERVFAIL, nonsense, or no answer               */
	SET_BUSY = 6,  /* was not asked: too many questions wait         */
	SET_OVER = 7   /* was not asked: one answer has a limit of them  */
};

struct set {
	struct set *next; /* on its way */
	unsigned references;
	uint16_t type;
	uint8_t state, proof; /* proof: enum coven_proof, of FOUND, EMPTY, NONE */
	bool aliased, late;   /* late: DOWN, because time was over */
	uint32_t ttl;         /* seconds, when it was made */
	int64_t expires_ms;   /* the worker's clock */
	size_t size;          /* bytes of memory */
	const char *name;     /* that was asked */
	const char *owner;    /* that has the records; "": one that cannot be written */
	const char *why;      /* of BOGUS, DOWN, BUSY; or "" */
	size_t count;
	struct coven_slice rdata[];
};

#define SET_WHY_MAX 400

/* One reference.  `answer` NULL: none.  NULL: no memory. */
struct set *set_new(const char *name, uint16_t type, enum set_state state, const struct wire_answer *answer,
                    const char *why);
void set_done(struct set *set); /* gives a reference back */
static inline bool
set_failed(const struct set *set)
{
	return set->state >= SET_BOGUS;
}

#endif
