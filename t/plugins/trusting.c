/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trusting -- every address that was found may be used, by DANE where there are records, else with whatever encryption
 * there is; nobody who connects is proven.  For tests of what comes before and after a policy. */
#include <coven/tls_policy.h>

static void
judge(struct coven_instance *in, coven_call call, const struct coven_tls_way *way)
{
	uint8_t levels[COVEN_HOPS_MAX];
	struct coven_tls_judgement answer = { .size = sizeof answer, .levels = levels, .count = way->hops->count };

	for (size_t i = 0; i < way->hops->count; i++) {
		const struct coven_hop *hop = coven_hop_at(way->hops, i);

		levels[i] = !coven_is(hop->transport, "tls") ? COVEN_TLS_PLAIN
		            : hop->tlsa_count ? COVEN_TLS_DANE : COVEN_TLS_ANY;
	}
	coven_tls_answer_judge(in, call, &answer);
}

static void
prove(struct coven_instance *in, coven_call call, const struct coven_tls_shown *shown)
{
	struct coven_tls_proof nobody = { .size = sizeof nobody };

	(void)shown;
	coven_tls_answer_prove(in, call, &nobody);
}

static const struct coven_tls_policy policy = { sizeof policy, judge, prove };
static const struct coven_service gives[] = { { "tls-policy", COVEN_TLS_POLICY_VERSION, &policy }, { NULL, 0, NULL } };

COVEN_PLUGIN(.name = "trusting", .version = "1.0", .summary = "any address will do, for tests", .gives = gives);
