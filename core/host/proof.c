/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof: certificates on their way to a verdict. */
#include "host/proof.h"
#include "base/text.h"
#include <coven/tls_policy.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX 65536
#define AGAIN_MOST_MS (24 * 3600 * 1000)
#define AGAIN_LEAST_MS 1000

struct proof {
	struct list link;      /* in host->proofs */
	struct table_node node; /* in host->proof_flows */
	struct host *host;
	struct coven_flow flow;
	uint64_t name;         /* of the question that is under way, in host->proof_names; 0: none */
	bool waits;            /* the connection is not read from until there is an answer */
	struct timer again;
	struct coven_tls_shown shown;
	uint8_t spki[32];
	char names[COVEN_TLS_NAMES_MAX][NET_TLS_NAME_MAX];
	char certificate[];
};

static void
let_read(struct proof *p)
{
	if (p->waits)
		net_flow_pause(p->host->net, &p->flow, false);
	p->waits = false;
}

static void ask(struct proof *p);

static void
ask_again(struct timer *t)
{
	ask(CONTAINER(t, struct proof, again));
}

static void
proven(struct coven_instance *in, uint64_t tag, const struct coven_tls_proof *answer)
{
	struct host *h = in->host;
	struct proof *p = names_get(h->proof_names, tag);
	int64_t ms = answer->good_ms;

	if (!p)
		return;
	names_remove(h->proof_names, p->name);
	p->name = 0;
	if (net_flow_set_identity(h->net, &p->flow, answer->domain) != 0)
		net_flow_set_identity(h->net, &p->flow, (struct coven_slice){ NULL, 0 });
	let_read(p);
	if (!answer->domain.length)
		return; /* who has shown nothing may connect again */
	ms = ms < AGAIN_LEAST_MS ? AGAIN_LEAST_MS : ms > AGAIN_MOST_MS ? AGAIN_MOST_MS : ms;
	timer_start(h->loop, &p->again, ms, ask_again);
}

static void
ask(struct proof *p)
{
	p->name = names_add(p->host->proof_names, p);
	if (p->name)
		coven_tls_prove(&p->host->core, &p->shown, proven, p->name);
	else {
		net_flow_set_identity(p->host->net, &p->flow, (struct coven_slice){ NULL, 0 });
		let_read(p);
	}
}

static void
copy_shown(struct proof *p, const struct net_tls_peer *peer, const struct net_flow_facts *facts)
{
	struct coven_tls_shown *s = &p->shown;

	*s = (struct coven_tls_shown){ .size = sizeof *s, .flow = p->flow, .address = facts->far_end,
	                               .trusted = peer->level >= NET_TLS_NAMES };
	memcpy(p->spki, peer->spki, sizeof p->spki);
	s->spki = (struct coven_slice){ (const char *)p->spki, sizeof p->spki };
	memcpy(p->certificate, peer->certificate.at, peer->certificate.length);
	s->certificate = (struct coven_slice){ p->certificate, peer->certificate.length };
	for (size_t i = 0; i < peer->name_count && s->count < COVEN_TLS_NAMES_MAX; i++) {
		struct coven_slice name = peer->names[i].text;

		if (!name.length || name.length > sizeof p->names[0])
			continue;
		memcpy(p->names[s->count], name.at, name.length);
		s->names[s->count] = (struct coven_slice){ p->names[s->count], name.length };
		s->count++;
	}
}

static uint64_t
hash_of(const struct host *h, const struct coven_flow *flow)
{
	return keyed_hash(&h->all->shared_hash, flow, sizeof *flow);
}

void
proof_secured(struct host *h, const struct coven_flow *flow, const struct net_tls_peer *peer)
{
	struct net_flow_facts facts;
	struct proof *p;

	if (!peer->inbound || !peer->certificate.length || peer->certificate.length > CERTIFICATE_MAX ||
	    !coven_is_given(&h->core, "tls-policy", COVEN_TLS_POLICY_VERSION) ||
	    net_flow_facts(h->all->net, flow, &facts) != 0)
		return;
	p = calloc(1, sizeof *p + peer->certificate.length);
	if (!p)
		return;
	p->host = h;
	p->flow = *flow;
	copy_shown(p, peer, &facts);
	if (!p->shown.count) {
		free(p);
		return;
	}
	list_append(&h->proofs, &p->link);
	table_insert(&h->proof_flows, &p->node, hash_of(h, flow));
	p->waits = true;
	net_flow_pause(h->net, flow, true);
	ask(p);
}

static void
free_proof(struct proof *p)
{
	if (p->name)
		names_remove(p->host->proof_names, p->name);
	timer_stop(p->host->loop, &p->again);
	table_remove(&p->host->proof_flows, &p->node);
	list_remove(&p->link);
	free(p);
}

static bool
same_flow(const struct table_node *node, const void *key)
{
	return memcmp(&CONTAINER(node, struct proof, node)->flow, key, sizeof(struct coven_flow)) == 0;
}

void
proof_closed(struct host *h, const struct coven_flow *flow)
{
	struct table_node *node = NULL;

	if (h->proof_flows.count)
		node = table_find(&h->proof_flows, hash_of(h, flow), same_flow, flow);
	if (node)
		free_proof(CONTAINER(node, struct proof, node));
}

void
proof_end(struct host *h)
{
	while (!list_empty(&h->proofs))
		free_proof(CONTAINER(h->proofs.next, struct proof, link));
}

/* -- what requests may say of themselves */

static bool
names_host(struct coven_slice uri, struct coven_slice domain)
{
	struct sip_uri parsed;

	return domain.length && uri_parse(uri, &parsed) == 0 && text_alike(parsed.host, domain);
}

/* Of the connection, whatever the request says. */
static struct coven_slice
domain_of(const struct coven_request *r)
{
	char room[NET_IDENTITY_MAX];
	struct coven_slice domain = { NULL, 0 };

	if (r->from.transport->secure)
		domain = net_flow_identity(host_of(r)->all->net, &r->source, room);
	return domain.length ? arena_dup(r->arena, domain) : (struct coven_slice){ NULL, 0 };
}

struct coven_slice
proof_of(const struct coven_request *r)
{
	struct coven_slice domain = domain_of(r);

	if (names_host(sip_slice(&r->message, r->message.from_uri), domain))
		return domain;
	return (struct coven_slice){ NULL, 0 };
}

void
proof_strip(struct coven_request *r)
{
	static const struct coven_slice name = { "P-Asserted-Identity", 19 };
	const struct host_request *hr = r->host;
	struct coven_slice value, domain = hr->caller.at ? (struct coven_slice){ NULL, 0 } : proof_of(r);
	size_t i = 0;

	while ((value = edit_read(&r->edit, SIP_OTHER, name, i)).at) {
		struct sip_name_addr na;

		if (name_addr_parse(value, &na) == 0 && names_host(na.uri, domain))
			i++;
		else if (edit_remove(&r->edit, SIP_OTHER, name, i) != 0)
			return;
	}
}

struct coven_slice
coven_proven(const struct coven_request *req)
{
	return req ? proof_of(req) : (struct coven_slice){ NULL, 0 };
}
