/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard: buckets, known ones, faults and bans, each in a table that never grows. */
#include "../../plugins/guard/bans.h"
#include "../../plugins/guard/key.h"
#include "../../plugins/guard/known.h"
#include "../../plugins/guard/meter.h"
#include "../../plugins/guard/range.h"
#include "../tap.h"

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define MANY 200000
#define DAY INT64_C(86400000)

static const struct key key = { { 1, 2, 3, 4, 5, 6, 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9 } };
static const struct bans_rule rule = { 100, 600000, 60000, DAY };

static struct coven_address
address(const char *text)
{
	struct coven_address a = { .family = 0 };

	coven_address_read(S(text), &a);
	return a;
}

static struct coven_address
numbered(uint32_t n)
{
	return (struct coven_address){
		.ip = { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n }, .family = 4,
	};
}

/* How many of `tries` are allowed now. */
static int
taken(struct meter *m, uint64_t name, const struct allowance *a, int tries, int64_t now_ms)
{
	int count = 0;

	while (tries-- > 0)
		count += meter_take(m, name, a, 1, now_ms);
	return count;
}

static void
keys(void)
{
	struct coven_address a = address("192.0.2.7"), b = address("192.0.2.8");
	struct coven_address c = address("2001:db8:1:2::1"), d = address("2001:db8:1:2:9::1"),
			     e = address("2001:db8:1:3::1");
	struct coven_address f = address("fe80::1"), g = address("fe80::2"), port = a;

	port.port = 5060;
	ok(key_source(&key, &a) != key_source(&key, &b), "two addresses are two sources");
	ok(key_prefix(&key, &a) == key_prefix(&key, &b), "in one prefix");
	ok(key_source(&key, &c) == key_source(&key, &d), "a /64 is one source");
	ok(key_source(&key, &c) != key_source(&key, &e), "another is another");
	ok(key_prefix(&key, &c) == key_prefix(&key, &e), "in one /48");
	ok(key_source(&key, &f) != key_source(&key, &g), "neighbours on a link are two");
	ok(key_source(&key, &a) == key_source(&key, &port), "a port is no matter");
	ok(key_port(&key, &a) != key_port(&key, &port), "but for the known");
	ok(key_port(&key, &c) != key_port(&key, &d), "who have an address of their own");
	ok(key_is_loopback(&(struct coven_address){ .ip = { 127, 9 }, .family = 4 }), "loopback");
	c = address("::1");
	ok(key_is_loopback(&c) && !key_is_loopback(&d), "of IPv6, too");
}

static void
buckets(void)
{
	struct allowance a = allowance_of(10, 20), none = allowance_of(0, 1);
	struct meter *m = meter_new(10);

	is_int(taken(m, 77, &a, 30, 5000), 20, "so many at once");
	is_int(taken(m, 77, &a, 30, 5099), 0, "none in less than its time");
	is_int(taken(m, 77, &a, 30, 5100), 1, "one in its time");
	is_int(taken(m, 77, &a, 30, 6100), 10, "ten in a second");
	is_int(taken(m, 78 | 1ull << 50, &a, 30, 6100), 20, "another one has its own");
	is_int(taken(m, 77, &a, 30, 60000), 20, "never more than the burst");
	is_int(taken(m, 77, &a, 30, 60000 + (INT64_C(1) << 40) / 1000 * 3 / 4), 20,
	       "after a long time, too");
	is_int(taken(m, 77, &none, 1000, 60000), 1000, "no limit");
	meter_charge(m, 5, &a, 15, 1000);
	is_int(taken(m, 5, &a, 30, 1000), 5, "charged for more");
	meter_charge(m, 5, &a, 1000, 1000);
	is_int(taken(m, 5, &a, 30, 2000), 10, "never further than empty");
	meter_free(m);
}

