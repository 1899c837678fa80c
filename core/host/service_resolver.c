/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_resolver: the functions of coven/resolver.h.  What a provider answers is looked at before a caller sees it:
 * a hop that cannot be, or one without TLS for sips, makes the whole answer COVEN_RESOLVE_DOWN. */
#include "host/service.h"
#include "base/text.h"
#include <coven/resolver.h>
#include <string.h>

struct resolver_args {
	struct coven_question question;
	struct coven_slice name;
	uint16_t rrtype;
	/* One of them: how the caller is answered. */
	coven_hops_fn *hops;
	coven_rrset_fn *records;
};

static const struct coven_hops no_hops = { .size = sizeof no_hops, .stride = sizeof(struct coven_hop) };
static const struct coven_rrset no_records = { .size = sizeof no_records };

static struct call *
begin(struct coven_instance *in, uint64_t tag, struct resolver_args **args)
{
	struct call *c = call_new(in, "resolver", COVEN_RESOLVER_VERSION, tag, sizeof **args);

	*args = c ? c->args : NULL;
	return c;
}

static void
answer(struct call *c, int result)
{
	struct resolver_args *a = c->args;

	if (a->hops)
		a->hops(c->caller, c->tag, result, &no_hops);
	else
		a->records(c->caller, c->tag, result, &no_records);
}

static void
down(struct call *c)
{
	answer(c, COVEN_RESOLVE_DOWN);
}

static bool
could_be_name(struct coven_slice name)
{
	return name.at && name.length > 0 && name.length <= COVEN_HOST_MAX;
}

static void
make_resolve(struct call *c)
{
	const struct coven_resolver *ops = c->ops;
	struct resolver_args *a = c->args;

	if (could_be_name(a->question.host))
		ops->resolve(c->provider, c->name, &a->question);
	else
		coven_resolver_answer(c->provider, c->name, COVEN_RESOLVE_NONE, NULL);
}

static void
make_records(struct call *c)
{
	const struct coven_resolver *ops = c->ops;
	struct resolver_args *a = c->args;

	if (could_be_name(a->name))
		ops->records(c->provider, c->name, a->name, a->rrtype);
	else
		coven_resolver_answer_records(c->provider, c->name, COVEN_RESOLVE_NONE, NULL);
}

/* More than a name can have is cut: it is refused all the same, and the copy is bounded. */
static struct coven_slice
copy_name(struct arena *arena, struct coven_slice name)
{
	if (name.length > COVEN_HOST_MAX + 1)
		name.length = COVEN_HOST_MAX + 1;
	return name.at ? arena_dup(arena, name) : name;
}

static void
start(struct call *c, bool whole, void (*make)(struct call *c))
{
	if (!whole)
		c->provider = NULL;
	call_start(c, make, down);
}

void
coven_resolve(struct coven_instance *in, const struct coven_question *question, coven_hops_fn *done, uint64_t tag)
{
	struct resolver_args *a;
	struct call *c = begin(in, tag, &a);
	struct coven_question *q;

	if (!a) {
		done(in, tag, COVEN_RESOLVE_DOWN, &no_hops);
		return;
	}
	a->hops = done;
	q = &a->question;
	memcpy(q, question, question->size < sizeof *q ? question->size : sizeof *q);
	q->size = sizeof *q;
	q->host = copy_name(c->arena, q->host);
	q->transport = copy_name(c->arena, q->transport);
	start(c, !q->host.length == !q->host.at && !q->transport.length == !q->transport.at, make_resolve);
}

void
coven_resolve_records(struct coven_instance *in, struct coven_slice name, uint16_t rrtype, coven_rrset_fn *done,
                      uint64_t tag)
{
	struct resolver_args *a;
	struct call *c = begin(in, tag, &a);

	if (!a) {
		done(in, tag, COVEN_RESOLVE_DOWN, &no_records);
		return;
	}
	*a = (struct resolver_args){ .name = copy_name(c->arena, name), .rrtype = rrtype, .records = done };
	start(c, a->name.at != NULL || !name.length, make_records);
}

/* -- what a provider answers */

static bool
proof_fits(uint8_t proof)
{
	return proof == COVEN_INSECURE || proof == COVEN_SECURE;
}

