/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan_target: addresses and TLSA records.  A failure is a failure of this target; only what is proven, or is in a zone
 * that provably is not signed, counts as absent. */
#include "plan_target.h"
#include "draw.h"

#include <stdio.h>
#include <string.h>

const struct set *
walk_get(struct walk *w, const char *name, uint16_t type, unsigned limit)
{
	return w->plan->source.get(w->plan->source.arg, name, type, limit);
}

static const char *
type_name(uint16_t type)
{
	switch (type) {
	case WIRE_A:
		return "A";
	case WIRE_AAAA:
		return "AAAA";
	case WIRE_SRV:
		return "SRV";
	case WIRE_NAPTR:
		return "NAPTR";
	case WIRE_TLSA:
		return "TLSA";
	}
	return "record";
}

static int
result_of(const struct set *set)
{
	if (set->state == SET_BOGUS)
		return COVEN_RESOLVE_BOGUS;
	return set->state == SET_BUSY ? COVEN_RESOLVE_BUSY : COVEN_RESOLVE_DOWN;
}

void
walk_use(struct walk *w, const struct set *set)
{
	if (set->expires_ms < w->plan->until_ms)
		w->plan->until_ms = set->expires_ms;
}

void
walk_fail(struct walk *w, const struct set *set)
{
	int result = result_of(set);

	walk_use(w, set);
	if (w->error && (w->error == COVEN_RESOLVE_BOGUS || result != COVEN_RESOLVE_BOGUS))
		return;
	w->error = result;
	snprintf(w->plan->why, sizeof w->plan->why, "%s %s: %s", type_name(set->type), set->name, set->why);
}

/* "_5061._tcp.host"; -1: too long to be a name. */
static int
tlsa_name(const struct target *t, const char *base, char name[WIRE_HOST_MAX + 1])
{
	int length = snprintf(name, WIRE_HOST_MAX + 1, "_%u._tcp.%s", (unsigned)t->port, base);

	return length > 0 && length < WIRE_HOST_MAX ? 0 : -1;
}

/* Before its addresses are known only SRV records can say that TLSA records may count. */
void
target_ask(struct walk *w, const struct target *t)
{
	char name[WIRE_HOST_MAX + 1];

	if (!w->plan->ask.no_ipv6)
		walk_get(w, t->name, WIRE_AAAA, t->limit);
	walk_get(w, t->name, WIRE_A, t->limit);
	if (t->transport == PLACE_TLS && t->chain && !t->direct && tlsa_name(t, t->name, name) == 0)
		walk_get(w, name, WIRE_TLSA, t->limit);
}

static bool
there(const struct set *set)
{
	return set && set->state == SET_FOUND;
}

/* FOUND: f->tlsa are the records; NONE: there are none, f->tlsa_proof says how sure that is. */
static enum target_state
look_at_base(struct walk *w, const struct target *t, const char *base, struct found *f)
{
	char name[WIRE_HOST_MAX + 1];
	const struct set *set;

	if (tlsa_name(t, base, name) != 0)
		return TARGET_NONE;
	set = walk_get(w, name, WIRE_TLSA, t->limit);
	if (!set)
		return TARGET_WAIT;
	if (set->state == SET_OVER)
		return TARGET_OVER;
	if (set_failed(set)) {
		walk_fail(w, set);
		return TARGET_FAILED;
	}
	walk_use(w, set);
	f->tlsa_proof = set->proof;
	if (set->proof != COVEN_SECURE || set->state != SET_FOUND)
		return TARGET_NONE;
	f->tlsa = set;
	return TARGET_FOUND;
}

/* RFC 7671 7: at the end of the aliases, if all of them are secure, else where they begin. */
static enum target_state
look_for_keys(struct walk *w, const struct target *t, const struct set *address, struct found *f)
{
	enum target_state state = TARGET_NONE;

	f->tlsa_proof = COVEN_INSECURE;
	if (t->transport != PLACE_TLS || !t->chain || (address->proof != COVEN_SECURE && !address->aliased))
		return TARGET_FOUND;
	if (address->aliased && address->proof == COVEN_SECURE && *address->owner)
		state = look_at_base(w, t, address->owner, f);
	if (state == TARGET_NONE)
		state = look_at_base(w, t, t->name, f);
	return state == TARGET_NONE ? TARGET_FOUND : state;
}

static enum target_state
no_address(struct walk *w, const struct found *f)
{
	const struct set *sets[] = { f->v6, f->v4 };
	bool failed = false;

	for (size_t i = 0; i < 2; i++) {
		if (!sets[i])
			continue;
		if (set_failed(sets[i])) {
			walk_fail(w, sets[i]);
			failed = true;
		} else {
			walk_use(w, sets[i]);
			w->plan->proof = sets[i]->proof < w->plan->proof ? sets[i]->proof : w->plan->proof;
			w->nowhere |= sets[i]->state == SET_NONE;
		}
	}
	return failed ? TARGET_FAILED : TARGET_NONE;
}

