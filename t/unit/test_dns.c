/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugins/dns without a network: names and records, draws, the cache, and RFC 3263 over records that the test makes up. */
#include "../tap.h"
#include "../../plugins/dns/cache.h"
#include "../../plugins/dns/draw.h"
#include "../../plugins/dns/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS 64

static struct coven_slice
text(const char *s)
{
	return (struct coven_slice){ s, strlen(s) };
}

/* -- names */

static void
names(void)
{
	static const char loop[] = "\xc0\x00", forward[] = "\xc0\x02\x00", good[] = "\3foo\0\2ab\xc0\x00";
	char out[WIRE_HOST_MAX + 1], longest[WIRE_HOST_MAX + 2];
	struct wire_name a, b;
	size_t at = 0;

	ok(wire_name((struct coven_slice){ loop, 2 }, &at, &a) != 0, "a pointer to itself");
	at = 0;
	ok(wire_name((struct coven_slice){ forward, 3 }, &at, &a) != 0, "a pointer forwards");
	at = 5;
	ok(wire_name((struct coven_slice){ good, 10 }, &at, &a) == 0 && at == 10, "a pointer backwards");
	ok(wire_name_text(&a, out) == 0 && strcmp(out, "ab.foo") == 0, "is followed");
	for (size_t i = 0; i < 9; i++) {
		at = 5;
		ok(wire_name((struct coven_slice){ good, i }, &at, &b) != 0, "cut after %zu bytes", i);
	}
	ok(wire_name_read(text("AB.foo."), &b) == 0 && wire_name_same(&a, &b), "case and the last dot do not count");
	memset(longest, 'a', sizeof longest);
	for (size_t i = 63; i < sizeof longest; i += 64)
		longest[i] = '.';
	longest[253] = 0;
	ok(wire_name_read(text(longest), &a) == 0 && a.length == 255, "253 characters");
	longest[253] = 'a';
	longest[254] = 0;
	ok(wire_name_read(text(longest), &a) != 0, "254");
	ok(wire_name_read(text(""), &a) != 0 && wire_name_read(text("."), &a) != 0 && wire_name_read(text("a..b"), &a) != 0 &&
	   wire_name_read(text(".a"), &a) != 0 && wire_name_read(text("a b"), &a) != 0, "no names");
}

static void
records(void)
{
	static const char srv[] = "\0\1\0\2\0\3\1a\0", none[] = "\0\0\0\0\0\0\0", odd[] = "\0\1\0\2\0\3\1.\0";
	static const char naptr[] = "\0\1\0\2\1s\7SIP+D2U\0\1a\0";
	struct wire_srv s;
	struct wire_naptr n;
	struct wire_tlsa t = { 3, 1, 1, { srv, 32 } };

	ok(wire_srv((struct coven_slice){ srv, 9 }, &s) == 0 && s.priority == 1 && s.weight == 2 && s.port == 3 &&
	   strcmp(s.target, "a") == 0, "SRV");
	ok(wire_srv((struct coven_slice){ none, 7 }, &s) == 0 && !*s.target, "SRV of \".\"");
	ok(wire_srv((struct coven_slice){ odd, 9 }, &s) != 0, "a dot within a label");
	for (size_t i = 0; i < 9; i++)
		ok(wire_srv((struct coven_slice){ srv, i }, &s) != 0, "SRV cut after %zu", i);
	ok(wire_srv((struct coven_slice){ srv, 10 }, &s) != 0, "something behind it");
	ok(wire_naptr((struct coven_slice){ naptr, 18 }, &n) == 0 && n.service.length == 7, "NAPTR");
	for (size_t i = 0; i < 18; i++)
		ok(wire_naptr((struct coven_slice){ naptr, i }, &n) != 0, "NAPTR cut after %zu", i);
	ok(wire_tlsa_usable(&t), "TLSA 3 1 1");
	t.data.length = 31;
	ok(!wire_tlsa_usable(&t), "31 bytes are no SHA-256");
	t = (struct wire_tlsa){ 4, 1, 1, { srv, 32 } };
	ok(!wire_tlsa_usable(&t), "usage 4");
}

/* -- draws */

