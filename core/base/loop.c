/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One worker's event loop: each turn fires timers, opens letters, does work put off,
 * calls the idle hooks, and then sleeps in libev until a descriptor, a letter or the next
 * timer. */
#include "base/loop.h"
#include "base/loop_memory.h"
#include "base/mail.h"
#include "base/wheel.h"

#include <assert.h>
#include <ev.h>
#include <stdlib.h>
#include <time.h>

/* The most that one turn does of each before descriptors are looked at again. */
#define LOOP_FIRE_MAX 1024
#define LOOP_WORK_MAX 4096
#define LOOP_MAIL_TURN 1024
/* Turns that loop_advance() gives to what starts itself anew without end. */
#define LOOP_SETTLE_MAX 10000

struct loop {
	struct ev_loop *ev;
	struct wheel wheel;
	struct list work, idle;
	struct mail mail;
	int64_t now, wall;
	int64_t now_us; /* the same moment, finer */
	int64_t armed;  /* when ev_timer wakes us, 0: never */
	uint64_t letters;
	bool test_clock;
	_Atomic bool stopping;
	ev_timer alarm;
	ev_check woken;
	ev_async wake;
};

static void
read_clock(struct loop *l)
{
	struct timespec ts;

	if (l->test_clock)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	l->now_us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	l->now = l->now_us / 1000;
	l->wall = (int64_t)(ev_now(l->ev) * 1e3);
}

static void
on_woken(struct ev_loop *ev, ev_check *check, int events)
{
	read_clock(check->data);
}

static void
on_alarm(struct ev_loop *ev, ev_timer *alarm, int events)
{
	struct loop *l = alarm->data;

	l->armed = 0;
}

static void
on_wake(struct ev_loop *ev, ev_async *wake, int events)
{
}

struct loop *
loop_new(bool test_clock)
{
	struct loop *l = calloc(1, sizeof *l);

	loop_memory_open();
	if (!l)
		return NULL;
	l->ev = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
	if (!l->ev) {
		free(l);
		return NULL;
	}
	l->now = LOOP_TEST_NOW;
	l->wall = LOOP_TEST_WALL;
	l->test_clock = test_clock;
	read_clock(l);
	wheel_init(&l->wheel, l->now);
	list_init(&l->work);
	list_init(&l->idle);
	mail_init(&l->mail);
	ev_init(&l->alarm, on_alarm);
	ev_check_init(&l->woken, on_woken);
	ev_async_init(&l->wake, on_wake);
	l->alarm.data = l->woken.data = l;
	ev_set_priority(&l->woken,
			EV_MAXPRI); /* the clock first, then whoever reads it */
	ev_check_start(l->ev, &l->woken);
	ev_async_start(l->ev, &l->wake);
	return l;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	mail_done(&l->mail);
	ev_timer_stop(l->ev, &l->alarm);
	ev_check_stop(l->ev, &l->woken);
	ev_async_stop(l->ev, &l->wake);
	ev_loop_destroy(l->ev);
	free(l);
}

struct ev_loop *
loop_raw(struct loop *l)
{
	return l->ev;
}

int64_t
loop_now(const struct loop *l)
{
	return l->now;
}

int64_t
loop_wall(const struct loop *l)
{
	return l->wall;
}

/* Only what is there now and `max` more: work may start work. */
static void
do_work(struct loop *l, unsigned max)
{
	while (max-- && !list_empty(&l->work)) {
		struct work *w = CONTAINER(l->work.next, struct work, link);

		list_remove(&w->link);
		w->run(w);
	}
}

void
loop_work(struct loop *l)
{
	do_work(l, LOOP_WORK_MAX);
}

static void
fire(struct loop *l)
{
	struct timer *t;

	for (unsigned n = 0; n < LOOP_FIRE_MAX && (t = wheel_take(&l->wheel)); n++) {
		t->fire(t);
		do_work(l, LOOP_WORK_MAX);
	}
}

static void
open_letters(struct loop *l)
{
	struct letter letter;

	for (unsigned n = 0; n < LOOP_MAIL_TURN && mail_take(&l->mail, &letter); n++) {
		l->letters++;
		letter.fn(letter.arg);
		do_work(l, LOOP_WORK_MAX);
	}
}

