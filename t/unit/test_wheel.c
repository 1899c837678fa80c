/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timer wheel against a sorted list. */
#include "../tap.h"
#include "base/loop.h"
#include "base/wheel.h"

#include <stdlib.h>

#define TIMERS 400

struct member {
	struct timer timer;
	int64_t due;
	unsigned order; /* of starting */
	bool running;
};

static struct member members[TIMERS];

/* The one that must come next; slow and plain. */
static struct member *
expected(int64_t now)
{
	struct member *best = NULL;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct member *m = &members[i];

		if (m->running && m->due <= now &&
		    (!best || m->due < best->due ||
		     (m->due == best->due && m->order < best->order)))
			best = m;
	}
	return best;
}

static int64_t
first_due(void)
{
	int64_t first = -1;

	for (unsigned i = 0; i < TIMERS; i++)
		if (members[i].running && (first < 0 || members[i].due < first))
			first = members[i].due;
	return first;
}

static int64_t
any_delay(void)
{
	static const int64_t most[] = {3,     70,      500,       5000,
				       40000, 3000000, 400000000, WHEEL_FAR - 1};
	int64_t r = (int64_t)rand() << 31 ^ rand();

	return (r & INT64_MAX) % most[rand() % 8];
}

static void
toggle(struct wheel *w, struct member *m, unsigned order)
{
	if (m->running && rand() % 2) {
		wheel_remove(w, &m->timer);
		m->running = false;
		return;
	}
	wheel_remove(w, &m->timer);
	m->due = w->now + any_delay();
	m->order = order;
	m->running = true;
	wheel_add(w, &m->timer, m->due);
}

static int
take_all(struct wheel *w)
{
	struct timer *t;
	int wrong = 0;

	while ((t = wheel_take(w)) != NULL) {
		struct member *m = CONTAINER(t, struct member, timer);

		wrong += m != expected(w->now) || timer_running(t);
		m->running = false;
	}
	return wrong + (expected(w->now) != NULL);
}

static void
test_random(void)
{
	static struct wheel w;
	int wrong = 0, late = 0, fired = 0;
	unsigned order = 0;

	srand(3);
	wheel_init(&w, 12345);
	for (int round = 0; round < 200000; round++) {
		int64_t next = wheel_next(&w), first = first_due(),
			to = w.now + any_delay() / 100;

		late += first >= 0 ? next < 0 || next > first : next >= 0;
		if (rand() % 3)
			toggle(&w, &members[rand() % TIMERS], order++);
		else if (w.now < WHEEL_FAR / 2) {
			wheel_move(&w, rand() % 2 && next > w.now && next < WHEEL_FAR / 2
					       ? next
					       : to);
			fired++;
			wrong += take_all(&w);
		}
	}
	is_int(wrong, 0, "in order, and none forgotten, in %d moves", fired);
	is_int(late, 0, "next is never later than the first, and -1 only without timers");
}

static void
test_plain(void)
{
	static struct wheel w;
	struct timer a = {.due = 0}, b = {.due = 0};

	wheel_init(&w, 1000);
	is_int(wheel_next(&w), -1, "an empty wheel has nothing to do");
	wheel_remove(&w, &a);
	wheel_add(&w, &a, 5);
	ok(a.due == 1000 && wheel_next(&w) == 1000, "one in the past is ripe");
	wheel_remove(&w, &a);
	ok(!timer_running(&a) && wheel_take(&w) == NULL, "a ripe one can be taken back");
	wheel_add(&w, &a, INT64_MAX);
	is_int(a.due, 1000 + WHEEL_FAR, "one too far is brought nearer");
	wheel_move(&w, 1000 + WHEEL_FAR - 1);
	ok(wheel_take(&w) == NULL, "34 years less a millisecond");
	wheel_move(&w, 1000 + WHEEL_FAR);
	ok(wheel_take(&w) == &a && wheel_next(&w) == -1, "34 years");
	wheel_init(&w, 63);
	wheel_add(&w, &a, 5000);
	wheel_move(&w, 4990);
	wheel_add(&w, &b, 5000);
	wheel_move(&w, 6000);
	ok(wheel_take(&w) == &a && wheel_take(&w) == &b,
	   "same time: the one started first");
}

int
main(void)
{
	test_plain();
	test_random();
	return done();
}
