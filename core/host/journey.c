/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journey: ask, judge, try. */
#include "host/journey.h"
#include "base/text.h"
#include "host/hold.h"
#include "host/hops.h"
#include "host/launch.h"
#include "host/resolve.h"
#include "net/tls.h"
#include <coven/tls_policy.h>
#include <string.h>

#define RETRY_AFTER_MOST_MS 300000

/* An address that may be tried. */
struct way {
	const struct net_transport *transport;
	struct coven_address address;
	struct net_tls_demand *demand; /* NULL: no TLS */
};

struct journey {
	struct coven_question question;
	uint64_t name;                 /* of what is asked now, in host->journeys; 0: nothing */
	struct coven_branch *asking;   /* who waits for it */
	struct coven_hops hops;        /* that came last, until they are judged */
	struct way ways[COVEN_HOPS_MAX];
	size_t count, next;
	bool more;                     /* the resolver has others */
	bool answered;                 /* somebody there has given a final answer */
	unsigned live;                 /* attempts that are under way */
	unsigned refused;              /* hops that the policy does not let us use */
	struct coven_slice why;        /* it says */
};

static struct journey *
journey_of(const struct coven_branch *b)
{
	return b->target->host;
}

static struct host_branch *
attempt(const struct coven_branch *b)
{
	return b->host;
}

bool
journey_has_begun(const struct coven_branch *b)
{
	return b->target->host != NULL;
}

/* -- the answers, kept */

static const struct coven_slice *
names_of(const struct journey *j, const struct coven_hop *hop, uint8_t level, struct arena *arena, size_t *count)
{
	struct coven_slice *names = arena_alloc(arena, 2 * sizeof *names);

	if (!names)
		return NULL;
	names[0] = j->question.host;
	names[1] = hop->name;
	/* the way to the host is proven: it may speak for the domain (RFC 7673 4.2) */
	*count = level == COVEN_TLS_DANE && hop->proof == COVEN_SECURE && hop->name.length ? 2 : 1;
	return names;
}

static struct net_tlsa *
records_of(const struct coven_hop *hop, struct arena *arena)
{
	struct net_tlsa *records = arena_alloc(arena, hop->tlsa_count * sizeof *records);

	for (size_t i = 0; records && i < hop->tlsa_count; i++)
		records[i] = (struct net_tlsa){ hop->tlsa[i].usage, hop->tlsa[i].selector, hop->tlsa[i].matching,
		                                hop->tlsa[i].data };
	return records;
}

/* Our own certificate is that of the domain for which we ask. */
static struct coven_slice
our_domain(const struct coven_request *r)
{
	struct sip_uri from;

	if (uri_parse(sip_slice(&r->message, r->message.from_uri), &from) != 0 || !self_is_domain(r->tx->self, from.host))
		return (struct coven_slice){ NULL, 0 };
	return from.host;
}

static struct net_tls_demand *
demand_of(const struct journey *j, const struct coven_request *r, const struct coven_hop *hop, uint8_t level)
{
	struct net_tls_demand *d = arena_zero(r->arena, sizeof *d);

	if (!d)
		return NULL;
	d->domain = our_domain(r);
	d->host = hop->name.length ? hop->name : j->question.host;
	if (level == COVEN_TLS_ANY)
		return d;
	d->level = level == COVEN_TLS_DANE ? NET_TLS_DANE : NET_TLS_NAMES;
	d->names = names_of(j, hop, level, r->arena, &d->name_count);
	if (level == COVEN_TLS_DANE) {
		d->tlsa = records_of(hop, r->arena);
		d->tlsa_count = hop->tlsa_count;
	}
	return d->names && (d->tlsa || level != COVEN_TLS_DANE) ? d : NULL;
}

/* No memory for what is to be demanded: then the address is none for us. */
static void
add_way(struct journey *j, const struct coven_branch *b, const struct coven_hop *hop, uint8_t level)
{
	struct way *w = &j->ways[j->count];

	*w = (struct way){ net_transport_named(hop->transport), hop->address, NULL };
	if (level == COVEN_TLS_REFUSE || !w->transport) {
		j->refused++;
		return;
	}
	if (j->count == COVEN_HOPS_MAX || !resolve_allows(b, &hop->address))
		return;
	if (level != COVEN_TLS_PLAIN && !(w->demand = demand_of(j, b->request, hop, level)))
		return;
	j->count++;
}

/* -- asking */

static struct coven_branch *
answered(struct journey *j, struct host *h)
{
	struct coven_branch *b = j->asking;

	names_remove(h->journeys, j->name);
	j->name = 0;
	j->asking = NULL;
	return b;
}

