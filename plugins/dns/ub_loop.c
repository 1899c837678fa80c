/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ub_loop: the two tables that libunbound calls, and the watchers behind them.
 *
 * An event is what libevent has: it fires for a descriptor or when its time is over, once, or with PERSIST until it is
 * taken away; then its time begins anew whenever it fires.  A callback may free its event: nothing of it is touched
 * afterwards. */
#include "ub_loop.h"

#include <stdlib.h>

struct base {
	struct ub_event_base ub; /* first: all that libunbound sees */
	struct ev_loop *loop;
};

struct event {
	struct ub_event ub; /* first, likewise */
	struct ev_loop *loop;
	ev_io io;
	ev_timer timer;
	double seconds; /* how long it may take; below 0: for ever */
	short bits;
	void (*call)(int fd, short bits, void *arg);
	void *arg;
};

static double
seconds_of(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

static void
halt(struct event *e)
{
	ev_io_stop(e->loop, &e->io);
	ev_timer_stop(e->loop, &e->timer);
}

/* From now, not from when this turn of the loop began: validation may have taken a while since. */
static void
start_timer(struct event *e)
{
	double passed;

	ev_timer_stop(e->loop, &e->timer);
	if (e->seconds < 0)
		return;
	passed = ev_time() - ev_now(e->loop);
	ev_timer_set(&e->timer, e->seconds + (passed > 0 && passed < 1 ? passed : 0), 0.);
	ev_timer_start(e->loop, &e->timer);
}

/* The last that is done with it. */
static void
fire(struct event *e, short bits)
{
	int fd = e->io.fd;

	if (!(e->bits & UB_EV_PERSIST))
		halt(e);
	else
		start_timer(e);
	e->call(fd, bits, e->arg);
}

static void
on_io(struct ev_loop *loop, ev_io *w, int revents)
{
	struct event *e = w->data;
	short bits = 0;

	(void)loop;
	if (revents & (EV_READ | EV_ERROR))
		bits |= UB_EV_READ;
	if (revents & EV_WRITE)
		bits |= UB_EV_WRITE;
	bits &= e->bits;
	fire(e, bits ? bits : (short)(e->bits & (UB_EV_READ | UB_EV_WRITE)));
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	fire(w->data, UB_EV_TIMEOUT);
}

static void
set_io(struct event *e, int fd)
{
	ev_io_set(&e->io, fd, (e->bits & UB_EV_READ ? EV_READ : 0) | (e->bits & UB_EV_WRITE ? EV_WRITE : 0));
}

static void
add_bits(struct ub_event *ub, short bits)
{
	struct event *e = (struct event *)ub;

	halt(e);
	e->bits |= bits;
	set_io(e, e->io.fd);
}

static void
del_bits(struct ub_event *ub, short bits)
{
	struct event *e = (struct event *)ub;

	halt(e);
	e->bits &= (short)~bits;
	set_io(e, e->io.fd);
}

static void
set_fd(struct ub_event *ub, int fd)
{
	struct event *e = (struct event *)ub;

	halt(e);
	set_io(e, fd);
}

static void
free_event(struct ub_event *ub)
{
	halt((struct event *)ub);
	free(ub);
}

static int
add(struct ub_event *ub, struct timeval *tv)
{
	struct event *e = (struct event *)ub;

	if (e->io.fd >= 0 && e->bits & (UB_EV_READ | UB_EV_WRITE))
		ev_io_start(e->loop, &e->io);
	e->seconds = tv && e->bits & UB_EV_TIMEOUT ? seconds_of(tv) : -1;
	start_timer(e);
	return 0;
}

static int
del(struct ub_event *ub)
{
	halt((struct event *)ub);
	return 0;
}

static int
add_timer(struct ub_event *ub, struct ub_event_base *base, void (*call)(int, short, void *), void *arg,
          struct timeval *tv)
{
	struct event *e = (struct event *)ub;

	(void)base;
	e->call = call;
	e->arg = arg;
	e->bits |= UB_EV_TIMEOUT;
	e->seconds = seconds_of(tv);
	start_timer(e);
	return 0;
}

static int
del_timer(struct ub_event *ub)
{
	struct event *e = (struct event *)ub;

	ev_timer_stop(e->loop, &e->timer);
	return 0;
}

static int
no_signal_add(struct ub_event *ub, struct timeval *tv)
{
	(void)ub;
	(void)tv;
	return -1;
}

static int
no_signal_del(struct ub_event *ub)
{
	(void)ub;
	return -1;
}

static void
no_socket(struct ub_event *ub)
{
	(void)ub;
}

static void
no_would_block(struct ub_event *ub, int bit)
{
	(void)ub;
	(void)bit;
}

static struct ub_event_vmt event_table = {
	.add_bits = add_bits, .del_bits = del_bits, .set_fd = set_fd, .free = free_event, .add = add, .del = del,
	.add_timer = add_timer, .del_timer = del_timer, .add_signal = no_signal_add, .del_signal = no_signal_del,
	.winsock_unregister_wsaevent = no_socket, .winsock_tcp_wouldblock = no_would_block,
};

static struct ub_event *
new_event(struct ub_event_base *ub, int fd, short bits, void (*call)(int, short, void *), void *arg)
{
	struct base *b = (struct base *)ub;
	struct event *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->ub.magic = UB_EVENT_MAGIC;
	e->ub.vmt = &event_table;
	e->loop = b->loop;
	e->bits = bits;
	e->seconds = -1;
	e->call = call;
	e->arg = arg;
	ev_init(&e->io, on_io);
	ev_init(&e->timer, on_timer);
	e->io.data = e->timer.data = e;
	set_io(e, fd);
	return &e->ub;
}

static void
not_freed(struct ub_event_base *ub)
{
	(void)ub; /* whoever made it frees it */
}

static int
no_dispatch(struct ub_event_base *ub)
{
	(void)ub;
	return 0;
}

static int
no_exit(struct ub_event_base *ub, struct timeval *tv)
{
	(void)ub;
	(void)tv;
	return 0;
}

static struct ub_event *
no_signal(struct ub_event_base *ub, int number, void (*call)(int, short, void *), void *arg)
{
	(void)ub;
	(void)number;
	(void)call;
	(void)arg;
	return NULL;
}

static struct ub_event *
no_wsaevent(struct ub_event_base *ub, void *event, void (*call)(int, short, void *), void *arg)
{
	(void)ub;
	(void)event;
	(void)call;
	(void)arg;
	return NULL;
}

static struct ub_event_base_vmt base_table = {
	.free = not_freed, .dispatch = no_dispatch, .loopexit = no_exit, .new_event = new_event,
	.new_signal = no_signal, .winsock_register_wsaevent = no_wsaevent,
};

struct ub_event_base *
ub_loop_new(struct ev_loop *loop)
{
	struct base *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->ub.magic = UB_EVENT_MAGIC;
	b->ub.vmt = &base_table;
	b->loop = loop;
	return &b->ub;
}

void
ub_loop_free(struct ub_event_base *base)
{
	free(base);
}