static void
draws(void)
{
	unsigned first[3] = { 0, 0, 0 };
	struct draw d = { 1 };

	for (unsigned i = 0; i < 10000; i++) {
		struct wire_srv list[] = { { 2, 9, 1, "d" }, { 1, 3, 1, "a" }, { 1, 1, 1, "b" }, { 1, 0, 1, "c" } };

		draw_order(&d, list, 4);
		first[list[0].target[0] - 'a']++;
		if (list[3].target[0] != 'd')
			ok(false, "priority counts first");
	}
	ok(first[0] > 5700 && first[0] < 6300, "3 of 5 lots: %u", first[0]);
	ok(first[1] > 1800 && first[1] < 2200, "1 of 5 lots: %u", first[1]);
	ok(first[2] > 1800 && first[2] < 2200, "weight 0 has the lot 0: %u", first[2]);
}

/* -- the cache */

static struct set *
a_set(const char *name, uint16_t type, enum set_state state)
{
	struct set *s = set_new(name, type, state, NULL, state >= SET_BOGUS ? "because" : "");

	s->ttl = 10;
	s->proof = COVEN_SECURE;
	return s;
}

static void
caching(void)
{
	struct cache *c = cache_new(2000, 1);
	struct cache_wait one, two;
	struct set *s;
	bool fresh;

	ok(!cache_get(c, "a", 1, 0), "empty");
	ok(cache_wait(c, "a", 1, &one, &fresh) == 0 && fresh, "the first asks");
	ok(cache_wait(c, "a", 1, &two, &fresh) == 0 && !fresh, "the second joins");
	cache_unwait(&one);
	ok(cache_put(c, a_set("a", 1, SET_EMPTY), 1000) == &two, "the answer is for him who still waits");
	s = cache_get(c, "a", 1, 10999);
	ok(s != NULL, "it is known");
	set_done(s);
	ok(!cache_get(c, "a", 2, 10999), "of one type");
	ok(!cache_get(c, "a", 1, 11000), "until it expires");
	ok(!cache_put(c, a_set("b", 1, SET_EMPTY), 0), "what nobody asked for");
	for (unsigned i = 0; i < 1000; i++) {
		char name[20];

		snprintf(name, sizeof name, "n%u", i);
		cache_wait(c, name, 1, &one, &fresh);
		cache_put(c, a_set(name, 1, SET_EMPTY), 0);
	}
	ok(cache_counts(c).bytes <= 2000 && cache_counts(c).sets > 5, "no more than it may have");
	s = cache_get(c, "n999", 1, 0);
	ok(s != NULL, "the youngest stay");
	set_done(s);
	cache_clear(c);
	ok(cache_counts(c).bytes == 0, "cleared");
	cache_free(c);
}

/* -- plans */

struct world {
	struct set *sets[SETS];
	size_t count, missing;
	char asked[2000];
};

static const struct set *
get(void *arg, const char *name, uint16_t type, unsigned limit)
{
	struct world *w = arg;

	for (size_t i = 0; i < w->count; i++)
		if (w->sets[i]->type == type && strcmp(w->sets[i]->name, name) == 0)
			return w->sets[i];
	w->missing++;
	snprintf(w->asked + strlen(w->asked), sizeof w->asked - strlen(w->asked), "%s/%u ", name, type);
	return NULL;
}

static void
put(struct world *w, const char *name, uint16_t type, enum set_state state, uint8_t proof, const char *rdata, size_t length)
{
	static struct wire_answer a;
	struct set *s;

	a.count = state == SET_FOUND;
	a.rdata[0] = (struct coven_slice){ rdata, length };
	s = set_new(name, type, state, &a, state >= SET_BOGUS ? "because" : "");
	s->proof = proof;
	s->expires_ms = 5000;
	w->sets[w->count++] = s;
}

static int
run(struct world *w, struct plan *p, const char *host, bool sips)
{
	memset(p, 0, sizeof *p);
	p->source = (struct plan_source){ w, get };
	p->ask = (struct plan_question){ .transport = PLACE_UNKNOWN, .allowed = PLACE_ALL, .sips = sips, .draw = 1 };
	snprintf(p->ask.host, sizeof p->ask.host, "%s", host);
	w->missing = 0;
	w->asked[0] = 0;
	return plan_run(p);
}

static void
forget(struct world *w)
{
	while (w->count)
		set_done(w->sets[--w->count]);
}

