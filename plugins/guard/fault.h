/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fault: what counts against a source. */
#ifndef GUARD_FAULT_H
#define GUARD_FAULT_H

#include "bans.h"

#include <coven/flow.h>

/* -1 becomes false: no flow. */
bool fault_facts(const struct coven_instance *in, struct coven_flow flow,
		 struct coven_flow_info *info);

/* Of the far end, which has heard us: it has a connection, or has answered a challenge that
 * went there.  The caller sees to that. */
void fault(struct coven_instance *in, const struct coven_flow_info *info,
	   enum bans_cause cause, int64_t points);

/* For COVEN_AUTH_REFUSED and COVEN_MALFORMED. */
coven_event_fn fault_auth_refused, fault_malformed;

#endif
