/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve: the built-in provider. */
#include "host/resolve.h"
#include "base/text.h"
#include "tx/route.h"

/* The URI that says where to: RFC 3261 16.6 step 7. */
static struct coven_slice
next_uri(const struct coven_branch *b)
{
	const struct coven_target *t = b->target;
	struct coven_slice first[1], next;
	struct sip_name_addr na;

	if (t->hop.at)
		return t->hop;
	if (t->route.length && route_split(t->route, first, 1) == 1 && name_addr_parse(first[0], &na) == 0)
		return na.uri;
	next = route_next(&b->edit);
	return next.at ? next : t->uri;
}

static const struct host_name *
configured(const struct host_shared *all, struct coven_slice host)
{
	for (size_t i = 0; i < all->name_count; i++)
		if (text_alike(all->names[i].name, host))
			return &all->names[i];
	return NULL;
}

static const struct net_transport *
transport_of(const struct sip_uri *uri)
{
	struct coven_slice name = uri_param(uri, "transport");

	if (uri->sips)
		return NULL; /* TLS has no listener yet */
	return name.at ? net_transport_named(name) : net_transport(NET_UDP);
}

static unsigned
unresolved(struct host *h, struct coven_slice host)
{
	log_often(&h->no_resolver, LOG_LEVEL_WARN, "resolve",
	          "cannot find host \"%.*s\": no resolver plugin is loaded, and the name is not among `hosts`",
	          TEXT_ARG(host));
	return 502;
}

unsigned
resolve_hop(struct coven_branch *b, struct branch_hop *hop)
{
	struct host *h = host_of(b->request);
	const struct host_name *name;
	struct sip_uri uri;

	*hop = (struct branch_hop){ .transport = NULL };
	if (target_has_flow(b->target)) {
		struct net_flow_facts facts;
		bool known = net_flow_facts(h->all->net, &b->target->flow, &facts) == 0;
		if (known && facts.transport->stream && net_flow_alive(h->all->net, &b->target->flow)) {
			hop->flow = b->target->flow;
			return 0;
		}
	}
	if (uri_parse(next_uri(b), &uri) != 0 || !uri.sip)
		return 404;
	hop->transport = transport_of(&uri);
	if (!hop->transport)
		return 502;
	if (address_parse(uri.host, &hop->address) == 0) {
		hop->address.port = uri.port ? uri.port : hop->transport->default_port;
		return 0;
	}
	name = configured(h->all, uri.host);
	if (!name)
		return unresolved(h, uri.host);
	hop->address = name->address;
	if (uri.port || !hop->address.port)
		hop->address.port = uri.port ? uri.port : hop->transport->default_port;
	return 0;
}
