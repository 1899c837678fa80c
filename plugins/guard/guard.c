/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard -- nobody may send more than his share, and whoever misbehaves is kept out for a
 * while.
 *
 * What may be said against a source that could be forged, as over UDP, costs it messages of
 * its allowance and no more: else anybody could get anybody else banned. A ban needs proof
 * that the source has heard us: a connection, or a wrong answer to a challenge that we have
 * sent to the very same address. */
#include "desk.h"
#include "fault.h"
#include "shared.h"

#define OPTION(name, type, field, value, lo, hi, help) \
	COVEN_RANGE(name, type, struct rule_options, field, value, lo, hi, help)
#define RATE_MOST 1000000
#define BURST_MOST 1000000
#define POINTS_MOST 1000000
#define HOUR 3600000
#define DAY 86400000

static const struct coven_option options[] = {
	OPTION("rate", COVEN_INT, rate, "200", 0, RATE_MOST,
	       "messages a second from one source; 0: no limit"),
	OPTION("burst", COVEN_INT, burst, "1000", 1, BURST_MOST,
	       "so many of them may come at once"),
	OPTION("prefix_rate", COVEN_INT, prefix_rate, "1000", 0, RATE_MOST,
	       "messages a second from one /24, of IPv6 from one /48; 0: no limit"),
	OPTION("prefix_burst", COVEN_INT, prefix_burst, "5000", 1, BURST_MOST,
	       "so many of them may come at once"),
	OPTION("total_rate", COVEN_INT, total_rate, "10000", 0, RATE_MOST,
	       "messages a second from all who are not known; 0: no limit"),
	OPTION("known_rate", COVEN_INT, known_rate, "500", 0, RATE_MOST,
	       "messages a second from an address and port that has proved an account, "
	       "and from those in `never`; 0: no limit"),
	OPTION("known_burst", COVEN_INT, known_burst, "2000", 1, BURST_MOST,
	       "so many of them may come at once"),
	OPTION("known_time", COVEN_TIME, known_time, "3h", 1000, 30 * (int64_t)DAY,
	       "for so long an address and port is known"),
	OPTION("loopback_rate", COVEN_INT, loopback_rate, "5000", 0, RATE_MOST,
	       "messages a second, and at once, from one address of this machine; 0: no "
	       "limit"),
	COVEN_OPTION("spare_loopback", COVEN_BOOL, struct rule_options, spare_loopback,
		     "true", "false: addresses of this machine are like all others"),
	OPTION("scan_cost", COVEN_INT, scan_cost, "10", 1, 1000,
	       "what a request of a stranger counts that was answered 403 or 404"),
	OPTION("limit", COVEN_INT, limit, "100", 1, POINTS_MOST,
	       "with so many points a source is banned"),
	OPTION("decay", COVEN_TIME, decay, "10m", 1000, DAY,
	       "as many points as `limit` go away in this time"),
	OPTION("wrong_password", COVEN_INT, wrong_password, "5", 0, POINTS_MOST,
	       "points for a wrong password"),
	OPTION("refused_user", COVEN_INT, refused_user, "25", 0, POINTS_MOST,
	       "points when `auth-digest` begins to refuse a user from there"),
	OPTION("malformed", COVEN_INT, malformed, "10", 0, POINTS_MOST,
	       "points for what is no SIP, on a connection"),
	OPTION("scanning", COVEN_INT, scanning, "5", 0, POINTS_MOST,
	       "points for an answer 403 or 404 to a stranger, on a connection"),
	OPTION("too_much", COVEN_INT, too_much, "10", 0, POINTS_MOST,
	       "points for more than the allowance, on a connection"),
	OPTION("ban_time", COVEN_TIME, ban_time, "60s", 1000, DAY,
	       "the first ban; each following one is twice as long"),
	OPTION("ban_most", COVEN_TIME, ban_most, "1d", 1000, 30 * (int64_t)DAY,
	       "but not longer than this"),
	COVEN_OPTION("never", COVEN_LIST, struct rule_options, never,
		     "(\"127.0.0.0/8\", \"::1\")",
		     "addresses and ranges that are never banned"),
	COVEN_OPTIONS_END,
};

/* -- every packet */

static void
tell_dropped(struct coven_instance *in, struct worker *self,
	     const struct coven_address *from, int64_t now_ms)
{
	char room[RANGE_TEXT];

	self->dropped++;
	if (self->told_ms && now_ms - self->told_ms < SHARED_TELL_MS)
		return;
	coven_log(in, COVEN_WARN, "dropped %llu messages over the allowance, the last of %s",
		  (unsigned long long)self->dropped, range_host(from, room).at);
	self->dropped = 0;
	self->told_ms = now_ms;
}

