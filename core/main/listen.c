/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen: strings become sockets to be, and names that are ours. */
#include "main/listen.h"
#include "base/text.h"

static void
wrong(const struct option_set *set, const char *key, struct coven_slice what, const char *why, struct complaints *list)
{
	struct option_place place = option_where(set, NULL, key);

	complain(list, place.file ? place.file : "covend", place.line, "%s: %s \"%.*s\"", key, why, TEXT_ARG(what));
}

struct net_shared *
listen_open(const struct settings *s, const struct option_set *set, struct complaints *list)
{
	struct net_listener listeners[NET_LISTENERS_MAX];
	const struct coven_slice *texts = s->listen.at;
	size_t count = 0, before = complaints_count(list);
	struct net_shared *net;
	const char *why;

	for (size_t i = 0; i < s->listen.count; i++)
		if (net_listeners_parse(texts[i], listeners, NET_LISTENERS_MAX, &count, &why) != 0)
			wrong(set, "listen", texts[i], why, list);
	if (complaints_count(list) > before)
		return NULL;
	if (count == 0) {
		wrong(set, "listen", TEXT(""), "nothing to listen on", list);
		return NULL;
	}
	net = net_shared_new(listeners, count, (unsigned)s->workers);
	if (net)
		net_shared_limit(net, &(struct net_limits){ .body = (uint32_t)s->body_max,
		                                            .per_source = (uint32_t)s->connections_per_source });
	return net;
}

struct self *
listen_self(const struct settings *s, const struct option_set *set, const struct net_shared *net, struct complaints *list)
{
	struct self *self = self_new(net);
	const struct coven_slice *domains = s->domains.at;

	if (!self)
		return NULL;
	if (s->domains.count == 0)
		wrong(set, "domains", TEXT(""), "there must be at least one", list);
	for (size_t i = 0; i < s->domains.count; i++)
		if (self_add_domain(self, domains[i]) != 0)
			wrong(set, "domains", domains[i], "not a domain name", list);
	return self;
}
