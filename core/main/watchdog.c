/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watchdog: a letter to every worker, and a word to systemd when all have been read. */
#include "main/watchdog.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WATCHDOG_ROUNDS 4  /* within the time that systemd grants */
#define WATCHDOG_LATE 2    /* rounds after which the log says who is stuck */
#define WATCHDOG_MIN 10000 /* us */

struct seat {
	unsigned worker, late;
	_Atomic bool asked; /* a letter is under way */
};

struct watchdog {
	const struct notify *notify;
	struct worker_set *workers;
	struct watch *watch;
	int fd;
	bool posted; /* every letter of the last round is, or was, under way */
	struct seat seats[];
};

/* On the worker. */
static void
answer(void *arg)
{
	struct seat *s = arg;

	atomic_store(&s->asked, false);
}

static bool
is_missing(struct seat *s)
{
	if (!atomic_load(&s->asked)) {
		if (s->late > WATCHDOG_LATE)
			log_line(LOG_LEVEL_WARN, "watchdog", "worker %u turns again", s->worker);
		s->late = 0;
		return false;
	}
	if (s->late++ == WATCHDOG_LATE)
		log_line(LOG_LEVEL_ERROR, "watchdog", "worker %u is stuck: a plugin does not come back?", s->worker);
	return true;
}

static void
ask(struct watchdog *d)
{
	for (unsigned i = 0; i < d->workers->count; i++) {
		struct seat *s = &d->seats[i];

		atomic_store(&s->asked, true);
		/* a full box is a stuck worker, too: it counts as asked, and is asked again */
		if (loop_post(d->workers->at[i].loop, answer, NULL, s) != 0)
			d->posted = false;
	}
}

/* Those asked in the last round have all answered: systemd is told, and they are asked again. */
static void
tick(void *arg, unsigned events)
{
	struct watchdog *d = arg;
	bool missing = false;
	uint64_t times;

	(void)events;
	if (read(d->fd, &times, sizeof times) != (ssize_t)sizeof times)
		return;
	for (unsigned i = 0; i < d->workers->count; i++)
		missing |= is_missing(&d->seats[i]);
	if (missing && d->posted)
		return;
	if (!missing)
		notify_say(d->notify, "WATCHDOG=1");
	d->posted = true;
	ask(d);
}

static int
open_timer(int64_t us)
{
	struct itimerspec when;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	when.it_value.tv_sec = us / 1000000;
	when.it_value.tv_nsec = us % 1000000 * 1000;
	when.it_interval = when.it_value;
	if (fd >= 0)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}

struct watchdog *
watchdog_open(const struct notify *notify, struct worker_set *workers, int64_t us)
{
	struct watchdog *d = calloc(1, sizeof *d + workers->count * sizeof d->seats[0]);

	if (!d)
		return NULL;
	d->notify = notify;
	d->workers = workers;
	for (unsigned i = 0; i < workers->count; i++) {
		d->seats[i].worker = i;
	}
	us /= WATCHDOG_ROUNDS;
	d->fd = open_timer(us < WATCHDOG_MIN ? WATCHDOG_MIN : us);
	if (d->fd >= 0)
		d->watch = watch_new(workers->at[0].loop, d->fd, tick, d);
	if (!d->watch) {
		watchdog_close(d);
		return NULL;
	}
	watch_set(d->watch, WATCH_READ);
	ask(d);
	return d;
}

void
watchdog_close(struct watchdog *d)
{
	if (!d)
		return;
	watch_free(d->watch);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}
