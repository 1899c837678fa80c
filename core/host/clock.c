/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock: timers and descriptors of plugins: the core owns them and ends them with the instance. */
#include "host/clock.h"
#include "host/slow.h"
#include <stdlib.h>

struct host_timer {
	struct list link; /* in instance->timers */
	struct timer timer;
	struct coven_instance *in;
	uint64_t name;
	coven_fn *fn;
	void *arg;
};

struct host_watch {
	struct list link; /* in instance->watches */
	struct watch *watch;
	struct coven_instance *in;
	int fd;
	coven_watch_fn *fn;
	void *arg;
};

static void
free_timer(struct host_timer *t)
{
	timer_stop(t->in->host->loop, &t->timer);
	names_remove(t->in->host->timers, t->name);
	list_remove(&t->link);
	t->in->timer_count--;
	free(t);
}

static void
fired(struct timer *timer)
{
	struct host_timer *t = CONTAINER(timer, struct host_timer, timer);
	struct coven_instance *in = t->in;
	coven_fn *fn = t->fn;
	void *arg = t->arg;
	int64_t began = slow_begin();

	free_timer(t);
	fn(in, arg);
	slow_end(in, "a timer", began);
}

coven_timer
coven_after(struct coven_instance *in, int64_t ms, coven_fn *fn, void *arg)
{
	struct host_timer *t = in->host && in->timer_count < HOST_TIMERS_MAX ? calloc(1, sizeof *t) : NULL;

	if (!t)
		return 0;
	*t = (struct host_timer){ .in = in, .fn = fn, .arg = arg };
	t->name = names_add(in->host->timers, t);
	if (!t->name) {
		free(t);
		return 0;
	}
	list_append(&in->timers, &t->link);
	in->timer_count++;
	timer_start(in->host->loop, &t->timer, ms > 0 ? ms : 0, fired);
	return t->name;
}

bool
coven_cancel(struct coven_instance *in, coven_timer timer)
{
	struct host_timer *t = names_get(in->host->timers, timer);

	if (!t || t->in != in)
		return false;
	free_timer(t);
	return true;
}

static void
ready(void *arg, unsigned events)
{
	struct host_watch *w = arg;
	struct coven_instance *in = w->in;
	int64_t began = slow_begin();

	w->fn(in, w->fd, events, w->arg); /* WATCH_* and enum coven_io are the same bits */
	slow_end(in, "a descriptor", began);
}

static struct host_watch *
find_watch(struct coven_instance *in, int fd)
{
	LIST_EACH (&in->watches, at, after) {
		struct host_watch *w = CONTAINER(at, struct host_watch, link);
		if (w->fd == fd)
			return w;
	}
	return NULL;
}

int
coven_watch(struct coven_instance *in, int fd, unsigned events, coven_watch_fn *fn, void *arg)
{
	struct host_watch *w = in->host ? find_watch(in, fd) : NULL;

	if (!in->host || fd < 0 || events & ~(unsigned)(COVEN_READABLE | COVEN_WRITABLE))
		return -1;
	if (!w) {
		w = calloc(1, sizeof *w);
		if (!w)
			return -1;
		w->watch = watch_new(in->host->loop, fd, ready, w);
		if (!w->watch) {
			free(w);
			return -1;
		}
		list_append(&in->watches, &w->link);
	}
	w->in = in;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	watch_set(w->watch, events);
	return 0;
}

static void
free_watch(struct host_watch *w)
{
	watch_free(w->watch);
	list_remove(&w->link);
	free(w);
}

void
coven_unwatch(struct coven_instance *in, int fd)
{
	struct host_watch *w = find_watch(in, fd);

	if (w)
		free_watch(w);
}

void
clock_purge(struct coven_instance *in)
{
	while (!list_empty(&in->timers))
		free_timer(CONTAINER(in->timers.next, struct host_timer, link));
	while (!list_empty(&in->watches))
		free_watch(CONTAINER(in->watches.next, struct host_watch, link));
}
