/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds over the workers: some to take in what has arrived, one that moves time, some until all is at rest. */
#include "host/advance.h"
#include "host/round.h"

#include <stdlib.h>

#define ROUNDS_BEFORE 2 /* a packet may have to be handed to its owner first */
#define ROUNDS_AFTER 16 /* at most: what workers write to each other need never end */

/* What worker i alone writes in a round, and worker 0 reads after it. */
struct advance_seat {
	uint64_t letters; /* opened when it was our turn */
	bool at_rest;     /* nobody else has written since our last round */
};

struct advance {
	struct host_shared *all;
	int64_t ms;
	unsigned round;
	void (*done)(void *arg, bool whole);
	void *arg;
	struct advance_seat seats[TX_WORKERS_MAX];
};

/* In each round a worker gets one letter of ours, and worker 0 a second one with which the last round ended. */
static void
take_turn(struct host *h, void *arg)
{
	struct advance *a = arg;
	struct advance_seat *seat = &a->seats[h->worker];
	uint64_t letters = loop_letters(h->loop), ours = h->worker == 0 ? 2 : 1;

	seat->at_rest = letters - seat->letters == ours;
	seat->letters = letters;
	if (a->round == ROUNDS_BEFORE)
		loop_advance(h->loop, a->ms);
}

/* In the round behind the one that moved time, or a later one, no worker found a letter: none is under way, for those
 * that were written in the round before would have been found. */
static bool
at_rest(const struct advance *a)
{
	if (a->round < ROUNDS_BEFORE + 2)
		return false;
	for (unsigned i = 0; i < a->all->workers; i++)
		if (!a->seats[i].at_rest)
			return false;
	return true;
}

static void
end_round(void *arg, bool whole)
{
	struct advance *a = arg;

	a->round++;
	if (whole && !at_rest(a) && a->round < ROUNDS_BEFORE + 1 + ROUNDS_AFTER) {
		if (round_run(a->all, take_turn, end_round, a) == 0)
			return;
		whole = false;
	}
	a->done(a->arg, whole);
	free(a);
}

int
advance_clock(struct host_shared *all, int64_t ms, void (*done)(void *arg, bool whole), void *arg)
{
	struct advance *a = calloc(1, sizeof *a);

	if (!a)
		return -1;
	a->all = all;
	a->ms = ms;
	a->done = done;
	a->arg = arg;
	if (round_run(all, take_turn, end_round, a)) {
		free(a);
		return -1;
	}
	return 0;
}
