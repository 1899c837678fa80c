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
configured(const struct edition *e, struct coven_slice host)
{
	for (size_t i = 0; i < e->name_count; i++)
		if (text_alike(e->names[i].name, host))
			return &e->names[i];
	return NULL;
}

static const struct net_transport *
transport_of(const struct sip_uri *uri)
{
	struct coven_slice name = uri_param(uri, "transport");

	if (uri->sips)
		return text_is_alike(name, "udp") ? NULL : net_transport(NET_TLS);
	return name.at ? net_transport_named(name) : net_transport(NET_UDP);
}

static unsigned
by_name(struct host *h, const struct sip_uri *uri, struct coven_question *question)
{
	struct coven_slice host = uri->host;

	if (coven_is_given(&h->core, "resolver", COVEN_RESOLVER_VERSION)) {
		*question = (struct coven_question){ .host = host, .transport = uri_param(uri, "transport"),
		                                     .port = uri->port, .sips = uri->sips };
		return RESOLVE_BY_NAME;
	}
	log_often(&h->no_resolver, LOG_LEVEL_WARN, "resolve",
	          "cannot find host \"%.*s\": no resolver plugin is loaded, and the name is not among `hosts`",
	          TEXT_ARG(host));
	return 502;
}

static bool
live_stream(const struct host *h, const struct coven_flow *flow)
{
	struct net_flow_facts facts;

	return net_flow_facts(h->all->net, flow, &facts) == 0 && facts.transport->stream &&
	       net_flow_alive(h->all->net, flow);
}

/* Inside a dialog a stranger's token vouches for the other side alone: a Request-URI or Route that names another place
 * does not lead there, but to where that side was when the dialog began. */
static bool
other_side(const struct host *h, const struct coven_branch *b, struct branch_hop *hop)
{
	const struct coven_flow *flow = &b->request->dialog.flow;

	if (!b->request->in_dialog || b->request->dialog_free || !net_flow_alive(h->all->net, flow))
		return false;
	hop->flow = *flow;
	return true;
}

/* Its connection has gone: a new one, to that host and no other. */
static bool
is_other_side(const struct coven_branch *b, const struct coven_address *a)
{
	return !b->request->in_dialog || b->request->dialog_free || address_same_host(a, &b->request->dialog.far_end);
}

/* RFC 5630: what was asked for by sips stays so, up to the phone's own address. */
static bool
softens(const struct coven_branch *b)
{
	const struct host_request *hr = b->request->host;

	return hr->uri.sips && !text_begins(b->target->uri, "sips:");
}

static bool
needs_tls(const struct coven_branch *b)
{
	const struct host_request *hr = b->request->host;

	return hr->uri.sips || text_begins(b->target->uri, "sips:");
}

static bool
is_secure(const struct net_shared *net, const struct branch_hop *hop)
{
	struct net_flow_facts facts;

	if (!hop->transport)
		return net_flow_facts(net, &hop->flow, &facts) == 0 && facts.transport->secure;
	for (unsigned i = 0; hop->transport->secure && i < net_shared_count(net); i++)
		if (net_shared_listener(net, i)->transport == hop->transport)
			return true;
	return false;
}

bool
resolve_allows(const struct coven_branch *b, const struct coven_address *address)
{
	return is_other_side(b, address);
}

static unsigned find_hop(struct coven_branch *b, struct branch_hop *hop, struct coven_question *question);

unsigned
resolve_hop(struct coven_branch *b, struct branch_hop *hop, struct coven_question *question)
{
	unsigned status = softens(b) ? 480 : find_hop(b, hop, question);

	return !status && needs_tls(b) && !is_secure(host_of(b->request)->all->net, hop) ? 480 : status;
}

static unsigned
find_hop(struct coven_branch *b, struct branch_hop *hop, struct coven_question *question)
{
	struct host *h = host_of(b->request);
	const struct host_name *name;
	struct sip_uri uri;

	*hop = (struct branch_hop){ .transport = NULL };
	if (other_side(h, b, hop))
		return 0;
	if (live_stream(h, &b->target->flow)) {
		hop->flow = b->target->flow;
		return 0;
	}
	if (uri_parse(next_uri(b), &uri) != 0 || !uri.sip)
		return 404;
	hop->transport = transport_of(&uri);
	if (!hop->transport)
		return uri.sips ? 480 : 502;
	if (address_parse(uri.host, &hop->address) == 0) {
		if (!is_other_side(b, &hop->address))
			return 480;
		hop->address.port = uri.port ? uri.port : hop->transport->default_port;
		return 0;
	}
	name = configured(host_edition(h), uri.host);
	if (name && !is_other_side(b, &name->address))
		return 480;
	if (!name)
		return by_name(h, &uri, question);
	hop->address = name->address;
	if (uri.port || !hop->address.port)
		hop->address.port = uri.port ? uri.port : hop->transport->default_port;
	return 0;
}