/* Many others do not make room for one who is over his allowance. */
static void
crowded(void)
{
	struct allowance a = allowance_of(10, 20);
	struct meter *m = meter_new(10);
	struct coven_address one = numbered(1);
	uint64_t name = key_source(&key, &one);
	int more = 0;

	taken(m, name, &a, 20, 5000);
	for (uint32_t i = 2; i < MANY; i++) {
		struct coven_address other = numbered(i);

		meter_take(m, key_source(&key, &other), &a, 1, 5000);
		more += i % 1000 == 0 && meter_take(m, name, &a, 1, 5000);
	}
	is_int(more, 0, "he stays in a table that others flood");
	meter_free(m);
}

static void
known(void)
{
	struct known *k = known_new();
	struct allowance a = allowance_of(1, 2);
	struct known_entry *e;
	int there = 0;

	ok(!known_find(k, 9, 1000), "nobody is known");
	known_keep(k, 9, 1000, 500);
	e = known_find(k, 9, 1499);
	ok(e, "known for a while");
	ok(meter_alone(&e->full, &a, 1000) && meter_alone(&e->full, &a, 1000) &&
	   !meter_alone(&e->full, &a, 1000), "with a bucket of his own");
	known_keep(k, 9, 1400, 500);
	ok(!meter_alone(&e->full, &a, 1400), "which is not filled by proving it again");
	ok(known_find(k, 9, 1899) && !known_find(k, 9, 1900), "for that time");
	known_keep(k, 9, 2000, 500);
	known_forget(k, 9);
	ok(!known_find(k, 9, 2000), "or no longer");
	for (uint64_t i = 1; i <= MANY; i++)
		known_keep(k, key_mix(&key, i), 3000 + (int64_t)i, 1000000);
	for (uint64_t i = MANY - 10000; i <= MANY; i++)
		there += known_find(k, key_mix(&key, i), 3000 + MANY) != NULL;
	ok(there > 9900, "of too many the newest stay: %d", there);
	known_free(k);
}

static int64_t
at_fault(struct bans *b, const struct coven_address *a, int64_t points, int64_t now_ms)
{
	return bans_fault(b, key_source(&key, a), a, BANS_SCANNING, points, &rule, now_ms);
}

static enum bans_verdict
look(struct bans *b, const char *text, int64_t now_ms)
{
	struct coven_address a = address(text);

	return bans_any(b, now_ms) ? bans_look(b, key_source(&key, &a), &a, now_ms) : BANS_FREE;
}

static void
faults(void)
{
	struct bans *b = bans_new();
	struct coven_address a = address("192.0.2.7");
	struct bans_record record;
	int64_t now_ms = 1000000, want = 60000;
	size_t cursor = 0;

	is_int(at_fault(b, &a, 99, now_ms), 0, "not yet");
	ok(!bans_any(b, now_ms), "nobody is banned");
	is_int(at_fault(b, &a, 10, now_ms + 60000), 0, "a tenth of the time, a tenth of the points");
	is_int(at_fault(b, &a, 1, now_ms + 60000), 60000, "too many");
	is_int(look(b, "192.0.2.7", now_ms + 119999), BANS_BANNED, "banned");
	is_int(look(b, "192.0.2.8", now_ms + 119999), BANS_FREE, "nobody else is");
	is_int(at_fault(b, &a, 1000, now_ms + 70000), 0, "banned is banned");
	ok(bans_next(b, &cursor, now_ms + 60000, &record) && record.left_ms == 60000 &&
	   record.times == 1 && record.cause == BANS_SCANNING, "it is in the list");
	ok(!bans_next(b, &cursor, now_ms + 60000, &record), "alone");
	is_int(look(b, "192.0.2.7", now_ms + 120000), BANS_FREE, "then it may come again");
	now_ms += 120000;
	for (int i = 0; i < 14; i++) {
		want = want * 2 < DAY ? want * 2 : DAY;
		is_int(at_fault(b, &a, 100, now_ms), want, "again, for longer");
		now_ms += want;
	}
	is_int(at_fault(b, &a, 100, now_ms + DAY), 60000, "after a day of quiet as the first time");
	bans_free(b);
}

