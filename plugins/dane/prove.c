/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prove: one name of the certificate after the other, one host of it after the other. */
#include "prove.h"
#include "dane.h"
#include "match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_SRV 33
#define TYPE_TLSA 52

struct inquiry {
	struct inquiry *next;
	struct coven_instance *in;
	coven_call call;
	struct coven_tls_shown shown; /* texts in `bytes` */
	size_t name;                  /* that is looked at */
	char targets[PROVE_TARGETS][MATCH_NAME];
	size_t target_count, target;
	int64_t good_ms;
	bool records;                 /* the domain has secure TLSA records */
	const char *why;
	char bytes[];
};

static void
take_out(struct inquiry *q)
{
	struct dane_worker *w = coven_self(q->in);
	struct inquiry **at = &w->inquiries;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	w->count--;
}

static struct coven_slice
name_of(const struct inquiry *q)
{
	return q->shown.names[q->name];
}

static void
answer(struct inquiry *q, struct coven_slice domain, int64_t good_ms, const char *why)
{
	struct coven_tls_proof proof = { .size = sizeof proof, .domain = domain, .good_ms = good_ms,
	                                 .why = coven_text(why) };
	char room[64];
	struct coven_slice peer = coven_address_text(&q->shown.address, room);

	if (dane_may_log(q->in))
		coven_log(q->in, domain.length ? COVEN_INFO : COVEN_WARN, "%.*s says it is %.*s: %s%s", (int)peer.length, peer.at,
		          (int)q->shown.names[0].length, q->shown.names[0].at, domain.length ? "" : "not believed, ", why);
	take_out(q);
	coven_tls_answer_prove(q->in, q->call, &proof);
	free(q);
}

static void next_name(struct inquiry *q);

/* The records of a domain have all been looked at. */
static void
end_name(struct inquiry *q)
{
	enum policy policy = dane_policy(q->in, name_of(q), true);

	if (q->records)
		q->why = "no TLSA record of its domain names this key";
	else if (q->shown.trusted && policy != POLICY_DANE) {
		answer(q, name_of(q), PROVE_PKIX_MS, "proven by a trusted authority");
		return;
	} else if (!q->why)
		q->why = "its domain has no secure TLSA records, and no trusted authority vouches for it";
	q->name++;
	next_name(q);
}

/* What cannot be told is not believed, whatever else there is. */
static void
give_up(struct inquiry *q, int result)
{
	static const struct coven_slice nobody;

	answer(q, nobody, 0, result == COVEN_RESOLVE_BOGUS ? "DNSSEC says that records of its domain are forged or broken"
	                                                   : "no name server answers for its domain");
}

static bool
is_absent(int result)
{
	return result == COVEN_RESOLVE_NONE || result == COVEN_RESOLVE_NO_SERVICE;
}

static void
take_good(struct inquiry *q, int64_t ms)
{
	if (ms < PROVE_LEAST_MS)
		ms = PROVE_LEAST_MS;
	if (!q->good_ms || ms < q->good_ms)
		q->good_ms = ms;
}

static void next_target(struct inquiry *q);

static void
tlsa_known(struct coven_instance *in, uint64_t tag, int result, const struct coven_rrset *set)
{
	struct inquiry *q = (struct inquiry *)(uintptr_t)tag;

	(void)in;
	if (result != COVEN_RESOLVED && !is_absent(result)) {
		give_up(q, result);
		return;
	}
	if (result == COVEN_RESOLVED && set->proof == COVEN_SECURE) {
		q->records = true;
		take_good(q, set->good_ms);
		for (size_t i = 0; i < set->count; i++)
			if (match_record(set->rdata[i], &q->shown)) {
				answer(q, name_of(q), q->good_ms, "proven by DANE");
				return;
			}
	}
	q->target++;
	next_target(q);
}

static void
next_target(struct inquiry *q)
{
	if (q->target < q->target_count)
		coven_resolve_records(q->in, coven_text(q->targets[q->target]), TYPE_TLSA, tlsa_known, (uint64_t)(uintptr_t)q);
	else
		end_name(q);
}

static void
srv_known(struct coven_instance *in, uint64_t tag, int result, const struct coven_rrset *set)
{
	struct inquiry *q = (struct inquiry *)(uintptr_t)tag;

	(void)in;
	if (result != COVEN_RESOLVED && !is_absent(result)) {
		give_up(q, result);
		return;
	}
	/* where the way to the hosts is not proven, neither is what they say */
	if (result == COVEN_RESOLVED && set->proof == COVEN_SECURE) {
		take_good(q, set->good_ms);
		for (size_t i = 0; i < set->count && q->target_count < PROVE_TARGETS; i++) {
			char *room = q->targets[q->target_count];
			size_t length = match_target(set->rdata[i], room);

			room[length] = '\0';
			q->target_count += length > 0;
		}
	}
	next_target(q);
}

static void
next_name(struct inquiry *q)
{
	static const struct coven_slice nobody;
	char room[MATCH_NAME + 16];

	while (q->name < q->shown.count &&
	       (coven_is_domain(q->in, name_of(q)) || !name_of(q).length || name_of(q).length >= MATCH_NAME))
		q->name++;
	if (q->name == q->shown.count) {
		answer(q, nobody, 0, q->why ? q->why : "it names no domain but ours");
		return;
	}
	q->target = q->target_count = 0;
	q->records = false;
	q->good_ms = 0;
	snprintf(room, sizeof room, "_sips._tcp.%.*s", (int)name_of(q).length, name_of(q).at);
	coven_resolve_records(q->in, coven_text(room), TYPE_SRV, srv_known, (uint64_t)(uintptr_t)q);
}

/* -- the beginning */

static bool
same_host(const struct coven_address *a, const struct coven_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

static bool
is_too_much(const struct dane_worker *w, const struct coven_address *from)
{
	unsigned of_source = 0;

	for (const struct inquiry *q = w->inquiries; q; q = q->next)
		of_source += same_host(&q->shown.address, from);
	return w->count >= PROVE_MAX || of_source >= PROVE_PER_SOURCE;
}

static char *
keep(struct coven_slice *text, char *at)
{
	if (text->length)
		memcpy(at, text->at, text->length);
	text->at = at;
	return at + text->length;
}

void
prove(struct coven_instance *in, coven_call call, const struct coven_tls_shown *shown)
{
	static const struct coven_tls_proof nobody = { .size = sizeof nobody };
	struct dane_worker *w = coven_self(in);
	size_t bytes = shown->certificate.length + shown->spki.length;
	struct inquiry *q = NULL;
	char *at;

	for (size_t i = 0; i < shown->count; i++)
		bytes += shown->names[i].length;
	if (!is_too_much(w, &shown->address))
		q = calloc(1, sizeof *q + bytes);
	if (!q) {
		coven_tls_answer_prove(in, call, &nobody);
		return;
	}
	q->in = in;
	q->call = call;
	q->shown = *shown;
	at = keep(&q->shown.certificate, q->bytes);
	at = keep(&q->shown.spki, at);
	for (size_t i = 0; i < shown->count; i++)
		at = keep(&q->shown.names[i], at);
	q->next = w->inquiries;
	w->inquiries = q;
	w->count++;
	next_name(q);
}

void
prove_end(struct coven_instance *in)
{
	struct dane_worker *w = coven_self(in);

	while (w->inquiries) {
		struct inquiry *q = w->inquiries;

		take_out(q);
		free(q);
	}
}