static bool
too_much(struct coven_instance *in, const struct coven_flow *flow,
	 const struct coven_address *from, int64_t now_ms)
{
	const struct rule_options *o = coven_options(in);
	struct coven_flow_info info;

	tell_dropped(in, coven_self(in), from, now_ms);
	if (fault_facts(in, *flow, &info) && info.flags & COVEN_FLOW_STREAM)
		fault(in, &info, BANS_TOO_MUCH, o->too_much);
	return false;
}

static bool
within_allowance(struct coven_instance *in, const struct coven_address *from,
		 uint64_t source, int64_t now_ms)
{
	const struct rule_options *o = coven_options(in);
	const struct shared *all = coven_shared(in);
	struct worker *self = coven_self(in);
	struct tables *t = all->tables;

	if (o->spare_loopback && key_is_loopback(from))
		return meter_take(t->sources, source, &all->rule.loopback, 1, now_ms);
	return meter_take(t->sources, source, &all->rule.source, 1, now_ms) &&
	       meter_take(t->prefixes, key_prefix(&t->key, from), &all->rule.prefix, 1,
			  now_ms) &&
	       meter_alone(&self->full, &self->total, now_ms);
}

/* Those in `never` have a second one. */
static bool
within_other(const struct shared *all, const struct coven_address *from, uint64_t source,
	     int64_t now_ms)
{
	return rule_spares(&all->rule, from) && !key_is_loopback(from) &&
	       meter_take(all->tables->sources, ~source, &all->rule.known, 1, now_ms);
}

static bool
banned(const struct shared *all, uint64_t source, const struct coven_address *from,
       bool known, int64_t now_ms)
{
	enum bans_verdict verdict = bans_look(all->tables->bans, source, from, now_ms);

	if (verdict == BANS_FREE || (verdict == BANS_BANNED && known))
		return false;
	return !rule_spares(&all->rule, from);
}

static enum coven_verdict
source(struct coven_instance *in, const struct coven_flow *flow,
       const struct coven_address *from, size_t bytes)
{
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;
	int64_t now_ms = coven_now_ms(in);
	uint64_t name = key_source(&t->key, from);
	struct known_entry *known = known_find(t->known, key_port(&t->key, from), now_ms);

	if (bans_any(t->bans, now_ms) && banned(all, name, from, known, now_ms))
		return COVEN_DROP;
	if (known)
		return meter_alone(&known->full, &all->rule.known, now_ms) ? COVEN_NEXT
									   : COVEN_DROP;
	if (within_allowance(in, from, name, now_ms) || within_other(all, from, name, now_ms))
		return COVEN_NEXT;
	too_much(in, flow, from, now_ms);
	return COVEN_DROP;
}

/* -- what we say tells who asks */

static void
scanned(struct coven_instance *in, const struct coven_flow_info *info)
{
	const struct rule_options *o = coven_options(in);
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;

	if (!(o->spare_loopback && key_is_loopback(&info->far_end)))
		meter_charge(t->sources, key_source(&t->key, &info->far_end),
			     &all->rule.source, (unsigned)o->scan_cost, coven_now_ms(in));
	if (info->flags & COVEN_FLOW_STREAM)
		fault(in, info, BANS_SCANNING, o->scanning);
}

static enum coven_verdict
reply(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct rule_options *o = coven_options(in);
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;
	bool proven = coven_caller(req).at != NULL;
	int status = coven_reply_status(req);
	struct coven_flow_info info;

	if (!proven && status != 403 && status != 404)
		return COVEN_NEXT;
	if (!fault_facts(in, coven_source(req), &info))
		return COVEN_NEXT;
	if (proven)
		known_keep(t->known, key_port(&t->key, &info.far_end), coven_now_ms(in),
			   o->known_time);
	else
		scanned(in, &info);
	return COVEN_NEXT;
}

static const struct coven_hook hooks[] = { { COVEN_REPLY, reply, NULL },
					   { 0, NULL, NULL } };
static const struct coven_listen listens[] = { { COVEN_AUTH_REFUSED, fault_auth_refused },
					       { COVEN_MALFORMED, fault_malformed },
					       { 0, NULL } };
static const struct coven_command commands[] = {
	{ "ban", DESK_USAGE, DESK_HELP, desk_command }, { NULL, NULL, NULL, NULL }
};

COVEN_PLUGIN(.name = "guard", .version = "0.1.0",
	     .summary = "allowances for each source, and bans for those who misbehave",
	     .options_size = sizeof(struct rule_options), .options = options,
	     .hooks = hooks, .listens = listens, .commands = commands,
	     .open = shared_open, .close = shared_close, .start = shared_start,
	     .stop = shared_stop, .source = source);