static void
judged(struct coven_instance *in, uint64_t tag, const struct coven_tls_judgement *judgement)
{
	struct journey *j = names_get(in->host->journeys, tag);
	struct coven_branch *b;

	if (!j)
		return;
	b = answered(j, in->host);
	for (size_t i = 0; i < j->hops.count; i++)
		add_way(j, b, coven_hop_at(&j->hops, i), i < judgement->count ? judgement->levels[i] : COVEN_TLS_REFUSE);
	if (judgement->why.length)
		j->why = arena_dup(b->request->arena, judgement->why);
	else if (!judgement->count)
		j->why = TEXT("no plugin says which connections are good enough (tls-policy)");
	journey_go_on(b);
}

static const struct {
	unsigned status;
	const char *what;
} results[] = {
	[COVEN_RESOLVE_NONE] = { 404, "there is no such domain" },
	[COVEN_RESOLVE_NO_SERVICE] = { 480, "takes no calls" },
	[COVEN_RESOLVE_BOGUS] = { 502, "DNSSEC says that the answers are forged or broken" },
	[COVEN_RESOLVE_DOWN] = { 504, "no name server answers" },
	[COVEN_RESOLVE_BUSY] = { 503, "too many questions wait" },
};

/* The domain is named where the owner asks for details only; why it failed, always. */
static void
tell(struct host *h, const struct journey *j, const char *what, struct coven_slice why)
{
	log_often(&h->unreached, LOG_LEVEL_WARN, "route", "a domain cannot be called: %s%s%.*s", what, why.length ? ": " : "",
	          TEXT_ARG(why));
	log_often(&h->unreached_name, LOG_LEVEL_DEBUG, "route", "%.*s: %s%s%.*s", TEXT_ARG(j->question.host), what,
	          why.length ? ": " : "", TEXT_ARG(why));
}

static void
resolved(struct coven_instance *in, uint64_t tag, int result, const struct coven_hops *hops)
{
	struct host *h = in->host;
	struct journey *j = names_get(h->journeys, tag);
	struct coven_branch *b;
	struct coven_tls_way way = { .size = sizeof way };

	if (!j)
		return;
	if (result == COVEN_RESOLVED && hops_copy(&j->hops, hops, j->asking->request->arena) == 0) {
		j->more = hops->more;
		j->question.from = (uint16_t)(j->question.from + hops->count);
		j->question.draw = hops->draw;
		way.domain = j->question.host;
		way.sips = j->question.sips;
		way.hops = &j->hops;
		coven_tls_judge(in, &way, judged, tag);
		return;
	}
	j->more = false;
	b = answered(j, h);
	if (j->question.from) { /* there were others, and they were tried */
		journey_go_on(b);
		return;
	}
	if (result < COVEN_RESOLVE_NONE || result > COVEN_RESOLVE_BUSY)
		result = COVEN_RESOLVE_DOWN;
	tell(h, j, results[result].what, hops->why);
	branch_fail(b, results[result].status, BRANCH_REFUSED_HERE);
}

static int
ask(struct journey *j, struct coven_branch *b)
{
	struct host *h = host_of(b->request);

	j->name = names_add(h->journeys, j);
	if (!j->name)
		return -1;
	j->asking = b;
	coven_resolve(&h->core, &j->question, resolved, j->name);
	return 0;
}

unsigned
journey_begin(struct coven_branch *b, const struct coven_question *question)
{
	struct arena *arena = b->request->arena;
	struct journey *j = arena_zero(arena, sizeof *j);

	if (!j)
		return 500;
	j->question = *question;
	j->question.size = sizeof j->question;
	j->question.host = arena_dup(arena, question->host);
	if (question->transport.length)
		j->question.transport = arena_dup(arena, question->transport);
	j->live = 1;
	b->target->host = j;
	return j->question.host.at && ask(j, b) == 0 ? 0 : 503;
}

/* -- trying */

static bool
next_way(struct journey *j, struct host *h)
{
	for (; j->next < j->count; j->next++)
		if (hold_lets(h->holds, j->ways[j->next].transport, &j->ways[j->next].address, loop_now(h->loop)))
			return true;
	return false;
}

/* All have been tried, or none may be. */
static void
give_up(struct coven_branch *b)
{
	struct journey *j = journey_of(b);

	if (j->count)
		branch_fail(b, 503, BRANCH_UNREACHED);
	else {
		tell(host_of(b->request), j, "none of its addresses may be used", j->why);
		branch_fail(b, j->question.sips ? 480 : 502, BRANCH_REFUSED_HERE);
	}
}

