/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule: the options, and what they come to. */
#ifndef GUARD_RULE_H
#define GUARD_RULE_H

#include "bans.h"
#include "meter.h"

#define RULE_NEVER_MOST 256 /* entries of `never` */

struct rule_options {
	int64_t rate, burst;
	int64_t prefix_rate, prefix_burst;
	int64_t total_rate;
	int64_t known_rate, known_burst, known_time;
	int64_t loopback_rate;
	bool spare_loopback;
	int64_t scan_cost;
	int64_t limit, decay, ban_time, ban_most;
	int64_t wrong_password, refused_user, malformed, scanning, too_much;
	struct coven_rows never;
};

struct rule {
	struct allowance source, prefix, known, loopback;
	struct bans_rule bans;
	struct range *never;
	size_t never_count;
};

int rule_open(struct rule *r, struct coven_instance *in); /* -1: said why */
void rule_close(struct rule *r);

/* Is it never to be banned, by the option `never`? */
bool rule_spares(const struct rule *r, const struct coven_address *a);

#endif
