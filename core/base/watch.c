/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors that a loop watches. */
#include "base/loop.h"

#include <ev.h>
#include <stdlib.h>

struct watch {
	ev_io io;
	struct ev_loop *ev;
	void (*ready)(void *arg, unsigned events);
	void *arg;
	unsigned events;
};

/* Nothing of the watch is touched after `ready`, which may free it. */
static void
on_ready(struct ev_loop *ev, ev_io *io, int events)
{
	struct watch *w = io->data;
	unsigned ready = (events & EV_READ ? WATCH_READ : 0) |
			 (events & EV_WRITE ? WATCH_WRITE : 0);

	if (events & EV_ERROR) { /* libev has given it up: let the owner see the error
				    when it reads */
		ready |= w->events;
		w->events = 0;
	}
	w->ready(w->arg, ready);
}

struct watch *
watch_new(struct loop *l, int fd, void (*ready)(void *arg, unsigned events), void *arg)
{
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->ev = loop_raw(l);
	w->ready = ready;
	w->arg = arg;
	ev_io_init(&w->io, on_ready, fd, 0);
	w->io.data = w;
	return w;
}

void
watch_set(struct watch *w, unsigned events)
{
	int want = (events & WATCH_READ ? EV_READ : 0) |
		   (events & WATCH_WRITE ? EV_WRITE : 0);

	if (events == w->events)
		return;
	w->events = events;
	ev_io_stop(w->ev, &w->io);
	ev_io_set(&w->io, w->io.fd, want);
	if (want)
		ev_io_start(w->ev, &w->io);
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	ev_io_stop(w->ev, &w->io);
	free(w);
}