void
journey_go_on(struct coven_branch *b)
{
	struct journey *j = journey_of(b);
	struct host_branch *hb = state_of_branch(b);
	const struct way *w;

	if (!hb) {
		branch_fail(b, 500, BRANCH_REFUSED_HERE);
		return;
	}
	if (!next_way(j, host_of(b->request))) {
		if (!j->more || ask(j, b) != 0)
			give_up(b);
		return;
	}
	w = hb->way = &j->ways[j->next++];
	launch_hop(b, &(struct branch_hop){ .transport = w->transport, .address = w->address, .demand = w->demand });
}

/* One more attempt, beside or after this one. */
static bool
begin_next(struct coven_branch *b)
{
	struct journey *j = journey_of(b);

	if (j->name || (j->next >= j->count && !j->more))
		return false;
	j->live++;
	if (fork_again(b) == 0)
		return true;
	j->live--;
	return false;
}

/* -- silence */

static void silent(struct timer *t);

static void
wait_for(struct coven_branch *b, int64_t ms)
{
	timer_start(host_of(b->request)->loop, &attempt(b)->silence, ms, silent);
}

static bool
is_connecting(const struct coven_branch *b)
{
	return b->stream && !net_flow_is_up(host_of(b->request)->net, &b->flow);
}

/* It is asked no more, and may still answer: then it is a branch like the others. */
static void
silent(struct timer *t)
{
	struct host_branch *hb = CONTAINER(t, struct host_branch, silence);
	struct coven_branch *b = hb->branch;
	struct host *h = host_of(b->request);
	const struct way *w = hb->way;

	if (b->final || b->state != BRANCH_CALLING)
		return;
	if (hb->connecting && !is_connecting(b)) {
		hb->connecting = false;
		wait_for(b, JOURNEY_SILENT_MS);
		return;
	}
	hold_failed(h->holds, w->transport, &w->address, loop_now(h->loop));
	request_hold(b->request);
	if (begin_next(b))
		branch_quiet(b);
	request_drop(b->request);
}

void
journey_sent(struct coven_branch *b)
{
	struct host_branch *hb = attempt(b);

	if (!hb->way || b->final || b->method_id != SIP_INVITE)
		return;
	hb->connecting = is_connecting(b);
	wait_for(b, hb->connecting ? JOURNEY_CONNECT_MS : JOURNEY_SILENT_MS);
}

/* -- what came of it */

static int64_t
retry_after_ms(const struct sip_message *m)
{
	struct coven_slice text = sip_first(m, SIP_RETRY_AFTER);
	uint64_t seconds = 0;
	size_t digits = 0;

	while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;
	text.length = digits;
	if (!digits || text_number(text, RETRY_AFTER_MOST_MS / 1000, &seconds) != 0)
		return digits ? RETRY_AFTER_MOST_MS : 0;
	return (int64_t)seconds * 1000;
}

void
journey_heard(struct coven_branch *b, const struct sip_message *m)
{
	struct host *h = host_of(b->request);
	const struct way *w = b->host ? attempt(b)->way : NULL;
	int64_t ms;

	if (!w)
		return;
	timer_stop(h->loop, &attempt(b)->silence);
	ms = m->status == 503 ? retry_after_ms(m) : 0;
	if (ms)
		hold_asked(h->holds, w->transport, &w->address, loop_now(h->loop), ms);
	else
		hold_good(h->holds, w->transport, &w->address);
}

/* The target has answered: who was silent until now has nothing more to say. */
static void
end_silent(const struct coven_branch *answered)
{
	struct coven_request *r = answered->request;

	LIST_EACH (&r->branches, at, after) {
		struct coven_branch *b = CONTAINER(at, struct coven_branch, link);

		if (b == answered || b->target != answered->target || b->final || b->state > BRANCH_CALLING)
			continue;
		branch_cancel(b, BRANCH_CANCELLED, (struct coven_slice){ NULL, 0 });
		branch_fail(b, 487, BRANCH_CANCELLED);
	}
}

bool
journey_another(struct coven_branch *b)
{
	struct journey *j = journey_of(b);
	struct host *h = host_of(b->request);
	const struct way *w;

	if (!j)
		return false;
	j->live--;
	w = b->host ? attempt(b)->way : NULL;
	if (w && b->why == BRANCH_UNREACHED)
		hold_failed(h->holds, w->transport, &w->address, loop_now(h->loop));
	if (w && b->status == 503 && begin_next(b))
		return true;
	if (b->has_response && b->status != 503) {
		j->answered = true;
		end_silent(b);
	}
	return j->live > 0 || (j->answered && !b->has_response);
}

void
journey_stop(struct coven_branch *b)
{
	struct journey *j = journey_of(b);

	if (!j)
		return;
	if (j->asking == b)
		answered(j, host_of(b->request));
	if (b->host)
		timer_stop(host_of(b->request)->loop, &attempt(b)->silence);
}
