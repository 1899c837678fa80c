/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop: timers, work, idle hooks, descriptors and letters, on the test clock and the
 * real one. */
#include "../tap.h"
#include "base/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static struct loop *loop;
static char trace[4000];
static size_t traced;

static void
note(const char *what)
{
	traced += (size_t)snprintf(trace + traced, sizeof trace - traced, "%s@%d ", what,
				   (int)(loop_now(loop) - LOOP_TEST_NOW));
}

static const char *
noted(void)
{
	traced = 0;
	return trace;
}

static struct timer timers[6];
static struct work works[3];
static struct loop_idle idle;

static void
on_work(struct work *w)
{
	note(w == &works[0] ? "w0" : "w1");
	if (w == &works[0])
		work_start(loop, &works[1], on_work);
}

static void
on_timer(struct timer *t)
{
	char name[] = "t0";

	name[1] = (char)('0' + (t - timers));
	note(name);
	if (t == &timers[0])
		work_start(loop, &works[0], on_work);
	if (t == &timers[1])
		timer_start(loop, &timers[5], 0, on_timer);
	if (t == &timers[4] && loop_now(loop) < LOOP_TEST_NOW + 3500)
		timer_start(loop, &timers[4], 1000, on_timer);
}

static void
on_idle(struct loop_idle *i)
{
	if (traced && trace[traced - 2] != 'I')
		traced += (size_t)snprintf(trace + traced, sizeof trace - traced, "I ");
}

static void
on_letter(void *arg)
{
	note(arg);
}

static int drops;

static void
on_drop(void *arg)
{
	drops++;
}

static void
test_advance(void)
{
	int64_t wall;

	loop = loop_new(true);
	wall = loop_wall(loop);
	is_int(wall, LOOP_TEST_WALL, "a test clock begins in 2030");
	timer_start(loop, &timers[2], 500, on_timer);
	timer_start(loop, &timers[0], 100, on_timer);
	timer_start(loop, &timers[1], 100, on_timer);
	timer_start(loop, &timers[3], 200, on_timer);
	timer_start(loop, &timers[3], 100, on_timer);
	loop_advance(loop, 99);
	is_text(noted(), "", "nothing is due");
	loop_advance(loop, 1);
	is_text(noted(), "t0@100 w0@100 w1@100 t1@100 t3@100 t5@100 ",
		"in order, restarted ones last, work between");
	loop_idle_add(loop, &idle, on_idle);
	timer_start(loop, &timers[4], 1000, on_timer);
	loop_advance(loop, 5000);
	is_text(noted(), "t2@500 I t4@1100 I t4@2100 I t4@3100 I t4@4100 I ",
		"each at its own time, and a flush behind each");
	is_int(loop_wall(loop) - wall, 5100, "wall time moves along");
	is_int(loop_post(loop, on_letter, NULL, (void *)(uintptr_t) "l1"), 0, "a letter");
	timer_start(loop, &timers[2], 0, on_timer);
	loop_advance(loop, 0);
	is_text(noted(), "t2@5100 l1@5100 I ", "timers of 0 ms and letters need no time");
	loop_idle_remove(loop, &idle);
	timer_start(loop, &timers[2], 10, on_timer);
	ok(timer_running(&timers[2]), "running");
	timer_stop(loop, &timers[2]);
	timer_stop(loop, &timers[2]);
	work_start(loop, &works[1], on_work);
	work_start(loop, &works[1], on_work);
	work_start(loop, &works[2], on_work);
	work_stop(loop, &works[2]);
	loop_advance(loop, 100);
	is_text(noted(), "w1@5100 ", "stopped ones do not run, started twice is once");
	loop_free(loop);
}

static void
again(struct timer *t)
{
	timer_start(loop, t, 0, again);
	drops++;
}

/* A timer that starts itself at once for ever does not stop time. */
static void
test_endless(void)
{
	struct timer t = {.due = 0};

	drops = 0;
	loop = loop_new(true);
	timer_start(loop, &t, 0, again);
	timer_start(loop, &timers[2], 2, on_timer);
	loop_advance(loop, 3);
	is_text(noted(), "t2@2 ", "time goes on beside an endless timer");
	timer_stop(loop, &t);
	loop_free(loop);
}

