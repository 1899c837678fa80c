/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hold: addresses that are left alone, for how long, and how they come back. */
#include "../tap.h"
#include "base/address.h"
#include "base/text.h"
#include "host/hold.h"

static struct coven_address
address(unsigned n)
{
	struct coven_address a;
	char room[32];

	snprintf(room, sizeof room, "192.0.%u.%u", n / 256 % 256, n % 256);
	address_parse(text_of(room), &a);
	a.port = 5060;
	return a;
}

static void
test_failures(struct holds *all)
{
	const struct net_transport *udp = net_transport(NET_UDP), *tcp = net_transport(NET_TCP);
	struct coven_address a = address(1), b = address(2);
	int64_t now = 1000, step = HOLD_FIRST_MS;

	ok(hold_lets(all, udp, &a, now), "one that nobody knows");
	hold_failed(all, udp, &a, now);
	hold_failed(all, udp, &a, now + 1);
	ok(!hold_lets(all, udp, &a, now + 1), "one that has failed is left alone");
	ok(hold_lets(all, tcp, &a, now + 1), "by that transport");
	ok(hold_lets(all, udp, &b, now + 1), "and not its neighbour");
	ok(!hold_lets(all, udp, &a, now + HOLD_FIRST_MS - 1), "for five seconds, however many failed meanwhile");
	for (unsigned i = 0; i < 8; i++) {
		now += step;
		ok(hold_lets(all, udp, &a, now), "then one attempt, %u", i);
		ok(!hold_lets(all, udp, &a, now + 10), "and no other");
		hold_failed(all, udp, &a, now);
		step = step * 2 < HOLD_MOST_MS ? step * 2 : HOLD_MOST_MS;
		ok(!hold_lets(all, udp, &a, now + step - 1), "which failed: %lld ms", (long long)step);
	}
	now += step;
	ok(hold_lets(all, udp, &a, now), "an attempt");
	ok(hold_lets(all, udp, &a, now + 32000), "of which nobody has heard: another one");
	hold_good(all, udp, &a);
	ok(hold_lets(all, udp, &a, now) && hold_lets(all, udp, &a, now), "it is back, for everybody");
	hold_failed(all, udp, &a, now);
	ok(hold_lets(all, udp, &a, now + HOLD_FIRST_MS), "and begins with five seconds again");
}

static void
test_asked(struct holds *all)
{
	const struct net_transport *udp = net_transport(NET_UDP);
	struct coven_address a = address(3);

	hold_asked(all, udp, &a, 0, 2000);
	ok(!hold_lets(all, udp, &a, 1999), "it has asked for two seconds");
	ok(hold_lets(all, udp, &a, 2000), "and gets no more");
	hold_good(all, udp, &a);
	hold_failed(all, udp, &a, 5000);
	ok(hold_lets(all, udp, &a, 5000 + HOLD_FIRST_MS + HOLD_FORGET_MS + 1) &&
		   hold_lets(all, udp, &a, 5000 + HOLD_FIRST_MS + HOLD_FORGET_MS + 1),
	   "what was long ago is forgotten");
}

static void
test_many(struct holds *all)
{
	const struct net_transport *udp = net_transport(NET_UDP);
	struct coven_address a = address(0);
	unsigned held = 0;

	for (unsigned i = 0; i < 3 * HOLD_MAX; i++) {
		a = address(i);
		hold_failed(all, udp, &a, 0);
	}
	for (unsigned i = 0; i < 3 * HOLD_MAX; i++) {
		a = address(i);
		held += !hold_lets(all, udp, &a, 1);
	}
	is_int(held, HOLD_MAX, "no more than %d", HOLD_MAX);
	ok(!hold_lets(all, udp, &a, 1), "and the newest is among them");
}

int
main(void)
{
	struct holds *all = holds_new();

	test_failures(all);
	test_asked(all);
	holds_free(all);
	all = holds_new();
	test_many(all);
	holds_free(all);
	holds_free(NULL);
	return done();
}
