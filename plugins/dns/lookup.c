/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookup: a search as a call would make it, all of its pages one after the other; and figures. */
#include "lookup.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TLSA_SHOWN 4     /* records of one hop */
#define TLSA_TEXT 200    /* of one of them */
#define PAGES_MAX COVEN_HOPS_MAX

struct lookup {
	struct coven_out *out;
	struct coven_question question;
	char host[COVEN_HOST_MAX + 1], transport[8];
	uint16_t type; /* of records; 0: hops */
	unsigned pages, number;
};

static const char *const results[] = { "resolved", "none", "no service", "bogus", "down", "busy" };

static const char *
proof_text(uint8_t proof)
{
	return proof == COVEN_SECURE ? "secure" : "insecure";
}

/* -- hops */

static void
put_tlsa(struct coven_out *out, const struct coven_hop *hop)
{
	char text[TLSA_SHOWN * TLSA_TEXT] = "";
	size_t used = 0;

	for (size_t i = 0; i < hop->tlsa_count && i < TLSA_SHOWN; i++) {
		const struct coven_tlsa *t = &hop->tlsa[i];

		used += (size_t)snprintf(text + used, sizeof text - used, "%s%u %u %u ", i ? ", " : "", t->usage,
		                         t->selector, t->matching);
		for (size_t j = 0; j < t->data.length && j < 64; j++)
			used += (size_t)snprintf(text + used, sizeof text - used, "%02x", (uint8_t)t->data.at[j]);
	}
	coven_put_text(out, "tlsa", (struct coven_slice){ text, used });
}

static void
put_hop(struct lookup *l, const struct coven_hop *hop)
{
	struct coven_out *out = l->out;
	char room[INET6_ADDRSTRLEN] = "";

	coven_row(out);
	coven_put_number(out, "hop", ++l->number);
	coven_put_text(out, "transport", hop->transport);
	inet_ntop(hop->address.family == 4 ? AF_INET : AF_INET6, hop->address.ip, room, sizeof room);
	coven_put_text(out, "address", coven_text(room));
	coven_put_number(out, "port", hop->address.port);
	coven_put_text(out, "name", hop->name);
	coven_put_number(out, "priority", hop->priority);
	coven_put_number(out, "weight", hop->weight);
	coven_put_text(out, "proof", coven_text(proof_text(hop->proof)));
	if (!coven_is(hop->transport, "tls"))
		return;
	coven_put_text(out, "tlsa_proof", coven_text(proof_text(hop->tlsa_proof)));
	put_tlsa(out, hop);
	if (hop->tlsa_unusable)
		coven_put_bool(out, "tlsa_unusable", true);
}

static void
finish(struct lookup *l, int status)
{
	struct coven_out *out = l->out;

	free(l);
	coven_end(out, status);
}

static void next_page(struct coven_instance *in, void *arg);

/* "bogus: ...": the word that stands first is for programs. */
static void
put_error(struct lookup *l, const struct finding *found, uint8_t proof)
{
	bool absent = found->result == COVEN_RESOLVE_NONE || found->result == COVEN_RESOLVE_NO_SERVICE;

	coven_error(l->out, "%s: %s%s", results[found->result],
	            found->why && *found->why ? found->why : "there are no such records",
	            !absent || !proof ? "" : proof == COVEN_SECURE ? " (proven)" : " (insecure)");
}

static void
page(struct coven_instance *in, uint64_t tag, const struct finding *found)
{
	struct lookup *l = (struct lookup *)(uintptr_t)tag;
	struct plan *p = found->plan;

	if (found->result != COVEN_RESOLVED) {
		bool end = l->number && found->result == COVEN_RESOLVE_NONE;

		if (!end)
			put_error(l, found, p ? (uint8_t)p->proof : 0);
		finish(l, end ? 0 : 1);
		return;
	}
	for (size_t i = 0; i < p->count; i++) {
		put_hop(l, &p->hops[i]);
		if (i == 0) {
			coven_put_number(l->out, "page", l->pages + 1);
			coven_put_bool(l->out, "dane", p->dane);
			coven_put_number(l->out, "good_ms", found->good_ms);
		}
	}
	l->question.from = (uint16_t)(l->question.from + p->count);
	l->question.draw = found->draw;
	if (!p->more || ++l->pages >= PAGES_MAX || !coven_heard(l->out))
		finish(l, 0);
	else
		coven_flush(in, l->out, next_page, l);
}

static void
next_page(struct coven_instance *in, void *arg)
{
	struct lookup *l = arg;

	desk_resolve(coven_self(in), &l->question, page, (uint64_t)(uintptr_t)l);
}

/* -- records */

static void
records(struct coven_instance *in, uint64_t tag, const struct finding *found)
{
	struct lookup *l = (struct lookup *)(uintptr_t)tag;
	const struct set *set = found->set;

	if (found->result != COVEN_RESOLVED) {
		put_error(l, found, set ? set->proof : 0);
		finish(l, 1);
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		char hex[2 * 512 + 1];
		size_t length = set->rdata[i].length < 512 ? set->rdata[i].length : 512;

		for (size_t j = 0; j < length; j++)
			snprintf(hex + 2 * j, 3, "%02x", (uint8_t)set->rdata[i].at[j]);
		coven_row(l->out);
		coven_put_text(l->out, "owner", coven_text(set->owner));
		coven_put_number(l->out, "type", set->type);
		coven_put_text(l->out, "proof", coven_text(proof_text(set->proof)));
		coven_put_number(l->out, "good_ms", found->good_ms);
		coven_put_text(l->out, "rdata", (struct coven_slice){ hex, 2 * length });
	}
	finish(l, 0);
}