struct pair {
	int fd[2];
	struct watch *watch;
	int reads;
};

static void
on_readable(void *arg, unsigned events)
{
	struct pair *p = arg;
	char byte;

	if (read(p->fd[0], &byte, 1) == 1)
		p->reads++;
	if (p->reads == 2) {
		watch_free(p->watch);
		p->watch = NULL;
		loop_stop(loop);
	} else if (write(p->fd[1], "y", 1) != 1)
		loop_stop(loop);
}

static void
stop(struct timer *t)
{
	loop_stop(loop);
}

static void
test_real(void)
{
	struct pair p = {.reads = 0};
	struct timer t = {.due = 0};
	int64_t before, wall;

	loop = loop_new(false);
	before = loop_now(loop);
	wall = loop_wall(loop);
	ok(wall > INT64_C(1600000000000), "wall time");
	timer_start(loop, &t, 50, stop);
	loop_run(loop);
	ok(loop_now(loop) - before >= 50 && loop_now(loop) - before < 1000,
	   "50 ms took %d", (int)(loop_now(loop) - before));
	ok(loop_wall(loop) - wall >= 49, "and on the wall");
	if (pipe(p.fd) < 0)
		return;
	p.watch = watch_new(loop, p.fd[0], on_readable, &p);
	watch_set(p.watch, WATCH_READ);
	watch_set(p.watch, 0);
	ok(write(p.fd[1], "x", 1) == 1, "a byte");
	timer_start(loop, &t, 20, stop);
	loop_run(loop);
	is_int(p.reads, 0, "asleep");
	watch_set(p.watch, WATCH_READ | WATCH_WRITE);
	loop_run(loop);
	is_int(p.reads, 2, "awake, and freed inside ready");
	loop_stop(loop);
	loop_run(loop);
	ok(true, "a stop before the run is not lost");
	close(p.fd[0]);
	close(p.fd[1]);
	loop_free(loop);
}

#define SENDERS 4
#define LETTERS 50000

struct sender {
	pthread_t thread;
	int sent, got, wrong;
};

struct post {
	struct sender *from;
	int number;
};

static int senders_done;

static void
on_post(void *arg)
{
	struct post *post = arg;

	post->from->wrong += post->number != post->from->got;
	if (++post->from->got == LETTERS && ++senders_done == SENDERS)
		loop_stop(loop);
	free(post);
}

static void *
send_letters(void *arg)
{
	struct sender *s = arg;

	for (; s->sent < LETTERS; s->sent++) {
		struct post *post = malloc(sizeof *post);

		*post = (struct post){s, s->sent};
		while (loop_post(loop, on_post, free, post) < 0)
			usleep(100);
	}
	return NULL;
}

static void
test_letters(void)
{
	static struct sender senders[SENDERS];
	int wrong = 0;

	loop = loop_new(false);
	for (int i = 0; i < SENDERS; i++)
		pthread_create(&senders[i].thread, NULL, send_letters, &senders[i]);
	loop_run(loop);
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(senders[i].thread, NULL);
		wrong += senders[i].wrong + (senders[i].got != LETTERS);
	}
	is_int(wrong, 0, "%d letters from each of %d threads, in order", LETTERS,
	       SENDERS);
	for (int i = 0; i < LOOP_MAIL_MAX; i++)
		wrong += loop_post(loop, on_letter, i % 2 ? on_drop : NULL, NULL);
	is_int(wrong, 0, "a box full");
	is_int(loop_post(loop, on_letter, on_drop, NULL), -1, "one more is refused");
	drops = 0;
	loop_free(loop);
	is_int(drops, LOOP_MAIL_MAX / 2, "letters left are dropped");
	loop_free(NULL);
}

int
main(void)
{
	test_advance();
	test_endless();
	test_real();
	test_letters();
	return done();
}
