/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan: from a host to groups of SRV records, one for each transport, and through them target by target.
 *
 * The rule above all: an error of DNS is never read as "there is none".  Where a name might be secured by DANE and that
 * cannot be found out, no hop without TLS is given. */
#include "plan.h"
#include "draw.h"
#include "plan_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a step says. */
enum { GO_ON = -2, STOP = -3 }; /* STOP: what is there is the answer; else a result, or PLAN_WAIT */

struct group {
	enum place_transport transport;
	bool chain;
	char name[WIRE_HOST_MAX + 1]; /* of its SRV records */
};

struct groups {
	size_t count;
	struct group list[PLAN_NAPTR_MAX];
};

static unsigned
later_limit(const struct plan *p)
{
	return p->ask.from ? PLAN_ALL : PLAN_FIRST;
}

static int
no_service(struct plan *p, const char *why)
{
	snprintf(p->why, sizeof p->why, "%s", why);
	return COVEN_RESOLVE_NO_SERVICE;
}

/* There is something to give: then what is not known yet can wait for the next question. */
static int
pause_here(struct walk *w, int otherwise)
{
	if (!w->fresh)
		return otherwise;
	w->plan->more = true;
	return STOP;
}

static int
over(struct walk *w)
{
	if (w->fresh)
		return pause_here(w, STOP);
	snprintf(w->plan->why, sizeof w->plan->why, "it takes more than %d questions", PLAN_ALL);
	return COVEN_RESOLVE_DOWN;
}

/* -- numbers, and hosts that are asked for their addresses alone */

static void
put_plain(struct plan *p, enum place_transport transport, struct coven_address address, struct coven_slice name)
{
	if (p->total++ < p->ask.from)
		return;
	p->hops[p->count++] = (struct coven_hop){ .address = address, .transport = coven_text(place_transport_name(transport)),
		                                  .name = name, .proof = COVEN_INSECURE, .tlsa_proof = COVEN_INSECURE };
}

static int
number(struct plan *p, enum place_transport transport, uint16_t port)
{
	struct coven_address a = p->ask.number;

	a.port = port;
	put_plain(p, transport, a, (struct coven_slice){ NULL, 0 });
	return p->count ? COVEN_RESOLVED : COVEN_RESOLVE_NONE;
}

static int
here(struct plan *p, enum place_transport transport, uint16_t port)
{
	if (!p->ask.no_ipv6)
		put_plain(p, transport, (struct coven_address){ .ip[15] = 1, .port = port, .family = 6 }, coven_text(p->ask.host));
	put_plain(p, transport, (struct coven_address){ .ip = { 127, 0, 0, 1 }, .port = port, .family = 4 },
	          coven_text(p->ask.host));
	return p->count ? COVEN_RESOLVED : COVEN_RESOLVE_NONE;
}

static int
addresses(struct walk *w, enum place_transport transport, uint16_t port, bool chain)
{
	struct plan *p = w->plan;
	struct target t = { .name = p->ask.host, .port = port, .transport = transport, .chain = chain, .direct = true,
		            .limit = PLAN_ALL, .lot = p->ask.draw };
	struct found f;

	switch (target_find(w, &t, &f)) {
	case TARGET_WAIT:
		return PLAN_WAIT;
	case TARGET_OVER:
		return over(w);
	case TARGET_FAILED:
		return w->error;
	case TARGET_NONE:
		snprintf(p->why, sizeof p->why, w->nowhere ? "there is no such name" : "the name has no address");
		return w->nowhere ? COVEN_RESOLVE_NONE : COVEN_RESOLVE_NO_SERVICE;
	case TARGET_FOUND:
		break;
	}
	target_put(w, &t, &f);
	return p->count ? COVEN_RESOLVED : COVEN_RESOLVE_NONE;
}

static int
direct(struct walk *w, enum place_transport transport, uint16_t port, bool chain)
{
	struct plan *p = w->plan;

	if (port == 0)
		port = place_port(transport);
	if (!*p->ask.host)
		return number(p, transport, port);
	if (place_kind(p->ask.host) == PLACE_HERE)
		return here(p, transport, port);
	return addresses(w, transport, port, chain);
}

/* -- SRV records */