static bool
tlsa_fits(const struct coven_hop *hop)
{
	if (hop->tlsa_count > COVEN_TLSA_MAX || (hop->tlsa_count && !hop->tlsa))
		return false;
	if (hop->tlsa_count && hop->tlsa_proof != COVEN_SECURE)
		return false;
	for (size_t i = 0; i < hop->tlsa_count; i++)
		if (!hop->tlsa[i].data.at || !hop->tlsa[i].data.length)
			return false;
	return true;
}

static bool
hop_fits(const struct coven_hop *hop, const struct coven_question *q)
{
	bool tls = text_is(hop->transport, "tls");

	return (hop->address.family == 4 || hop->address.family == 6) && hop->address.port != 0 &&
	       (tls || (!q->sips && (text_is(hop->transport, "udp") || text_is(hop->transport, "tcp")))) &&
	       hop->name.length <= COVEN_HOST_MAX && !hop->name.at == !hop->name.length && proof_fits(hop->proof) &&
	       (!tls || proof_fits(hop->tlsa_proof)) && tlsa_fits(hop);
}

/* The hops, each as large as this header says.  -1: they cannot be. */
static int
copy_hops(struct call *c, struct coven_hops *to)
{
	struct resolver_args *a = c->args;
	const struct coven_hops from = *to;
	struct coven_hop *hops;

	if (!from.first || from.count == 0 || from.count > COVEN_HOPS_MAX || from.stride < offsetof(struct coven_hop, name))
		return -1;
	hops = arena_zero(c->arena, from.count * sizeof *hops);
	if (!hops)
		return -1;
	for (size_t i = 0; i < from.count; i++) {
		memcpy(&hops[i], coven_hop_at(&from, i), from.stride < sizeof *hops ? from.stride : sizeof *hops);
		if (!hop_fits(&hops[i], &a->question))
			return -1;
	}
	to->first = hops;
	to->stride = sizeof *hops;
	return 0;
}

static void
misanswered(struct call *c)
{
	log_often(&c->caller->host->misbehaves, LOG_LEVEL_WARN, c->provider->plug->name,
	          "gave an answer to %s that cannot be", c->caller->plug->name);
	down(c);
}

static void
give_hops(struct call *c, int result, const struct coven_hops *hops)
{
	struct resolver_args *a = c->args;
	struct coven_hops whole = no_hops;

	if (hops)
		memcpy(&whole, hops, hops->size < sizeof whole ? hops->size : sizeof whole);
	whole.size = sizeof whole;
	if (result < COVEN_RESOLVED || result > COVEN_RESOLVE_BUSY ||
	    (result == COVEN_RESOLVED && copy_hops(c, &whole) != 0)) {
		misanswered(c);
		return;
	}
	if (result != COVEN_RESOLVED)
		whole.count = 0;
	a->hops(c->caller, c->tag, result, &whole);
}

void
coven_resolver_answer(struct coven_instance *in, coven_call call, int result, const struct coven_hops *hops)
{
	struct call *c = call_take(in, call);
	struct resolver_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->hops)
		give_hops(c, result, hops);
	call_free(c);
}

static bool
records_fit(int result, const struct coven_rrset *set)
{
	if (result < COVEN_RESOLVED || result > COVEN_RESOLVE_BUSY || set->count > COVEN_RECORDS_MAX)
		return false;
	if (result != COVEN_RESOLVED)
		return set->count == 0;
	if (!set->count || !set->rdata || !proof_fits(set->proof))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (set->rdata[i].length && !set->rdata[i].at)
			return false;
	return true;
}

void
coven_resolver_answer_records(struct coven_instance *in, coven_call call, int result, const struct coven_rrset *set)
{
	struct call *c = call_take(in, call);
	struct coven_rrset whole = no_records;
	struct resolver_args *a;

	if (!c)
		return;
	a = c->args;
	if (set)
		memcpy(&whole, set, set->size < sizeof whole ? set->size : sizeof whole);
	whole.size = sizeof whole;
	if (call_wanted(c) && a->records) {
		if (records_fit(result, &whole))
			a->records(c->caller, c->tag, result, &whole);
		else
			misanswered(c);
	}
	call_free(c);
}
