/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_tls: the functions of coven/tls_policy.h.  An answer that cannot be counts as none: nothing is used, nobody
 * is proven. */
#include "base/text.h"
#include "host/hops.h"
#include "host/service.h"
#include <coven/tls_policy.h>
#include <string.h>

struct tls_args {
	struct coven_tls_way way;
	struct coven_hops hops;
	struct coven_tls_shown shown;
	/* One of them: how the caller is answered. */
	coven_tls_judged_fn *judged;
	coven_tls_proven_fn *proven;
};

static const struct coven_tls_judgement no_judgement = { .size = sizeof no_judgement };
static const struct coven_tls_proof no_proof = { .size = sizeof no_proof };

static void
down(struct call *c)
{
	struct tls_args *a = c->args;

	if (a->judged)
		a->judged(c->caller, c->tag, &no_judgement);
	else
		a->proven(c->caller, c->tag, &no_proof);
}

static struct call *
begin(struct coven_instance *in, uint64_t tag, struct tls_args **args)
{
	struct call *c = call_new(in, "tls-policy", COVEN_TLS_POLICY_VERSION, tag, sizeof **args);

	*args = c ? c->args : NULL;
	return c;
}

static void
make_judge(struct call *c)
{
	const struct coven_tls_policy *ops = c->ops;
	struct tls_args *a = c->args;

	ops->judge(c->provider, c->name, &a->way);
}

static void
make_prove(struct call *c)
{
	const struct coven_tls_policy *ops = c->ops;
	struct tls_args *a = c->args;

	ops->prove(c->provider, c->name, &a->shown);
}

static int
copy_text(struct coven_slice *text, struct arena *arena)
{
	if (!text->length)
		return 0;
	*text = arena_dup(arena, *text);
	return text->at ? 0 : -1;
}

void
coven_tls_judge(struct coven_instance *in, const struct coven_tls_way *way, coven_tls_judged_fn *done, uint64_t tag)
{
	struct tls_args *a;
	struct call *c = begin(in, tag, &a);

	if (!a) {
		done(in, tag, &no_judgement);
		return;
	}
	a->judged = done;
	a->way = *way;
	a->way.hops = &a->hops;
	if (copy_text(&a->way.domain, c->arena) != 0 || hops_copy(&a->hops, way->hops, c->arena) != 0)
		c->provider = NULL;
	call_start(c, make_judge, down);
}

void
coven_tls_prove(struct coven_instance *in, const struct coven_tls_shown *shown, coven_tls_proven_fn *done, uint64_t tag)
{
	struct tls_args *a;
	struct call *c = begin(in, tag, &a);
	int rc;

	if (!a) {
		done(in, tag, &no_proof);
		return;
	}
	a->proven = done;
	a->shown = *shown;
	rc = copy_text(&a->shown.certificate, c->arena) | copy_text(&a->shown.spki, c->arena);
	for (size_t i = 0; i < a->shown.count; i++)
		rc |= copy_text(&a->shown.names[i], c->arena);
	if (rc)
		c->provider = NULL;
	call_start(c, make_prove, down);
}

/* -- what a provider answers */

static void
misanswered(struct call *c)
{
	log_often(&c->caller->host->misbehaves, LOG_LEVEL_WARN, c->provider->plug->name,
	          "gave an answer to %s that cannot be", c->caller->plug->name);
	down(c);
}

/* TLS where there is none, or none where there is TLS; DANE without records: not to be. */
static bool
level_fits(uint8_t level, const struct coven_hop *hop, bool sips)
{
	bool tls = text_is(hop->transport, "tls");

	switch (level) {
	case COVEN_TLS_REFUSE:
		return true;
	case COVEN_TLS_PLAIN:
		return !tls && !sips;
	case COVEN_TLS_DANE:
		return tls && hop->tlsa_proof == COVEN_SECURE && hop->tlsa_count > 0;
	case COVEN_TLS_ANY:
	case COVEN_TLS_NAMES:
		return tls;
	}
	return false;
}

static bool
judgement_fits(const struct tls_args *a, const struct coven_tls_judgement *j)
{
	if (j->count != a->hops.count || !j->levels)
		return false;
	for (size_t i = 0; i < j->count; i++)
		if (!level_fits(j->levels[i], coven_hop_at(&a->hops, i), a->way.sips))
			return false;
	return true;
}

void
coven_tls_answer_judge(struct coven_instance *in, coven_call call, const struct coven_tls_judgement *judgement)
{
	struct call *c = call_take(in, call);
	struct tls_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->judged) {
		if (judgement_fits(a, judgement))
			a->judged(c->caller, c->tag, judgement);
		else
			misanswered(c);
	}
	call_free(c);
}

static bool
proof_fits(const struct tls_args *a, const struct coven_tls_proof *p)
{
	if (!p->domain.length)
		return true;
	for (size_t i = 0; i < a->shown.count; i++)
		if (text_alike(a->shown.names[i], p->domain))
			return p->good_ms > 0;
	return false;
}

void
coven_tls_answer_prove(struct coven_instance *in, coven_call call, const struct coven_tls_proof *proof)
{
	struct call *c = call_take(in, call);
	struct tls_args *a;

	if (!c)
		return;
	a = c->args;
	if (call_wanted(c) && a->proven) {
		if (proof_fits(a, proof))
			a->proven(c->caller, c->tag, proof);
		else
			misanswered(c);
	}
	call_free(c);
}
