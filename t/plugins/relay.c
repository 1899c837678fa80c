/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay -- for ladders: anybody may call, and each user has the targets that the
 * configuration says. */
#include <coven/plugin.h>

struct row {
	struct coven_slice user, to, route, hop;
	int64_t q, delay, ring;
	bool again;
};

struct options {
	struct coven_rows targets;
};

static const struct coven_option columns[] = {
	COVEN_OPTION("user", COVEN_STRING, struct row, user, NULL,
		     "whose requests: user part"),
	COVEN_OPTION("to", COVEN_STRING, struct row, to, NULL,
		     "the Request-URI that leaves"),
	COVEN_RANGE("q", COVEN_INT, struct row, q, "1000", 0, 1000,
		    "equal ones ring together"),
	COVEN_OPTION("delay", COVEN_TIME, struct row, delay, "0s", "before it starts"),
	COVEN_OPTION("ring", COVEN_TIME, struct row, ring, "0s",
		     "until it counts as 408"),
	COVEN_OPTION("route", COVEN_STRING, struct row, route, "", "route set"),
	COVEN_OPTION("hop", COVEN_STRING, struct row, hop, "",
		     "next hop, if not by the URI"),
	COVEN_OPTION("again", COVEN_BOOL, struct row, again, "false",
		     "a name: ROUTE finds where"),
	COVEN_OPTIONS_END
};

static const struct coven_option options[] = { COVEN_ROWS("targets", struct options,
							  targets, struct row, columns,
							  "in the order of use"),
					       COVEN_OPTIONS_END };

/* Whoever has no caller is nobody, and nobody may not go everywhere. */
static enum coven_verdict
let_in(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	struct coven_slice home = coven_first_domain(in);
	struct coven_slice aor =
		coven_print(req, "sip:ladder@%.*s", (int)home.length, home.at);

	return aor.at && coven_set_caller(req, aor) == 0 ? COVEN_DONE : COVEN_FAIL;
}

static int
add(struct coven_instance *in, struct coven_request *req, const struct row *row)
{
	struct coven_target *t = coven_target_new(in, row->to);

	if (!t)
		return -1;
	if ((row->route.length && coven_target_set(t, COVEN_TO_ROUTE, row->route) != 0) ||
	    (row->hop.length && coven_target_set(t, COVEN_TO_HOP, row->hop) != 0) ||
	    coven_target_put(t, COVEN_TO_Q, row->q) != 0 ||
	    coven_target_put(t, COVEN_TO_DELAY, row->delay) != 0 ||
	    coven_target_put(t, COVEN_TO_RING, row->ring) != 0 ||
	    (row->again && coven_target_put(t, COVEN_TO_AGAIN, 1) != 0)) {
		coven_target_free(t);
		return -1;
	}
	return coven_add_target(req, t);
}

static enum coven_verdict
route(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct options *o = coven_options(in);
	const struct row *rows = o->targets.at;
	struct coven_slice to = coven_destination(req);
	struct coven_slice user = coven_part(to, COVEN_USER, NULL);
	bool found = false;

	if (!user.at || !coven_is_self(in, coven_part(to, COVEN_HOST, NULL), 0))
		return COVEN_NEXT;
	for (size_t i = 0; i < o->targets.count; i++) {
		if (!coven_same(rows[i].user, user))
			continue;
		found = true;
		if (add(in, req, &rows[i]) != 0)
			return COVEN_FAIL;
	}
	return found ? COVEN_DONE : COVEN_NEXT;
}

static const struct coven_hook hooks[] = { { COVEN_AUTH, let_in, NULL },
					   { COVEN_ROUTE, route, NULL },
					   { 0, NULL, NULL } };

COVEN_PLUGIN(.name = "relay", .version = "1.0",
	     .summary = "configured targets, for ladders",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks);