enum target_state
target_find(struct walk *w, const struct target *t, struct found *f)
{
	const struct plan *p = w->plan;
	const struct set *address;

	*f = (struct found){ NULL, NULL, NULL, COVEN_INSECURE };
	target_ask(w, t);
	f->v6 = p->ask.no_ipv6 ? NULL : walk_get(w, t->name, WIRE_AAAA, t->limit);
	f->v4 = walk_get(w, t->name, WIRE_A, t->limit);
	if ((f->v6 && f->v6->state == SET_OVER) || (f->v4 && f->v4->state == SET_OVER))
		return TARGET_OVER;
	if ((!f->v4 || (!f->v6 && !p->ask.no_ipv6)) && !(p->ask.idle && (there(f->v4) || there(f->v6))))
		return TARGET_WAIT;
	if (!there(f->v4) && !there(f->v6))
		return no_address(w, f);
	if (!there(f->v6))
		f->v6 = NULL; /* its failure is one of that address alone */
	if (!there(f->v4))
		f->v4 = NULL;
	address = f->v6 && f->v4 && f->v4->proof < f->v6->proof ? f->v4 : f->v6 ? f->v6 : f->v4;
	return look_for_keys(w, t, address, f);
}

static size_t
usable(const struct found *f, struct coven_tlsa *to, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; f->tlsa && i < f->tlsa->count && count < room; i++) {
		struct wire_tlsa tlsa;

		if (wire_tlsa(f->tlsa->rdata[i], &tlsa) == 0 && wire_tlsa_usable(&tlsa))
			to[count++] = (struct coven_tlsa){ tlsa.usage, tlsa.selector, tlsa.matching, tlsa.data };
	}
	return count;
}

bool
target_has_dane(const struct found *f)
{
	struct coven_tlsa one;

	return usable(f, &one, 1) == 1;
}

/* The base domain of TLSA records is what stands behind "_port._tcp.". */
static struct coven_slice
base_of(const struct set *tlsa, const struct set *address)
{
	const char *dot = tlsa ? strchr(tlsa->name, '.') : NULL;

	dot = dot ? strchr(dot + 1, '.') : NULL;
	return coven_text(dot ? dot + 1 : address->name);
}

static void
put_family(struct walk *w, const struct target *t, const struct set *set, struct coven_hop *hop)
{
	struct draw draw = { t->lot ^ set->type };
	struct coven_slice items[WIRE_RECORDS_MAX];
	size_t length = set->type == WIRE_A ? 4 : 16;
	struct plan *p = w->plan;

	memcpy(items, set->rdata, set->count * sizeof *items);
	draw_shuffle(&draw, items, set->count);
	walk_use(w, set);
	hop->proof = t->chain && set->proof == COVEN_SECURE ? COVEN_SECURE : COVEN_INSECURE;
	for (size_t i = 0; i < set->count && i < PLAN_FAMILY_MAX; i++) {
		if (items[i].length != length || p->total >= COVEN_HOPS_MAX)
			continue;
		hop->address = (struct coven_address){ .port = t->port, .family = set->type == WIRE_A ? 4 : 6 };
		memcpy(hop->address.ip, items[i].at, length);
		if (p->total++ >= p->ask.from)
			p->hops[p->count++] = *hop;
	}
}

void
target_put(struct walk *w, const struct target *t, const struct found *f)
{
	struct plan *p = w->plan;
	struct coven_tlsa *tlsa = p->tlsa + p->tlsa_used;
	size_t before = p->count, room = sizeof p->tlsa / sizeof p->tlsa[0] - p->tlsa_used;
	struct coven_hop hop = { .transport = coven_text(place_transport_name(t->transport)),
		                 .name = base_of(f->tlsa, f->v4 ? f->v4 : f->v6),
		                 .priority = t->priority, .weight = t->weight,
		                 .tlsa_proof = (uint8_t)f->tlsa_proof, .tlsa = tlsa };

	hop.tlsa_count = usable(f, tlsa, room < COVEN_TLSA_MAX ? room : COVEN_TLSA_MAX);
	hop.tlsa_unusable = f->tlsa && hop.tlsa_count == 0;
	p->tlsa_used += hop.tlsa_count;
	p->dane |= hop.tlsa_count > 0;
	if (f->v6)
		put_family(w, t, f->v6, &hop);
	if (f->v4)
		put_family(w, t, f->v4, &hop);
	if (p->count == before)
		p->tlsa_used -= hop.tlsa_count;
	else
		w->fresh++;
}
