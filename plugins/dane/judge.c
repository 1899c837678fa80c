/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge: hop by hop. */
#include "judge.h"

static bool
is_tls(const struct coven_hop *hop)
{
	return coven_is(hop->transport, "tls");
}

static bool
has_records(const struct coven_hop *hop)
{
	return is_tls(hop) && hop->tlsa_proof == COVEN_SECURE && hop->tlsa_count > 0;
}

static bool
any_records(const struct coven_hops *hops)
{
	for (size_t i = 0; i < hops->count; i++)
		if (has_records(coven_hop_at(hops, i)))
			return true;
	return hops->dane;
}

/* Or with none that can be used, which is the same (RFC 7671 4.1). */
static uint8_t
without_records(enum policy policy, const struct coven_hop *hop, bool sips)
{
	if (!is_tls(hop))
		return policy == POLICY_OPPORTUNISTIC && !sips ? COVEN_TLS_PLAIN : COVEN_TLS_REFUSE;
	switch (policy) {
	case POLICY_DANE:
		return COVEN_TLS_REFUSE;
	case POLICY_DANE_OR_PKIX:
	case POLICY_PKIX:
		return COVEN_TLS_NAMES;
	case POLICY_OPPORTUNISTIC:
	case POLICY_PLAIN:
		break;
	}
	return sips ? COVEN_TLS_NAMES : COVEN_TLS_ANY;
}

static uint8_t
plain(const struct coven_hop *hop, bool sips)
{
	if (is_tls(hop))
		return COVEN_TLS_ANY;
	return sips ? COVEN_TLS_REFUSE : COVEN_TLS_PLAIN;
}

const char *
judge(enum policy policy, const struct coven_tls_way *way, uint8_t *levels)
{
	bool records = any_records(way->hops), refused = false;

	for (size_t i = 0; i < way->hops->count; i++) {
		const struct coven_hop *hop = coven_hop_at(way->hops, i);

		if (policy == POLICY_PLAIN)
			levels[i] = plain(hop, way->sips);
		else if (records)
			levels[i] = has_records(hop) ? COVEN_TLS_DANE : COVEN_TLS_REFUSE;
		else
			levels[i] = without_records(policy, hop, way->sips);
		refused |= levels[i] == COVEN_TLS_REFUSE;
	}
	if (!refused)
		return NULL;
	if (records)
		return "the domain has secure TLSA records, so nothing else of it is used";
	return policy == POLICY_DANE ? "the policy is dane, and there are no secure TLSA records that can be used"
	                             : "the policy demands TLS";
}
