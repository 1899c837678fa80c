/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dane -- gives "tls-policy": what the far end of a connection between domains has to show. */
#include "dane.h"
#include "prove.h"

#include <stdlib.h>

#define LINES_PER_SECOND 10

static const char *const all_words[] = { "dane", "dane-or-pkix", "pkix", "opportunistic", "plain", NULL };
static const char *const default_words[] = { "dane", "dane-or-pkix", "pkix", "opportunistic", NULL };

static const struct coven_option columns[] = {
	COVEN_OPTION("domain", COVEN_STRING, struct dane_row, domain, NULL,
		     "\"b.example\", \"*.example\" for all below it, or \"*\""),
	COVEN_CHOICE("policy", struct dane_row, policy, NULL, all_words, "what its servers have to show"),
	COVEN_OPTIONS_END,
};

static const struct coven_option options[] = {
	COVEN_ROWS("policies", struct dane_options, policies, struct dane_row, columns,
		   "domains with a policy of their own; the first that fits counts"),
	COVEN_CHOICE("sip", struct dane_options, sip, "opportunistic", default_words, "for all others, called by sip:"),
	COVEN_CHOICE("sips", struct dane_options, sips, "dane-or-pkix", default_words, "for all others, called by sips:"),
	COVEN_OPTIONS_END,
};

static bool
ends_with(struct coven_slice text, struct coven_slice end)
{
	struct coven_slice tail = { text.at + text.length - end.length, end.length };

	return text.length > end.length && coven_alike(tail, end);
}

/* "*.example" is whatever ends in ".example". */
static bool
fits(struct coven_slice pattern, struct coven_slice domain)
{
	if (coven_is(pattern, "*"))
		return true;
	if (pattern.length > 2 && pattern.at[0] == '*')
		return ends_with(domain, (struct coven_slice){ pattern.at + 1, pattern.length - 1 });
	return coven_alike(pattern, domain);
}

enum policy
dane_policy(const struct coven_instance *in, struct coven_slice domain, bool sips)
{
	const struct dane_options *o = coven_options(in);
	const struct dane_row *rows = o->policies.at;

	while (domain.length && domain.at[domain.length - 1] == '.')
		domain.length--;
	for (size_t i = 0; i < o->policies.count; i++)
		if (fits(rows[i].domain, domain))
			return (enum policy)rows[i].policy;
	return (enum policy)(sips ? o->sips : o->sip);
}

bool
dane_may_log(struct coven_instance *in)
{
	struct dane_worker *w = coven_self(in);
	int64_t second = coven_now_ms(in) / 1000;

	if (second != w->second)
		w->lines = 0;
	w->second = second;
	return w->lines++ < LINES_PER_SECOND;
}

static void
judge_way(struct coven_instance *in, coven_call call, const struct coven_tls_way *way)
{
	uint8_t levels[COVEN_HOPS_MAX];
	struct coven_tls_judgement answer = { .size = sizeof answer, .levels = levels };

	if (way->hops->count <= COVEN_HOPS_MAX) {
		answer.why = coven_text(judge(dane_policy(in, way->domain, way->sips), way, levels));
		answer.count = way->hops->count;
	}
	coven_tls_answer_judge(in, call, &answer);
}

/* -- mistakes that can be seen */

/* A row behind one that takes everything it would. */
static bool
is_behind(const struct dane_row *row, const struct dane_row *before)
{
	return fits(before->domain, row->domain);
}

static int
open_dane(struct coven_instance *in)
{
	const struct dane_options *o = coven_options(in);
	const struct dane_row *rows = o->policies.at;
	int rc = 0;

	for (size_t i = 0; i < o->policies.count; i++) {
		struct coven_slice domain = rows[i].domain;

		if (!domain.length || (domain.at[0] == '*' && domain.length > 1 && domain.at[1] != '.')) {
			coven_complain(in, &rows[i], "domain", "not a domain: \"b.example\", \"*.example\" or \"*\"");
			rc = -1;
		}
		for (size_t k = 0; k < i; k++)
			if (is_behind(&rows[i], &rows[k])) {
				coven_complain(in, &rows[i], "domain", "never looked at: an earlier row, \"%.*s\", fits all of it",
				               (int)rows[k].domain.length, rows[k].domain.at);
				rc = -1;
				break;
			}
	}
	return rc;
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct dane_worker *w = calloc(1, sizeof *w);

	coven_set_self(in, w);
	return w ? COVEN_DONE : COVEN_FAIL;
}

static void
stop(struct coven_instance *in)
{
	if (coven_self(in))
		prove_end(in);
	free(coven_self(in));
}

static const struct coven_tls_policy policy = { sizeof policy, judge_way, prove };
static const struct coven_service gives[] = { { "tls-policy", COVEN_TLS_POLICY_VERSION, &policy }, { NULL, 0, NULL } };
static const struct coven_need needs[] = { { "resolver", COVEN_RESOLVER_VERSION }, { NULL, 0 } };

COVEN_PLUGIN(.name = "dane", .version = "0.1.0",
	     .summary = "what servers of other domains have to show: TLSA records, certificates",
	     .options_size = sizeof(struct dane_options), .options = options, .gives = gives, .needs = needs,
	     .open = open_dane, .start = start, .stop = stop);
