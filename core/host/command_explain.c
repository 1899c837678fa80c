/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `explain URI`: how a call to it would go, hop by hop, without one: what DNS says, whether DNSSEC proves it, and what the
 * policy for TLS demands there. */
#include "host/command_own.h"
#include "base/address.h"
#include "base/text.h"
#include "host/hold.h"
#include "host/hops.h"
#include "host/resolve.h"
#include <coven/tls_policy.h>
#include <stdint.h>

struct explained {
	struct coven_out *out;
	struct arena *arena;
	struct sip_uri uri;
	struct coven_hops hops;
};

static void
end(struct coven_instance *core, struct explained *e, int status)
{
	struct coven_out *out = e->out;

	(void)core;
	arena_free(e->arena);
	coven_end(out, status);
}

static const char *
level_word(unsigned level)
{
	static const char *const words[] = { "not used", "none", "encrypted", "certificate", "dane" };

	return level < sizeof words / sizeof words[0] ? words[level] : "not used";
}

static void
put_hop(struct coven_instance *core, struct coven_out *out, const struct coven_hop *hop, unsigned level)
{
	char room[64];
	const struct net_transport *transport = net_transport_named(hop->transport);

	coven_row(out);
	coven_put_text(out, "transport", hop->transport);
	coven_put_text(out, "address", coven_address_text(&hop->address, room));
	coven_put_text(out, "name", hop->name);
	coven_put_text(out, "dns", hop->proof == COVEN_SECURE ? TEXT("secure") : TEXT("insecure"));
	coven_put_number(out, "tlsa", (int64_t)hop->tlsa_count);
	coven_put_text(out, "tls", text_of(level_word(level)));
	coven_put_bool(out, "held", transport && hold_is_on(core->host->holds, transport, &hop->address,
	                                                    loop_now(core->host->loop)));
}

static void
judged(struct coven_instance *in, uint64_t tag, const struct coven_tls_judgement *judgement)
{
	struct explained *e = (struct explained *)(uintptr_t)tag;
	bool any = false;

	for (size_t i = 0; i < e->hops.count; i++) {
		unsigned level = i < judgement->count ? judgement->levels[i] : COVEN_TLS_REFUSE;

		any |= level != COVEN_TLS_REFUSE;
		put_hop(in, e->out, coven_hop_at(&e->hops, i), level);
	}
	if (!any)
		coven_error(e->out, "none of its addresses may be used: %.*s",
		            TEXT_ARG(judgement->count ? judgement->why : TEXT("no plugin gives tls-policy")));
	end(in, e, any ? 0 : 1);
}

static void
resolved(struct coven_instance *in, uint64_t tag, int result, const struct coven_hops *hops)
{
	static const char *const words[] = { "", "there is no such domain", "it takes no calls", "bogus",
	                                     "no name server answers", "too many questions wait" };
	struct explained *e = (struct explained *)(uintptr_t)tag;
	struct coven_tls_way way = { .size = sizeof way, .domain = e->uri.host, .sips = e->uri.sips, .hops = &e->hops };

	if (result == COVEN_RESOLVED && hops_copy(&e->hops, hops, e->arena) == 0) {
		coven_tls_judge(in, &way, judged, tag);
		return;
	}
	coven_error(e->out, "%.*s: %s%s%.*s", TEXT_ARG(e->uri.host),
	            result > 0 && result <= COVEN_RESOLVE_BUSY ? words[result] : "no answer", hops->why.length ? ": " : "",
	            TEXT_ARG(hops->why));
	end(in, e, 1);
}

/* What needs no name server. */
static bool
put_known(struct host *h, struct coven_out *out, const struct sip_uri *uri)
{
	const struct edition *edition = host_edition(h);
	struct coven_address address;
	bool ours = self_is_uri(edition->self, uri);
	bool number = address_parse(uri->host, &address) == 0;

	if (!ours && !number)
		for (size_t i = 0; i < edition->name_count; i++)
			if (text_alike(edition->names[i].name, uri->host))
				number = true;
	if (!ours && !number)
		return false;
	coven_row(out);
	coven_put_text(out, "how", ours ? TEXT("one of ours: where it is registered, `covenctl reg show` tells")
	                                : TEXT("an address, or a name of `hosts`: nothing is looked up, nothing is proven"));
	return true;
}

enum coven_verdict
command_explain(const struct command_call *c)
{
	struct host *h = c->server->all->hosts[0];
	struct arena *arena;
	struct explained *e;
	struct coven_question q = { .size = sizeof q };
	struct sip_uri uri;

	if (c->count != 1)
		return COVEN_NEXT;
	if (uri_parse(c->words[0], &uri) != 0 || !uri.sip || !uri.host.length) {
		coven_error(c->out, "\"%.*s\" is not a SIP URI: sip:bob@example.org", TEXT_ARG(c->words[0]));
		return COVEN_FAIL;
	}
	if (put_known(h, c->out, &uri))
		return COVEN_DONE;
	if (!coven_is_given(&h->core, "resolver", COVEN_RESOLVER_VERSION)) {
		coven_error(c->out, "no plugin looks names up: { name = \"dns\"; } among `plugins` does");
		return COVEN_FAIL;
	}
	arena = arena_new(h->tx->pool);
	e = arena ? arena_zero(arena, sizeof *e) : NULL;
	if (!e || uri_parse(arena_dup(arena, c->words[0]), &e->uri) != 0) {
		arena_free(arena);
		return COVEN_FAIL;
	}
	e->out = c->out;
	e->arena = arena;
	q.host = e->uri.host;
	q.transport = uri_param(&e->uri, "transport");
	q.port = e->uri.port;
	q.sips = e->uri.sips;
	coven_resolve(&h->core, &q, resolved, (uint64_t)(uintptr_t)e);
	return COVEN_WAIT;
}
