/* SPDX-License-Identifier: GPL-3.0-or-later */
/* desk: a search holds every set that it has seen, so that nothing changes under it, and runs its plan again whenever
 * another has come. */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAX 160
#define HURRY_MS 800 /* nothing has come for so long: what is there will do */
#define OVERDUE_MS 2000 /* after its time is over nothing can come any more */
#define RETRY_MS 1000
#define GOOD_MOST 86400000
/* types that ask for several: TKEY to ANY */
#define FIRST_META 249
#define LAST_META 255

struct held {
	struct cache_wait wait; /* first */
	struct held *next;
	struct search *search;
	struct set *set; /* NULL: waits */
	uint16_t type;
};

struct search {
	struct search *next, **back;
	struct desk *desk;
	desk_fn *done;
	uint64_t tag;
	coven_timer hurry;
	int64_t deadline_ms; /* 0: nothing was asked yet */
	unsigned asked;
	uint16_t type; /* of records; 0: a plan */
	struct plan_question ask; /* of records: the host */
	size_t count;
	struct held *held;
};

static const struct set over = { .state = SET_OVER, .name = "", .owner = "", .why = "too many questions",
	                         .expires_ms = INT64_MAX };
static const struct set busy = { .state = SET_BUSY, .name = "", .owner = "", .why = "too many questions wait",
	                         .expires_ms = INT64_MAX };

static void
end(struct search *s)
{
	while (s->held) {
		struct held *h = s->held;

		s->held = h->next;
		cache_unwait(&h->wait);
		set_done(h->set);
		free(h);
	}
	if (s->hurry)
		coven_cancel(s->desk->in, s->hurry);
	*s->back = s->next;
	if (s->next)
		s->next->back = s->back;
	s->desk->search_count--;
	free(s);
}

/* -- sets for a plan */

static struct held *
find_held(struct search *s, const char *name, uint16_t type)
{
	struct held *h = s->held;

	while (h && (h->type != type || strcmp(h->set ? h->set->name : h->wait.name, name) != 0))
		h = h->next;
	return h;
}

static void
hold(struct search *s, struct held *h)
{
	h->next = s->held;
	s->held = h;
	s->count++;
}

/* Puts the question, or joins those who wait for its answer. */
static const struct set *
ask(struct search *s, struct held *h, const char *name, uint16_t type)
{
	struct desk *d = s->desk;
	bool fresh;

	if (!s->deadline_ms)
		s->deadline_ms = engine_now_ms() + d->options->engine.time_limit;
	if (cache_wait(d->cache, name, type, &h->wait, &fresh) != 0) {
		free(h);
		return &busy;
	}
	if (fresh && engine_ask(d->engine, &d->seat, name, type, s->deadline_ms) != 0) {
		cache_forget(d->cache, &h->wait);
		free(h);
		return &busy;
	}
	s->asked++;
	hold(s, h);
	return NULL;
}

static const struct set *
get(void *arg, const char *name, uint16_t type, unsigned limit)
{
	struct search *s = arg;
	struct held *h = find_held(s, name, type);
	struct set *set;

	if (h)
		return h->set;
	set = s->count < HELD_MAX ? cache_get(s->desk->cache, name, type, coven_now_ms(s->desk->in)) : NULL;
	if (!set && (s->count >= HELD_MAX || s->asked >= limit))
		return &over;
	h = calloc(1, sizeof *h);
	if (!h) {
		set_done(set);
		return &busy;
	}
	h->search = s;
	h->type = type;
	h->set = set;
	if (!set)
		return ask(s, h, name, type);
	hold(s, h);
	return set;
}

/* -- running */

static void
tell(struct search *s, struct finding *found)
{
	struct desk *d = s->desk;

	if (found->good_ms < 0)
		found->good_ms = 0;
	if (found->good_ms > GOOD_MOST)
		found->good_ms = GOOD_MOST;
	if (found->result == COVEN_RESOLVE_BUSY)
		found->retry_ms = RETRY_MS;
	d->done++;
	s->done(d->in, s->tag, found);
	end(s);
}

static int
result_of_set(const struct set *set)
{
	switch ((enum set_state)set->state) {
	case SET_FOUND:
		return COVEN_RESOLVED;
	case SET_EMPTY:
	case SET_NONE:
		return COVEN_RESOLVE_NONE;
	case SET_BOGUS:
		return COVEN_RESOLVE_BOGUS;
	case SET_DOWN:
		return COVEN_RESOLVE_DOWN;
	case SET_BUSY:
	case SET_OVER:
		return COVEN_RESOLVE_BUSY;
	}
	return COVEN_RESOLVE_DOWN;
}

static void on_hurry(struct coven_instance *in, void *arg);

static void
wait_more(struct search *s)
{
	if (s->hurry)
		coven_cancel(s->desk->in, s->hurry);
	s->hurry = coven_after(s->desk->in, HURRY_MS, on_hurry, s);
}

static void
run_records(struct search *s)
{
	struct finding found = { .set = get(s, s->ask.host, s->type, PLAN_ALL) };

	if (!found.set)
		return;
	found.result = result_of_set(found.set);
	found.why = found.set->why;
	found.good_ms = found.set->expires_ms - coven_now_ms(s->desk->in);
	tell(s, &found);
}