/* All that a turn does between two looks at the descriptors.  True: some of it is left.
 */
static bool
settle(struct loop *l)
{
	do_work(l, LOOP_WORK_MAX);
	wheel_move(&l->wheel, l->now);
	fire(l);
	open_letters(l);
	LIST_EACH(&l->idle, at, after)
	{
		struct loop_idle *idle = CONTAINER(at, struct loop_idle, link);

		idle->run(idle);
	}
	return !list_empty(&l->work) || !mail_empty(&l->mail) ||
	       wheel_next(&l->wheel) == l->wheel.now;
}

/* An alarm that rings too early is left as it is: timers are stopped more often than they
 * fire. */
static void
arm(struct loop *l)
{
	int64_t next = l->test_clock ? -1 : wheel_next(&l->wheel);

	if (next < 0 || (l->armed && l->armed <= next))
		return;
	l->armed = next;
	ev_timer_stop(l->ev, &l->alarm);
	ev_timer_set(&l->alarm, (double)(next * 1000 - l->now_us) * 1e-6, 0.);
	ev_timer_start(l->ev, &l->alarm);
}

void
loop_run(struct loop *l)
{
	ev_now_update(l->ev);
	read_clock(l);
	for (;;) {
		bool busy = settle(l);

		if (atomic_load(&l->stopping))
			break;
		if (!busy)
			arm(l);
		ev_run(l->ev, busy ? EVRUN_NOWAIT : EVRUN_ONCE);
	}
	atomic_store(&l->stopping, false);
}

void
loop_stop(struct loop *l)
{
	atomic_store(&l->stopping, true);
	ev_async_send(l->ev, &l->wake);
}

static void
settle_all(struct loop *l)
{
	for (unsigned n = 0; n < LOOP_SETTLE_MAX && settle(l); n++)
		;
}

void
loop_advance(struct loop *l, int64_t ms)
{
	int64_t start = l->now, end = l->now + ms, next;

	assert(l->test_clock && ms >= 0);
	settle_all(l);
	while ((next = wheel_next(&l->wheel)) >= 0 && next <= end && l->now < end) {
		if (next <= l->now) /* never at rest: time goes on nevertheless */
			next = l->now + 1;
		l->wall += next - l->now;
		l->now = next;
		settle_all(l);
	}
	assert(l->now >= start);
	l->wall += end - l->now;
	l->now = end;
	settle_all(l);
}

void
timer_start(struct loop *l, struct timer *t, int64_t ms, void (*fire_fn)(struct timer *t))
{
	wheel_remove(&l->wheel, t);
	t->fire = fire_fn;
	if (ms > WHEEL_FAR)
		ms = WHEEL_FAR;
	wheel_add(&l->wheel, t, ms > 0 ? l->now + ms : l->now);
}

void
timer_stop(struct loop *l, struct timer *t)
{
	wheel_remove(&l->wheel, t);
}

void
work_start(struct loop *l, struct work *w, void (*run)(struct work *w))
{
	w->run = run;
	if (!list_linked(&w->link))
		list_append(&l->work, &w->link);
}

void
work_stop(struct loop *l, struct work *w)
{
	list_remove(&w->link);
}

void
loop_idle_add(struct loop *l, struct loop_idle *idle, void (*run)(struct loop_idle *idle))
{
	idle->run = run;
	if (!list_linked(&idle->link))
		list_append(&l->idle, &idle->link);
}

void
loop_idle_remove(struct loop *l, struct loop_idle *idle)
{
	list_remove(&idle->link);
}

size_t
loop_waiting(const struct loop *l)
{
	return mail_waiting(&l->mail);
}

uint64_t
loop_letters(const struct loop *l)
{
	return l->letters;
}

int
loop_post(struct loop *l, void (*fn)(void *arg), void (*drop)(void *arg), void *arg)
{
	bool first = false;
	int rc = mail_post(&l->mail, (struct letter){fn, drop, arg}, &first,
			   LOOP_MAIL_MAX);

	if (first)
		ev_async_send(l->ev, &l->wake);
	return rc;
}