static uint16_t
type_of(struct coven_slice word)
{
	static const struct { const char *name; uint16_t type; } types[] = {
		{ "A", WIRE_A },     { "AAAA", WIRE_AAAA },   { "CNAME", WIRE_CNAME }, { "MX", WIRE_MX },
		{ "NS", WIRE_NS },   { "PTR", WIRE_PTR },     { "SOA", WIRE_SOA },     { "SRV", WIRE_SRV },
		{ "TXT", WIRE_TXT }, { "NAPTR", WIRE_NAPTR }, { "TLSA", WIRE_TLSA },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (coven_alike(word, coven_text(types[i].name)))
			return types[i].type;
	return 0;
}

/* -- commands */

static uint16_t
port_of(struct coven_slice text)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.length && port <= 65535; i++)
		port = port * 10 + (unsigned)(text.at[i] - '0');
	return port <= 65535 ? (uint16_t)port : 0;
}

static void
copy(char *to, size_t room, struct coven_slice *text)
{
	if (text->length >= room)
		text->length = room - 1;
	if (text->length)
		memcpy(to, text->at, text->length);
	to[text->length] = 0;
	text->at = to;
}

/* A URI, or a host alone. */
static int
read_question(struct lookup *l, struct coven_slice uri)
{
	struct coven_question *q = &l->question;

	*q = (struct coven_question){ .size = sizeof *q, .host = uri };
	if (coven_uri_valid(uri)) {
		q->host = coven_part(uri, COVEN_HOST, NULL);
		q->transport = coven_part(uri, COVEN_URI_PARAM, "transport");
		q->port = port_of(coven_part(uri, COVEN_PORT, NULL));
		q->sips = coven_alike(coven_part(uri, COVEN_SCHEME, NULL), coven_text("sips"));
	} else if (memchr(uri.at, '@', uri.length) || memchr(uri.at, ' ', uri.length)) {
		return -1;
	}
	if (!q->host.length || q->host.length > COVEN_HOST_MAX)
		return -1;
	copy(l->host, sizeof l->host, &q->host);
	copy(l->transport, sizeof l->transport, &q->transport);
	return 0;
}

static void
begin(struct coven_instance *in, void *arg)
{
	struct lookup *l = arg;

	if (l->type)
		desk_records(coven_self(in), l->question.host, l->type, records, (uint64_t)(uintptr_t)l);
	else
		next_page(in, l);
}

static enum coven_verdict
lookup(struct coven_instance *in, struct coven_out *out, size_t count, const struct coven_slice *words)
{
	uint16_t type = count == 2 ? type_of(words[1]) : 0;
	struct lookup *l = calloc(1, sizeof *l);

	if (!l)
		return COVEN_FAIL;
	l->out = out;
	if (count == 2 && !type) {
		coven_error(out, "unknown type \"%.*s\"", (int)words[1].length, words[1].at);
		free(l);
		return COVEN_FAIL;
	}
	if (read_question(l, words[0]) != 0) {
		coven_error(out, "not a URI or host: \"%.*s\"", (int)words[0].length, words[0].at);
		free(l);
		return COVEN_FAIL;
	}
	l->type = type;
	coven_name_rows(out, type ? "records" : "hops");
	if (coven_call_worker(in, coven_worker(in), begin, l) == 0) /* coven_end() may come only after WAIT */
		return COVEN_WAIT;
	free(l);
	return COVEN_FAIL;
}

static void
forget(struct coven_instance *in, void *arg)
{
	struct desk *d = coven_self(in);

	cache_clear(d->cache);
}

static enum coven_verdict
flush(struct coven_instance *in, struct coven_out *out)
{
	struct desk *d = coven_self(in);

	engine_flush(d->engine);
	forget(in, NULL);
	for (unsigned i = 1; i < coven_workers(in); i++)
		if (coven_call_worker(in, i, forget, NULL) != 0) {
			coven_error(out, "worker %u is too busy: it has forgotten nothing", i);
			return COVEN_FAIL;
		}
	return COVEN_DONE;
}

static enum coven_verdict
status(struct coven_instance *in, struct coven_out *out)
{
	struct desk *d = coven_self(in);
	struct cache_counts c = cache_counts(d->cache);
	struct engine_status e;

	engine_status(d->engine, &e);
	coven_row(out);
	coven_put_bool(out, "running", e.running);
	coven_put_text(out, "way", coven_text(e.way));
	coven_put_number(out, "asked", (int64_t)e.asked);
	coven_put_number(out, "answered", (int64_t)e.answered);
	coven_put_number(out, "failed", (int64_t)e.failed);
	coven_put_number(out, "bogus", (int64_t)e.bogus);
	coven_put_number(out, "late", (int64_t)e.late);
	coven_put_number(out, "refused", (int64_t)e.refused);
	coven_put_number(out, "waiting", (int64_t)e.waiting);
	coven_put_number(out, "in_flight", (int64_t)e.in_flight);
	coven_put_number(out, "slow", (int64_t)e.slow);
	coven_put_number(out, "searches", (int64_t)d->search_count);
	coven_put_number(out, "cached", (int64_t)c.sets);
	coven_put_number(out, "cached_bytes", (int64_t)c.bytes);
	coven_put_number(out, "hits", (int64_t)c.hits);
	coven_put_number(out, "joined", (int64_t)c.joined);
	coven_put_number(out, "evicted", (int64_t)c.evicted);
	return COVEN_DONE;
}

enum coven_verdict
lookup_command(struct coven_instance *in, struct coven_out *out, size_t count, const struct coven_slice *words)
{
	if ((count == 2 || count == 3) && coven_is(words[0], "lookup"))
		return lookup(in, out, count - 1, words + 1);
	if (count == 1 && coven_is(words[0], "flush"))
		return flush(in, out);
	if (count == 1 && coven_is(words[0], "status"))
		return status(in, out);
	return COVEN_NEXT;
}