static void
plans(void)
{
	static const char target[] = "\0\1\0\2\x13\xc5\1t\1x\0", address[] = "\1\2\3\4";
	static char tlsa[35] = "\3\1\1";
	static struct plan p;
	struct world w = { .count = 0 };

	is_int(run(&w, &p, "x", false), PLAN_WAIT, "nothing is known");
	ok(strcmp(w.asked, "x/35 _sips._tcp.x/33 ") == 0 || strstr(w.asked, "x/35"), "NAPTR and the first SRV are asked for: %s", w.asked);
	put(&w, "x", WIRE_NAPTR, SET_EMPTY, COVEN_SECURE, NULL, 0);
	put(&w, "_sips._tcp.x", WIRE_SRV, SET_FOUND, COVEN_SECURE, target, 11);
	is_int(run(&w, &p, "x", false), PLAN_WAIT, "SRV is known");
	ok(strstr(w.asked, "t.x/28") && strstr(w.asked, "t.x/1 ") && strstr(w.asked, "_5061._tcp.t.x/52"), "addresses and TLSA at once: %s", w.asked);
	put(&w, "t.x", WIRE_A, SET_FOUND, COVEN_SECURE, address, 4);
	put(&w, "t.x", WIRE_AAAA, SET_EMPTY, COVEN_SECURE, NULL, 0);
	put(&w, "_5061._tcp.t.x", WIRE_TLSA, SET_FOUND, COVEN_SECURE, tlsa, 35);
	is_int(run(&w, &p, "x", false), COVEN_RESOLVED, "all is known");
	ok(p.count == 1 && p.more && p.dane && p.hops[0].tlsa_count == 1 && p.hops[0].proof == COVEN_SECURE, "one hop, with its key");
	is_int((int)p.until_ms, 5000, "as long as the records are good");
	p.ask.from = 1;
	is_int(plan_run(&p), PLAN_WAIT, "what comes behind it");
	ok(strstr(w.asked, "_sip._tcp.x/33"), "is SRV of TCP");
	/* the same with TLSA that fails: nothing without TLS may come of it */
	set_done(w.sets[--w.count]);
	put(&w, "_5061._tcp.t.x", WIRE_TLSA, SET_DOWN, 0, NULL, 0);
	put(&w, "_sip._tcp.x", WIRE_SRV, SET_FOUND, COVEN_SECURE, target, 11);
	put(&w, "_sip._udp.x", WIRE_SRV, SET_FOUND, COVEN_SECURE, target, 11);
	is_int(run(&w, &p, "x", false), COVEN_RESOLVE_DOWN, "TLSA fails in a signed zone: down");
	is_int((int)p.count, 0, "and no hop");
	forget(&w);
	/* errors are no absence */
	put(&w, "x", WIRE_NAPTR, SET_BOGUS, 0, NULL, 0);
	is_int(run(&w, &p, "x", false), COVEN_RESOLVE_BOGUS, "NAPTR is bogus");
	forget(&w);
	put(&w, "x", WIRE_NAPTR, SET_DOWN, 0, NULL, 0);
	is_int(run(&w, &p, "x", false), PLAN_WAIT, "NAPTR fails: the verdict of SRV is waited for");
	put(&w, "_sips._tcp.x", WIRE_SRV, SET_EMPTY, COVEN_SECURE, NULL, 0);
	is_int(run(&w, &p, "x", false), COVEN_RESOLVE_DOWN, "the zone is signed: down");
	set_done(w.sets[--w.count]);
	put(&w, "_sips._tcp.x", WIRE_SRV, SET_EMPTY, COVEN_INSECURE, NULL, 0);
	is_int(run(&w, &p, "x", false), PLAN_WAIT, "it is not: go on");
	forget(&w);
	put(&w, "x", WIRE_NAPTR, SET_NONE, COVEN_SECURE, NULL, 0);
	is_int(run(&w, &p, "x", false), COVEN_RESOLVE_NONE, "there is no such name");
	forget(&w);
	is_int(run(&w, &p, "printer.local", false), COVEN_RESOLVE_NONE, "a local name");
	is_int((int)w.missing, 0, "is not asked for");
	is_int(run(&w, &p, "localhost", false), COVEN_RESOLVED, "localhost");
	is_int((int)w.missing, 0, "neither");
}

int
main(void)
{
	names();
	records();
	draws();
	caching();
	plans();
	return done();
}