static bool
seen(const struct wire_srv *targets, size_t count, const struct wire_srv *one)
{
	for (size_t i = 0; i < count; i++)
		if (targets[i].port == one->port && strcmp(targets[i].target, one->target) == 0)
			return true;
	return false;
}

/* Those that can be; a target "." says that there is no such service. */
static size_t
read_targets(struct walk *w, const struct set *set, struct wire_srv *targets)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count && count < PLAN_SRV_MAX; i++) {
		struct wire_srv *one = &targets[count];

		if (wire_srv(set->rdata[i], one) != 0)
			continue;
		if (!*one->target)
			w->refused = true;
		else if (one->port && place_kind(one->target) == PLACE_NAME && !seen(targets, count, one))
			count++;
	}
	w->srv = true;
	return count;
}

static struct target
target_of(const struct walk *w, const struct group *g, const struct set *set, const struct wire_srv *srv, unsigned limit)
{
	return (struct target){ .name = srv->target, .port = srv->port, .priority = srv->priority, .weight = srv->weight,
		                .transport = g->transport, .chain = g->chain && set->proof == COVEN_SECURE,
		                .limit = limit, .lot = w->plan->ask.draw };
}

static void
ask_ahead(struct walk *w, const struct group *g, const struct set *set, const struct wire_srv *targets, size_t count)
{
	size_t ahead = PLAN_TARGETS - w->fresh;

	for (size_t i = 0; i < count && i < ahead; i++) {
		unsigned limit = i == 0 && !w->fresh ? PLAN_ALL : later_limit(w->plan);
		struct target t = target_of(w, g, set, &targets[i], limit);

		target_ask(w, &t);
	}
}

static int
walk_targets(struct walk *w, const struct group *g, const struct set *set, const struct wire_srv *targets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned limit = w->fresh ? later_limit(w->plan) : PLAN_ALL;
		struct target t = target_of(w, g, set, &targets[i], limit);
		struct found f;

		if (w->fresh == PLAN_TARGETS)
			return pause_here(w, STOP);
		if (w->plan->total >= COVEN_HOPS_MAX)
			return STOP;
		ask_ahead(w, g, set, targets + i, count - i);
		switch (target_find(w, &t, &f)) {
		case TARGET_WAIT:
			return w->plan->ask.idle ? pause_here(w, PLAN_WAIT) : PLAN_WAIT;
		case TARGET_OVER:
			return over(w);
		case TARGET_FOUND:
			target_put(w, &t, &f);
			break;
		case TARGET_NONE:
		case TARGET_FAILED: /* of this target alone; it is said if there is no other */
			break;
		}
	}
	return GO_ON;
}

static int
srv_records(struct walk *w, const struct group *g, const struct set **set)
{
	*set = walk_get(w, g->name, WIRE_SRV, PLAN_ALL);
	if (!*set)
		return PLAN_WAIT;
	if ((*set)->state == SET_OVER)
		return over(w);
	if (set_failed(*set)) {
		walk_fail(w, *set);
		return w->error;
	}
	walk_use(w, *set);
	return GO_ON;
}

/* -- whether the name has secure TLSA records that can be used */

static int
dane_of_group(struct walk *w, const struct group *g)
{
	struct wire_srv targets[PLAN_SRV_MAX];
	const struct set *set;
	size_t count;
	int step = srv_records(w, g, &set), waits = GO_ON;

	if (step != GO_ON || set->state != SET_FOUND || !g->chain || set->proof != COVEN_SECURE)
		return step;
	count = read_targets(w, set, targets);
	for (size_t i = 0; i < count; i++) {
		struct target t = target_of(w, g, set, &targets[i], PLAN_ALL);

		target_ask(w, &t);
	}
	for (size_t i = 0; i < count && !w->plan->dane; i++) {
		struct target t = target_of(w, g, set, &targets[i], PLAN_ALL);
		struct found f;

		switch (target_find(w, &t, &f)) {
		case TARGET_WAIT:
			waits = PLAN_WAIT;
			break;
		case TARGET_OVER:
			return over(w);
		case TARGET_FAILED:
			return w->error;
		case TARGET_FOUND:
			w->plan->dane |= target_has_dane(&f);
			break;
		case TARGET_NONE:
			break;
		}
	}
	return w->plan->dane ? GO_ON : waits;
}