static void
run(struct search *s)
{
	struct plan *p = &s->desk->plan;
	struct finding found = { .plan = p, .draw = s->ask.draw, .why = p->why };

	if (s->type) {
		run_records(s);
		return;
	}
	p->source = (struct plan_source){ s, get };
	p->ask = s->ask;
	found.result = plan_run(p);
	s->ask.idle = false;
	if (found.result == PLAN_WAIT) {
		wait_more(s);
		return;
	}
	found.good_ms = p->until_ms == INT64_MAX ? GOOD_MOST : p->until_ms - coven_now_ms(s->desk->in);
	tell(s, &found);
}

static void
on_hurry(struct coven_instance *in, void *arg)
{
	struct search *s = arg;
	struct finding found = { .result = COVEN_RESOLVE_DOWN, .why = "no answer in time" };

	s->hurry = 0;
	s->ask.hurry = s->ask.idle = true;
	if (engine_now_ms() < s->deadline_ms + OVERDUE_MS)
		run(s);
	else
		tell(s, &found);
}

/* -- answers */

static void
arrived(struct desk *d, struct set *set)
{
	struct cache_wait *wait;

	set->references++;
	wait = cache_put(d->cache, set, coven_now_ms(d->in));
	while (wait) {
		struct held *h = (struct held *)wait;

		wait = wait->next;
		h->set = set;
		set->references++;
		run(h->search); /* it may be gone after this */
	}
	set_done(set);
}

static void
woken(struct coven_instance *in, void *arg)
{
	struct desk *d = coven_self(in);
	struct set *set = engine_take(d->engine, &d->seat);

	while (set) {
		struct set *next = set->next;

		arrived(d, set);
		set = next;
	}
}

/* -- questions */

static struct search *
begin(struct desk *d, desk_fn *done, uint64_t tag)
{
	struct search *s = d->search_count < DESK_SEARCHES_MAX ? malloc(sizeof *s) : NULL;
	struct finding found = { .result = COVEN_RESOLVE_BUSY, .retry_ms = RETRY_MS, .why = "too many questions wait" };

	if (!s) {
		done(d->in, tag, &found);
		return NULL;
	}
	*s = (struct search){ .desk = d, .done = done, .tag = tag };
	s->next = d->searches;
	s->back = &d->searches;
	if (s->next)
		s->next->back = &s->next;
	d->searches = s;
	d->search_count++;
	return s;
}

static void
refuse(struct search *s, int result, const char *why)
{
	struct finding found = { .result = result, .good_ms = GOOD_MOST, .why = why };

	tell(s, &found);
}

/* -1: none that could be. */
static int
read_host(struct search *s, struct coven_slice host)
{
	struct wire_name name;

	return wire_name_read(host, &name) != 0 || wire_name_text(&name, s->ask.host) != 0 ? -1 : 0;
}

void
desk_resolve(struct desk *d, const struct coven_question *q, desk_fn *done, uint64_t tag)
{
	struct search *s = begin(d, done, tag);

	if (!s)
		return;
	s->ask = (struct plan_question){ .transport = PLACE_UNKNOWN, .allowed = d->transports, .port = q->port, .from = q->from,
		                         .sips = q->sips, .no_ipv6 = !d->options->ipv6,
		                         .draw = q->draw ? q->draw : draw_next(&d->draw) | 1 };
	if (q->transport.length)
		s->ask.transport = place_transport(q->transport);
	if (q->transport.length && s->ask.transport == PLACE_UNKNOWN)
		refuse(s, COVEN_RESOLVE_NO_SERVICE, "the transport is not one of ours");
	else if (!place_number(q->host, &s->ask.number) && read_host(s, q->host) != 0)
		refuse(s, COVEN_RESOLVE_NONE, "not a name that the DNS could have");
	else
		run(s);
}

void
desk_records(struct desk *d, struct coven_slice name, uint16_t type, desk_fn *done, uint64_t tag)
{
	struct search *s = begin(d, done, tag);

	if (!s)
		return;
	s->type = type;
	if (type == 0 || (type >= FIRST_META && type <= LAST_META) || read_host(s, name) != 0 ||
	    place_kind(s->ask.host) != PLACE_NAME)
		refuse(s, COVEN_RESOLVE_NONE, "not a name or type that the DNS could have");
	else
		run(s);
}

/* -- life */

static unsigned
transports_of(const struct dns_options *o)
{
	const struct coven_slice *names = o->transports.at;
	unsigned bits = 0;

	for (size_t i = 0; i < o->transports.count; i++)
		bits |= 1U << place_transport(names[i]);
	return bits & PLACE_ALL;
}

struct desk *
desk_new(struct coven_instance *in, struct engine *engine, const struct dns_options *options)
{
	struct desk *d = calloc(1, sizeof *d);
	uint64_t seeds[2];

	if (!d)
		return NULL;
	coven_random(seeds, sizeof seeds);
	d->in = in;
	d->engine = engine;
	d->options = options;
	d->draw.state = seeds[0];
	d->transports = transports_of(options);
	d->cache = cache_new((size_t)options->cache, seeds[1]);
	d->seat = (struct seat){ .in = in, .box = coven_mailbox_new(in), .wake = woken };
	d->seated = d->cache && d->seat.box && engine_sit(engine, &d->seat) == 0;
	if (d->seated)
		return d;
	desk_free(d);
	return NULL;
}

void
desk_free(struct desk *d)
{
	while (d->searches)
		end(d->searches);
	if (d->seated)
		engine_rise(d->engine, &d->seat);
	if (d->seat.box)
		coven_mailbox_done(d->seat.box);
	cache_free(d->cache);
	free(d);
}
