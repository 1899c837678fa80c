/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth-digest: wrong passwords counted by source and user, and SipHash. */
#include "../../plugins/auth-digest/guess.h"
#include "../../plugins/auth-digest/tag.h"
#include "../tap.h"

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define REALM S("x.test")

static const struct guess_rule rule = { 10, 60000, 60000 };
static const struct tag_key key = { { 1, 2 } };

static int64_t
wrong(struct guess *g, uint32_t source, const char *user, int times, int64_t now_ms)
{
	int64_t ms = 0;

	while (times-- > 0)
		ms = guess_wrong(g, source, S(user), REALM, now_ms);
	return ms;
}

static int64_t
left(struct guess *g, uint32_t source, const char *user, int64_t now_ms)
{
	return guess_left(g, source, S(user), REALM, now_ms);
}

static void
counts(void)
{
	struct guess *g = guess_new(&rule, &key);

	is_int(wrong(g, 1, "a", 9, 1000), 0, "nine are nothing");
	ok(!guess_any(g, 1000), "nobody is refused");
	is_int(wrong(g, 1, "a", 1, 61000), 60000, "the tenth, 60 s after the first, is too many");
	ok(guess_any(g, 61000), "somebody is refused");
	is_int(left(g, 1, "a", 61000), 60000, "from now on");
	is_int(left(g, 1, "a@x.test", 120999), 1, "in both spellings, to the last");
	is_int(left(g, 2, "a", 70000), 0, "another source is not");
	is_int(left(g, 1, "b", 70000), 0, "another user is not");
	is_int(guess_left(g, 1, S("a"), S("y.test"), 70000), 0, "another realm is not");
	is_int(left(g, 1, "a", 121000), 0, "then it may try again");
	ok(!guess_any(g, 121000), "nobody is refused");
	is_int(wrong(g, 1, "c", 9, 200000), 0, "nine again");
	is_int(wrong(g, 1, "c", 1, 260001), 0, "the tenth outside the window");
	is_int(wrong(g, 1, "c", 8, 260002), 0, "the first nine are past");
	is_int(wrong(g, 1, "c", 1, 260003), 60000, "these are ten");
	guess_free(g);
}

static void
grows(void)
{
	struct guess *g = guess_new(&rule, &key);
	int64_t now_ms = 0, want = 60000;

	for (int i = 0; i < 9; i++) {
		int64_t ms = wrong(g, 1, "a", 10, now_ms);

		is_int(ms, want, "time %d", i + 1);
		now_ms += ms;
		want = want * 2 < 3600000 ? want * 2 : 3600000;
	}
	is_int(wrong(g, 1, "a", 10, now_ms + 3599000), 3600000, "not yet forgotten");
	now_ms += 3599000 + 3600000;
	is_int(wrong(g, 1, "a", 10, now_ms + 3600000), 60000,
	       "after an hour of quiet it begins anew");
	guess_free(g);
}

/* Whoever fills the table gets his own entries out first. */
static void
full(void)
{
	struct guess *g = guess_new(&rule, &key);
	int refused = 0;
	char name[16];

	wrong(g, 1, "a", 10, 0);
	for (int i = 0; i < 300000; i++) {
		snprintf(name, sizeof name, "%d", i);
		wrong(g, 2, name, 1, 1000 + i / 100);
	}
	ok(left(g, 1, "a", 5000) > 0, "300,000 others do not make it forget a refusal");
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof name, "%d", i);
		wrong(g, 3, name, 10, 6000);
		refused += left(g, 3, name, 6000) > 0;
	}
	is_int(refused, 100000, "of a full table the oldest goes");
	guess_free(g);
}

static void
none(void)
{
	struct guess_rule off = { 0, 60000, 60000 };
	struct guess *g = guess_new(&off, &key);

	is_int(wrong(g, 1, "a", 100, 0), 0, "guesses = 0: any number");
	guess_free(g);
}

static void
sources(void)
{
	struct guess *g = guess_new(&rule, &key);
	struct coven_address a = { .ip = { 10, 1, 2, 3 }, .port = 5060, .family = 4 };
	struct coven_address b = { .ip = { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5 }, .family = 6 };
	uint32_t four = guess_source(g, &a), six = guess_source(g, &b);

	a.port = 9;
	is_int(guess_source(g, &a), four, "the port does not matter");
	a.ip[3] = 4;
	ok(guess_source(g, &a) != four, "an IPv4 address does, all of it");
	b.ip[15] = 77;
	is_int(guess_source(g, &b), six, "of IPv6 the first 64 bits");
	b.ip[7] = 5;
	ok(guess_source(g, &b) != six, "all of them");
	guess_free(g);
}

static void
tags(void)
{
	struct coven_slice one[2] = { S("ab"), S("c") }, two[2] = { S("a"), S("bc") };
	struct tag_key other = { { 1, 3 } };

	ok(tag_of(&key, one, 2) == tag_of(&key, one, 2), "a tag is always the same");
	ok(tag_of(&key, one, 2) != tag_of(&key, two, 2), "where parts end matters");
	ok(tag_of(&key, one, 2) != tag_of(&other, one, 2), "so does the key");
}

int
main(void)
{
	tags();
	sources();
	counts();
	grows();
	full();
	none();
	return done();
}