/* GO_ON: plan->dane says it. */
static int
settle_dane(struct walk *w, const struct groups *groups)
{
	for (size_t i = 0; i < groups->count && !w->plan->dane; i++) {
		int step = groups->list[i].transport == PLACE_TLS ? dane_of_group(w, &groups->list[i]) : GO_ON;

		if (step != GO_ON)
			return step;
	}
	return GO_ON;
}

static int
walk_group(struct walk *w, const struct groups *groups, const struct group *g)
{
	struct draw draw = { w->plan->ask.draw + (uint64_t)(g - groups->list) };
	struct wire_srv targets[PLAN_SRV_MAX];
	const struct set *set;
	size_t count;
	int step;

	if (w->fresh) /* other transports are looked at when these have failed */
		return pause_here(w, STOP);
	step = g->transport == PLACE_TLS ? GO_ON : settle_dane(w, groups);
	if (step == GO_ON)
		step = srv_records(w, g, &set);
	if (step != GO_ON)
		return step;
	if (set->state != SET_FOUND) {
		if (set->proof < w->plan->proof)
			w->plan->proof = set->proof;
		return GO_ON;
	}
	count = read_targets(w, set, targets);
	draw_order(&draw, targets, count);
	return walk_targets(w, g, set, targets, count);
}

/* -- where SRV records are: by NAPTR, or by our own order */

static void
add_group(const struct plan *p, struct groups *groups, enum place_transport t, bool chain)
{
	struct group *g = &groups->list[groups->count];
	int length = snprintf(g->name, sizeof g->name, "%s%s", place_prefix(t), p->ask.host);

	g->transport = t;
	g->chain = chain;
	if (length < WIRE_HOST_MAX)
		groups->count++;
}

static void
own_groups(const struct plan *p, struct groups *groups, bool chain)
{
	groups->count = 0;
	for (unsigned t = 0; t < PLACE_TRANSPORTS; t++)
		if (p->ask.allowed >> t & 1)
			add_group(p, groups, (enum place_transport)t, chain);
}

static bool
same_text(struct coven_slice s, const char *text)
{
	return s.length == strlen(text) && strncasecmp(s.at, text, s.length) == 0;
}

static enum place_transport
naptr_transport(const struct wire_naptr *n)
{
	if (!same_text(n->flags, "s") || n->regexp.length || !*n->replacement)
		return PLACE_UNKNOWN;
	if (same_text(n->service, "SIPS+D2T"))
		return PLACE_TLS;
	if (same_text(n->service, "SIP+D2T"))
		return PLACE_TCP;
	return same_text(n->service, "SIP+D2U") ? PLACE_UDP : PLACE_UNKNOWN;
}

static int
compare_naptr(const void *left, const void *right)
{
	const struct wire_naptr *a = left, *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return (int)naptr_transport(a) - (int)naptr_transport(b);
}

/* Those that we can use, in their order.  None: as if there were no NAPTR records. */
static void
naptr_groups(const struct plan *p, const struct set *set, struct groups *groups)
{
	struct wire_naptr list[PLAN_NAPTR_MAX];
	size_t count = 0;

	groups->count = 0;
	for (size_t i = 0; i < set->count && count < PLAN_NAPTR_MAX; i++) {
		enum place_transport t;

		if (wire_naptr(set->rdata[i], &list[count]) != 0)
			continue;
		t = naptr_transport(&list[count]);
		if (t != PLACE_UNKNOWN && p->ask.allowed >> t & 1)
			count++;
	}
	qsort(list, count, sizeof *list, compare_naptr);
	for (size_t i = 0; i < count; i++) {
		struct group *g = &groups->list[groups->count++];

		*g = (struct group){ .transport = naptr_transport(&list[i]), .chain = set->proof == COVEN_SECURE };
		memcpy(g->name, list[i].replacement, sizeof g->name);
	}
}

/* NAPTR has failed, or does not come: if the zone provably is not signed, servers that do not know the type are forgiven. */
static int
without_naptr(struct walk *w, const struct set *naptr, const struct set *srv, bool asked)
{
	if (srv && !set_failed(srv) && srv->proof == COVEN_INSECURE)
		return GO_ON;
	if (!naptr || (!srv && asked))
		return PLAN_WAIT;
	walk_fail(w, naptr);
	if (srv && srv->state == SET_BOGUS)
		walk_fail(w, srv);
	return w->error;
}

