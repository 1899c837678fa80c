// SPDX-License-Identifier: GPL-3.0-or-later
// example-cc -- plugins/example in C++: *42 rings 42 in another domain.
#include <coven/plugin.h>
#include <cstring>

namespace {

struct Options { coven_slice prefix, domain; };

constexpr coven_option options[] = {
	COVEN_OPTION("prefix", COVEN_STRING, Options, prefix, "*", "what such a number begins with"),
	COVEN_OPTION("domain", COVEN_STRING, Options, domain, nullptr, "where its users live"),
	COVEN_OPTIONS_END
};

coven_verdict route(coven_instance *in, coven_request *req, coven_branch *)
{
	const auto *o = static_cast<const Options *>(coven_options(in));
	coven_slice user = coven_part(coven_destination(req), COVEN_USER, nullptr);
	size_t skip = o->prefix.length;

	if (user.length <= skip || std::memcmp(user.at, o->prefix.at, skip) != 0)
		return COVEN_NEXT;
	coven_slice uri = coven_print(req, "sip:%.*s@%.*s", static_cast<int>(user.length - skip),
				      user.at + skip, static_cast<int>(o->domain.length),
				      o->domain.at);
	coven_target *t = coven_target_new(in, uri);
	if (!t || coven_target_put(t, COVEN_TO_AGAIN, 1) != 0)
		return COVEN_FAIL;
	return coven_add_target(req, t) == 0 ? COVEN_DONE : COVEN_FAIL;
}

constexpr coven_hook hooks[] = {{COVEN_ROUTE, route, nullptr}, {0, nullptr, nullptr}};

} // namespace

COVEN_PLUGIN(p.name = "example-cc", p.version = "1.0", p.summary = "short numbers, in C++",
	     p.options_size = sizeof(Options), p.options = options, p.hooks = hooks);
