/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phase: how a phase runs over the chain: hook by hook, stopping at a verdict, going on after a wait. */
#ifndef HOST_PHASE_H
#define HOST_PHASE_H

#include "host/host.h"

struct run {
	struct host *host;
	struct coven_request *request;
	struct coven_branch *branch; /* NULL in phases that have none */
	enum coven_phase phase;
	size_t at;                   /* the next hook */
	uint64_t ticket;             /* parked: its name in host->tickets */
	bool busy;                   /* between run_begin() and end() */
	bool calling;                /* its hook is on the stack */
	/* NEXT: all said so; else the verdict that stopped it.  Never WAIT. */
	void (*end)(struct run *run, enum coven_verdict verdict);
};

/* Runs the phase; end() is called before it returns, or later.  The request is held until then. */
void run_begin(struct run *run, struct host *h, struct coven_request *r, struct coven_branch *b,
               enum coven_phase phase, void (*end)(struct run *run, enum coven_verdict verdict));
/* A parked one goes on with that verdict, as if the hook had given it. */
void run_resume(struct run *run, enum coven_verdict verdict);
/* A parked one is over: its ticket dies, the plugin's cancel is called, end() is not. */
void run_abandon(struct run *run);
/* Phases whose hooks are given a branch. */
bool phase_of_branch(enum coven_phase phase);
bool phase_has(const struct coven_request *r, enum coven_phase phase); /* its state is there */

#endif
