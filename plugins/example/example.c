/* SPDX-License-Identifier: GPL-3.0-or-later */
/* example -- short numbers: *42 rings 42 in another domain. */
#include <coven/plugin.h>
#include <string.h>

struct options { struct coven_slice prefix, domain; };

static const struct coven_option options[] = {
	COVEN_OPTION("prefix", COVEN_STRING, struct options, prefix, "*", "what such a number begins with"),
	COVEN_OPTION("domain", COVEN_STRING, struct options, domain, NULL, "where its users live"),
	COVEN_OPTIONS_END
};

static enum coven_verdict
route(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct options *o = coven_options(in);
	struct coven_slice user = coven_part(coven_destination(req), COVEN_USER, NULL), uri;
	size_t skip = o->prefix.length;
	struct coven_target *t;

	if (user.length <= skip || memcmp(user.at, o->prefix.at, skip) != 0)
		return COVEN_NEXT;
	uri = coven_print(req, "sip:%.*s@%.*s", (int)(user.length - skip), user.at + skip,
			  (int)o->domain.length, o->domain.at);
	t = coven_target_new(in, uri);
	if (!t || coven_target_put(t, COVEN_TO_AGAIN, 1) != 0)
		return COVEN_FAIL;
	return coven_add_target(req, t) == 0 ? COVEN_DONE : COVEN_FAIL;
}

static const struct coven_hook hooks[] = { { COVEN_ROUTE, route, NULL }, { 0, NULL, NULL } };

COVEN_PLUGIN(.name = "example", .version = "1.0", .summary = "short numbers of another domain",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks);