static void
by_hand(void)
{
	struct bans *b = bans_new();
	struct range r;
	struct coven_address a = address("192.0.2.7");
	bool whole;
	char room[RANGE_TEXT];

	range_read(S("192.0.2.7"), &r, &whole);
	bans_add(b, key_source(&key, &a), &r, 5000, 1000);
	is_int(look(b, "192.0.2.7", 5999), BANS_BANNED_BY_HAND, "a source");
	is_int(look(b, "192.0.2.7", 6000), BANS_FREE, "until its end");
	range_read(S("198.51.100.64/26"), &r, &whole);
	bans_add_range(b, &r, DAY, 1000);
	is_int(look(b, "198.51.100.127", 2000), BANS_BANNED_BY_HAND, "a range");
	is_int(look(b, "198.51.100.128", 2000), BANS_FREE, "no more than that");
	is_int(look(b, "::c633:6440", 2000), BANS_FREE, "IPv6 is something else");
	ok(bans_remove_range(b, &r, 3000) && !bans_remove_range(b, &r, 3000), "removed once");
	is_int(look(b, "198.51.100.64", 3000), BANS_FREE, "it is free");
	range_read(S("2001:db8::/33"), &r, &whole);
	bans_add_range(b, &r, DAY, 1000);
	is_int(look(b, "2001:db8:7fff::1", 2000), BANS_BANNED_BY_HAND, "of IPv6");
	is_int(look(b, "2001:db8:8000::1", 2000), BANS_FREE, "no more than that");
	is_text(range_text(&r, room).at, "2001:db8::/33", "as text");
	for (unsigned i = 1; i < BANS_RANGES; i++) {
		struct coven_address net = numbered(i << 8);

		r = range_of(&net, 25);
		is_int(bans_add_range(b, &r, DAY, 1000), 0, "there is room");
	}
	range_read(S("203.0.113.0/25"), &r, &whole);
	is_int(bans_add_range(b, &r, DAY, 1000), -1, "and then there is none");
	bans_free(b);
}

/* The table stays as it is, and whom the owner has banned stays in it. */
static void
flooded(void)
{
	struct bans *b = bans_new();
	struct coven_address a = address("192.0.2.7");
	struct range r = range_of(&a, 32);
	struct bans_record record;
	size_t cursor = 0, count = 0;

	bans_add(b, key_source(&key, &a), &r, 10 * DAY, 1000);
	for (uint32_t i = 0; i < MANY; i++) {
		struct coven_address other = numbered(i);

		at_fault(b, &other, 100, 1000 + i);
	}
	is_int(look(b, "192.0.2.7", 2000), BANS_BANNED_BY_HAND, "a ban by hand stays");
	while (bans_next(b, &cursor, 1000, &record))
		count++;
	ok(count > 30000 && count <= (size_t)BANS_SETS * BANS_WAYS, "no more than there is room for: %zu",
	   count);
	bans_free(b);
}

static void
ranges(void)
{
	static const char *const bad[] = { "", "/", "192.0.2.1/", "192.0.2.1/33", "192.0.2.1/-1", "192.0.2.1/ 8",
					   "192.0.2.1/0008", "192.0.2.1:5060", "example.com", "2001:db8::/129" };
	struct coven_address a;
	struct range r;
	bool whole;
	char room[RANGE_TEXT];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(range_read(S(bad[i]), &r, &whole), -1, "no range: \"%s\"", bad[i]);
	is_int(range_read(S("192.0.2.77/28"), &r, &whole), 0, "a range");
	is_text(range_text(&r, room).at, "192.0.2.64/28", "begins where it begins");
	a = address("192.0.2.79");
	ok(range_has(&r, &a), "its last");
	a = address("192.0.2.80");
	ok(!range_has(&r, &a), "and one behind");
	range_read(S("0.0.0.0/0"), &r, &whole);
	ok(range_has(&r, &a), "everybody");
	a = address("2001:db8::1");
	ok(!range_has(&r, &a), "of one family");
	is_text(range_host(&a, room).at, "2001:db8::1", "an address alone");
}

int
main(void)
{
	keys();
	buckets();
	crowded();
	known();
	faults();
	by_hand();
	flooded();
	ranges();
	return done();
}
