/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options come to. */
#include "rule.h"

#include <stdlib.h>

static int
read_never(struct rule *r, struct coven_instance *in, const struct rule_options *o)
{
	const struct coven_slice *texts = o->never.at;
	int rc = 0;

	if (o->never.count > RULE_NEVER_MOST) {
		coven_complain(in, NULL, "never", "more than %d entries: \"never\"",
			       RULE_NEVER_MOST);
		return -1;
	}
	r->never = calloc(o->never.count ? o->never.count : 1, sizeof *r->never);
	if (!r->never)
		return -1;
	for (size_t i = 0; i < o->never.count; i++) {
		bool whole;

		if (range_read(texts[i], &r->never[i], &whole) == 0)
			continue;
		coven_complain(in, NULL, "never",
			       "not an address or range such as 192.0.2.0/24: \"%.*s\"",
			       (int)texts[i].length, texts[i].at);
		rc = -1;
	}
	r->never_count = o->never.count;
	return rc;
}

int
rule_open(struct rule *r, struct coven_instance *in)
{
	const struct rule_options *o = coven_options(in);

	*r = (struct rule){
		.source = allowance_of(o->rate, o->burst),
		.prefix = allowance_of(o->prefix_rate, o->prefix_burst),
		.known = allowance_of(o->known_rate, o->known_burst),
		.loopback = allowance_of(o->loopback_rate, o->loopback_rate),
		.bans = { o->limit, o->decay, o->ban_time, o->ban_most },
	};
	if (o->ban_most < o->ban_time) {
		coven_complain(in, NULL, "ban_most", "ban_most is less than ban_time");
		return -1;
	}
	return read_never(r, in, o);
}

void
rule_close(struct rule *r)
{
	free(r->never);
	r->never = NULL;
}

bool
rule_spares(const struct rule *r, const struct coven_address *a)
{
	for (size_t i = 0; i < r->never_count; i++)
		if (range_has(&r->never[i], a))
			return true;
	return false;
}
