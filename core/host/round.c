/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A letter to every worker; each reports when its turn is over, and the last one writes to worker 0. */
#include "host/round.h"

#include <stdatomic.h>
#include <stdlib.h>

struct round;

struct seat {
	struct loop_idle idle;
	struct round *round;
	struct host *host;
	bool last;
};

struct round {
	struct host_shared *all;
	void (*each)(struct host *h, void *arg);
	void (*done)(void *arg, bool whole);
	void *arg;
	_Atomic unsigned left;
	_Atomic bool broken;
	struct seat seats[];
};

static void
end(struct round *r, bool whole)
{
	r->done(r->arg, whole);
	free(r);
}

static void
finish(void *arg)
{
	struct round *r = arg;

	end(r, !atomic_load(&r->broken));
}

static void
finish_broken(void *arg)
{
	end(arg, false);
}

static bool
is_last(struct seat *s)
{
	return atomic_fetch_sub(&s->round->left, 1) == 1;
}

/* Behind all else that the turn does.  Whoever is not the last may not look at the seat again.  A full box is tried
 * again in the next turn. */
static void
leave(struct loop_idle *idle)
{
	struct seat *s = CONTAINER(idle, struct seat, idle);
	struct round *r = s->round;
	struct loop *own = s->host->loop;

	loop_idle_remove(own, &s->idle);
	if (!s->last && !is_last(s))
		return;
	s->last = true;
	if (loop_post(r->all->hosts[0]->loop, finish, finish_broken, r))
		loop_idle_add(own, &s->idle, leave);
}

static void
sit(void *arg)
{
	struct seat *s = arg;

	if (s->round->each)
		s->round->each(s->host, s->round->arg);
	loop_idle_add(s->host->loop, &s->idle, leave);
}

/* The loop ends first, or its box is full.  Then nobody else runs, or we are on worker 0. */
static void
miss(void *arg)
{
	struct seat *s = arg;

	atomic_store(&s->round->broken, true);
	if (is_last(s))
		end(s->round, false);
}

int
round_run(struct host_shared *all, void (*each)(struct host *h, void *arg), void (*done)(void *arg, bool whole),
          void *arg)
{
	unsigned count = all->workers;
	struct round *r = calloc(1, sizeof *r + count * sizeof r->seats[0]);

	if (!r)
		return -1;
	r->all = all;
	r->each = each;
	r->done = done;
	r->arg = arg;
	atomic_store(&r->left, count);
	for (unsigned i = 0; i < count; i++) {
		struct seat *s = &r->seats[i];

		s->round = r;
		s->host = all->hosts[i];
		if (loop_post(s->host->loop, sit, miss, s))
			miss(s);
	}
	return 0;
}
