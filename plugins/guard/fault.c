/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults become points, and points a ban and a line in the log. */
#include "fault.h"
#include "shared.h"

static void
log_ban(struct coven_instance *in, const struct coven_address *from,
	enum bans_cause cause, int64_t ms)
{
	char room[RANGE_TEXT];

	/* fail2ban reads this line: see etc/fail2ban */
	if (shared_may_log(in, cause))
		coven_log(in, COVEN_WARN, "banned %s for %lld s: %s",
			  range_host(from, room).at, (long long)ms / 1000, bans_why(cause));
}

void
fault(struct coven_instance *in, const struct coven_flow_info *info, enum bans_cause cause,
      int64_t points)
{
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;
	const struct coven_address *from = &info->far_end;
	char room[RANGE_TEXT];
	int64_t ms;

	if (points == 0)
		return;
	/* an account does not cover for what else comes from its phone */
	known_forget(t->known, key_port(&t->key, from));
	if (rule_spares(&all->rule, from) ||
	    coven_is_self(in, range_host(from, room), info->near_end.port))
		return;
	ms = bans_fault(t->bans, key_source(&t->key, from), from, cause, points,
			&all->rule.bans, coven_now_ms(in));
	if (ms > 0)
		log_ban(in, from, cause, ms);
}

bool
fault_facts(const struct coven_instance *in, struct coven_flow flow,
	    struct coven_flow_info *info)
{
	info->size = sizeof *info;
	return coven_flow_facts(in, flow, info) == 0;
}

/* -- wrong passwords: `auth-digest` tells of those alone whose challenge went there */

void
fault_auth_refused(struct coven_instance *in, const struct coven_event *event)
{
	const struct rule_options *o = coven_options(in);
	struct coven_flow_info info;

	if (fault_facts(in, event->flow, &info))
		fault(in, &info, BANS_WRONG_PASSWORDS,
		      event->code == 403 ? o->refused_user : o->wrong_password);
}

void
fault_malformed(struct coven_instance *in, const struct coven_event *event)
{
	const struct rule_options *o = coven_options(in);
	struct coven_flow_info info;

	if (fault_facts(in, event->flow, &info) && info.flags & COVEN_FLOW_STREAM)
		fault(in, &info, BANS_MALFORMED, o->malformed);
}
