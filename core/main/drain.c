/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drain: all workers are asked what is open, again and again until it is nothing. */
#include "main/drain.h"
#include "host/give_way.h"
#include "host/round.h"
#include "main/past.h"
#include "tx/open.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DRAIN_LOOK_MS 20 /* between two looks, in real time: with a test clock packets end transactions, too */

struct drain {
	const struct notify *notify;
	struct worker_set *workers;
	struct watch *watch;
	struct timer limit;
	int fd;
	bool started, leaving, asking, said;
	_Atomic size_t open;
};

static void
stop(struct drain *d)
{
	timer_stop(d->workers->at[0].loop, &d->limit);
	watch_set(d->watch, 0);
	worker_set_stop(d->workers);
}

/* On each worker. */
static void
count(struct host *h, void *arg)
{
	struct drain *d = arg;

	h->draining = true;
	if (d->leaving)
		host_retire(h);
	atomic_fetch_add(&d->open, tx_open(h->tx));
}

static void
counted(void *arg, bool whole)
{
	struct drain *d = arg;
	size_t open = atomic_load(&d->open);

	d->asking = false;
	if (!whole)
		return; /* the loops have ended, or one is busy: asked again */
	if (open == 0 && d->leaving && past_is_there(d->workers->past))
		return; /* what the one before us still has to say goes through us */
	if (open == 0)
		stop(d);
	else if (!d->said)
		log_line(LOG_LEVEL_INFO, "covend", "stopping when %zu transaction%s ended", open,
		         open == 1 ? " has" : "s have");
	d->said = true;
}

static void
ask(struct drain *d)
{
	if (d->asking)
		return;
	atomic_store(&d->open, 0);
	d->asking = round_run(d->workers->all, count, counted, d) == 0;
}

static void
look(void *arg, unsigned events)
{
	struct drain *d = arg;
	uint64_t times;

	(void)events;
	if (read(d->fd, &times, sizeof times) == (ssize_t)sizeof times)
		ask(d);
}

static void
time_is_over(struct timer *t)
{
	struct drain *d = CONTAINER(t, struct drain, limit);

	log_line(LOG_LEVEL_WARN, "covend", "stopping although transactions are open: they have had 32 s");
	stop(d);
}

static void
start(struct drain *d)
{
	struct itimerspec when = { { 0, DRAIN_LOOK_MS * 1000000 }, { 0, DRAIN_LOOK_MS * 1000000 } };

	d->started = true;
	timer_start(d->workers->at[0].loop, &d->limit, DRAIN_MS, time_is_over);
	timerfd_settime(d->fd, 0, &when, NULL);
	watch_set(d->watch, WATCH_READ);
	ask(d);
}

void
drain_start(struct drain *d)
{
	if (d->started) {
		stop(d);
		return;
	}
	notify_say(d->notify, "STOPPING=1\nSTATUS=open transactions are finished");
	start(d);
}

void
drain_leave(struct drain *d)
{
	d->leaving = true;
	if (!d->started)
		start(d);
}

struct drain *
drain_new(const struct notify *notify, struct worker_set *workers)
{
	struct drain *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->notify = notify;
	d->workers = workers;
	d->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->fd >= 0)
		d->watch = watch_new(workers->at[0].loop, d->fd, look, d);
	if (d->watch)
		return d;
	drain_close(d);
	drain_free(d);
	return NULL;
}

void
drain_close(struct drain *d)
{
	if (!d)
		return;
	watch_free(d->watch);
	if (d->fd >= 0)
		close(d->fd);
}

void
drain_free(struct drain *d)
{
	free(d);
}
