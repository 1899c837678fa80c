/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop: one worker's event loop: clock, timers, descriptors, work put off, and the letter box by which
 * other threads reach it.  Wraps libev; nothing above this floor sees it but host's coven/loop.h.
 *
 * Thread   functions are for the loop's own thread, but those marked "any thread".
 * Clock    milliseconds that never go back, and wall milliseconds since 1970, both as of the turn
 *          that began last.  A test clock stands still and moves by loop_advance() alone. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/list.h"
#include <stdbool.h>
#include <stdint.h>

#define LOOP_MAIL_MAX 65536 /* letters that may wait */
/* Where a test clock begins: 2030-01-01T00:00:00Z, the same for every loop and every start. */
#define LOOP_TEST_NOW 1000000
#define LOOP_TEST_WALL INT64_C(1893456000000)

struct loop;
struct ev_loop;

struct loop *loop_new(bool test_clock); /* NULL: no memory, no descriptors */
void loop_free(struct loop *l);         /* letters still in the box are dropped through `drop` */
void loop_run(struct loop *l);          /* until loop_stop() */
void loop_stop(struct loop *l);         /* any thread */
struct ev_loop *loop_raw(struct loop *l);

int64_t loop_now(const struct loop *l);
int64_t loop_wall(const struct loop *l);

/* Test clock only: moves time to now + ms; every timer that falls due on the way fires in order, at its own
 * time, and work put off is done in between; then what is to be sent is flushed. */
void loop_advance(struct loop *l, int64_t ms);

/* -- timers: a hierarchical wheel of 1 ms; starting, stopping and firing cost the same however many
 *    there are.  The struct is the caller's, zeroed before first use, and free for reuse when `fire`
 *    is called.  Starting one that runs restarts it. */
struct timer {
	struct list link;
	int64_t due;
	void (*fire)(struct timer *t);
};
void timer_start(struct loop *l, struct timer *t, int64_t ms, void (*fire)(struct timer *t));
void timer_stop(struct loop *l, struct timer *t); /* harmless when not running */
static inline bool
timer_running(const struct timer *t)
{
	return list_linked(&t->link);
}

/* -- work put off: runs in this turn, after the present callback has returned, in order. */
struct work {
	struct list link;
	void (*run)(struct work *w);
};
void work_start(struct loop *l, struct work *w, void (*run)(struct work *w)); /* once is enough */
void work_stop(struct loop *l, struct work *w);
/* Does it now: for a callback that has finished one thing and goes on to the next (a packet of many), so that what
 * each of them started does not pile up.  Not from within work. */
void loop_work(struct loop *l);

/* -- before the loop sleeps: called each turn when no work is left (flush what was queued). */
struct loop_idle {
	struct list link;
	void (*run)(struct loop_idle *idle);
};
void loop_idle_add(struct loop *l, struct loop_idle *idle, void (*run)(struct loop_idle *idle));
void loop_idle_remove(struct loop *l, struct loop_idle *idle);

/* -- descriptors */
enum { WATCH_READ = 1, WATCH_WRITE = 2 };
struct watch; /* opaque, from watch_new */
struct watch *watch_new(struct loop *l, int fd, void (*ready)(void *arg, unsigned events), void *arg);
void watch_set(struct watch *w, unsigned events); /* 0: asleep */
void watch_free(struct watch *w);                 /* does not close fd; allowed inside `ready` */

/* -- letters, any thread: fn(arg) runs on the loop's thread, in order of posting from one thread.  -1: box
 *    full or loop closing, arg stays the caller's.  `drop` is called instead of fn when the loop ends
 *    first; NULL: nothing to free.  One wake-up serves many letters. */
int loop_post(struct loop *l, void (*fn)(void *arg), void (*drop)(void *arg), void *arg);
/* How many letters had waited when those that are being opened were taken out of the box; the loop's own thread. */
size_t loop_waiting(const struct loop *l);
uint64_t loop_letters(const struct loop *l); /* opened so far; the loop's own thread */

#endif