static int
find_groups(struct walk *w, struct groups *groups)
{
	struct plan *p = w->plan;
	const struct set *naptr = walk_get(w, p->ask.host, WIRE_NAPTR, PLAN_ALL), *first = NULL;
	bool chain = naptr && !set_failed(naptr) && naptr->proof == COVEN_SECURE;

	/* The first SRV records are asked for at the same time: most names have them where NAPTR would point. */
	own_groups(p, groups, chain);
	if (groups->count)
		first = walk_get(w, groups->list[0].name, WIRE_SRV, PLAN_ALL);
	if (!naptr)
		return p->ask.hurry ? without_naptr(w, NULL, first, true) : PLAN_WAIT;
	if (naptr->state == SET_DOWN)
		return without_naptr(w, naptr, first, groups->count > 0);
	if (set_failed(naptr)) {
		walk_fail(w, naptr);
		return w->error;
	}
	walk_use(w, naptr);
	p->proof = naptr->proof < p->proof ? naptr->proof : p->proof;
	if (naptr->state == SET_NONE && chain) {
		snprintf(p->why, sizeof p->why, "there is no such name");
		return COVEN_RESOLVE_NONE; /* and nothing below it: RFC 8020 */
	}
	if (naptr->state == SET_FOUND)
		naptr_groups(p, naptr, groups);
	if (!groups->count)
		own_groups(p, groups, chain);
	return GO_ON;
}

/* All groups have been walked. */
static int
finish(struct walk *w, enum place_transport transport, const struct groups *groups)
{
	struct plan *p = w->plan;

	if (p->count)
		return COVEN_RESOLVED;
	if (w->error)
		return w->error;
	if (w->refused && !p->total)
		return no_service(p, "its SRV records say that there is no such service");
	if (p->total)
		return COVEN_RESOLVE_NONE;
	if (w->srv)
		return no_service(p, "the targets of its SRV records have no address");
	return direct(w, transport, 0, groups->count == 0 || groups->list[0].chain);
}

/* The transport when neither NAPTR nor SRV says one. */
static enum place_transport
usual_transport(const struct plan *p)
{
	if (p->ask.sips)
		return PLACE_TLS;
	for (unsigned t = PLACE_TRANSPORTS; t-- > 0;)
		if (p->ask.allowed >> t & 1)
			return (enum place_transport)t;
	return PLACE_UNKNOWN;
}

static int
by_name(struct walk *w, enum place_transport given)
{
	struct plan *p = w->plan;
	struct groups groups = { .count = 0 };
	int step = GO_ON;

	if (given != PLACE_UNKNOWN)
		add_group(p, &groups, given, true);
	else
		step = find_groups(w, &groups);
	for (size_t i = 0; i < groups.count && step == GO_ON; i++)
		step = walk_group(w, &groups, &groups.list[i]);
	if (step == STOP || step == GO_ON)
		return finish(w, given != PLACE_UNKNOWN ? given : usual_transport(p), &groups);
	return step;
}

int
plan_run(struct plan *p)
{
	struct walk w = { .plan = p };
	enum place_transport given = p->ask.transport;

	p->count = p->total = p->tlsa_used = 0;
	p->more = p->dane = false;
	p->until_ms = INT64_MAX;
	p->proof = COVEN_SECURE;
	*p->why = 0;
	if (p->ask.sips) {
		p->ask.allowed &= 1 << PLACE_TLS;
		if (given == PLACE_TCP)
			given = PLACE_TLS; /* sips over TCP is TLS: RFC 3261 26.2.2 */
	}
	if (usual_transport(p) == PLACE_UNKNOWN || !p->ask.allowed || (given != PLACE_UNKNOWN && !(p->ask.allowed >> given & 1)))
		return no_service(p, "the transport is not one of ours");
	if (*p->ask.host && place_kind(p->ask.host) == PLACE_NOWHERE) {
		snprintf(p->why, sizeof p->why, "such names are not asked for");
		return COVEN_RESOLVE_NONE;
	}
	if (!*p->ask.host || p->ask.port || place_kind(p->ask.host) == PLACE_HERE)
		return direct(&w, given != PLACE_UNKNOWN ? given : usual_transport(p), p->ask.port, true);
	return by_name(&w, given);
}
