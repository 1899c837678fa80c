/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dns -- where calls to other domains go: RFC 3263 with DNSSEC.  Gives the service "resolver". */
#include "lookup.h"
#include "way.h"

#include <stdlib.h>
#include <string.h>

static const struct coven_option options[] = {
	COVEN_OPTION("forward", COVEN_LIST, struct dns_options, engine.forward, "()",
	             "name servers that are asked, as \"192.0.2.1\" or \"127.0.0.1@5300\"; none: those of "
	             "/etc/resolv.conf if they pass DNSSEC on, else from the root down"),
	COVEN_OPTION("trust_anchor", COVEN_STRING, struct dns_options, engine.trust_anchor, "auto",
	             "file with the DS or DNSKEY records of the root; \"auto\": the system's"),
	COVEN_OPTION("root_hints", COVEN_STRING, struct dns_options, engine.root_hints, "",
	             "file with the names and addresses of the root's servers; none: those built in"),
	COVEN_OPTION("transports", COVEN_LIST, struct dns_options, transports, "(\"tls\", \"tcp\", \"udp\")",
	             "by which calls may leave"),
	COVEN_OPTION("ipv6", COVEN_BOOL, struct dns_options, ipv6, "true", "IPv6 addresses are asked for, too"),
	COVEN_RANGE("cache", COVEN_SIZE, struct dns_options, cache, "16m", 1 << 16, INT64_C(1) << 36,
	            "what each worker may keep of answers"),
	COVEN_RANGE("resolver_cache", COVEN_SIZE, struct dns_options, engine.cache, "64m", 1 << 20, INT64_C(1) << 36,
	            "what the resolver may keep of messages, records and keys"),
	COVEN_RANGE("window", COVEN_INT, struct dns_options, engine.window, "64", 1, 1000,
	            "questions that are out at a time, those not counted that have been out for long"),
	COVEN_RANGE("queue", COVEN_INT, struct dns_options, engine.queue, "2000", 1, 1000000,
	            "questions that wait until others have been answered; more are refused"),
	COVEN_RANGE("time_limit", COVEN_TIME, struct dns_options, engine.time_limit, "4s", 100, 4500,
	            "until then one answer must be complete"),
	COVEN_OPTIONS_END
};

/* -- the service */

static void
resolved(struct coven_instance *in, uint64_t tag, const struct finding *found)
{
	struct plan *p = found->plan;
	struct coven_hops hops = { .size = sizeof hops, .stride = sizeof(struct coven_hop), .draw = found->draw,
		                   .good_ms = found->good_ms, .retry_ms = found->retry_ms,
		                   .why = coven_text(found->why ? found->why : "") };

	if (p) {
		hops.first = p->hops;
		hops.count = found->result == COVEN_RESOLVED ? p->count : 0;
		hops.more = p->more;
		hops.dane = p->dane;
		hops.proof = (uint8_t)p->proof;
	}
	coven_resolver_answer(in, tag, found->result, &hops);
}

static void
found_records(struct coven_instance *in, uint64_t tag, const struct finding *found)
{
	const struct set *s = found->set;
	struct coven_rrset set = { .size = sizeof set, .proof = COVEN_INSECURE, .good_ms = found->good_ms,
		                   .why = coven_text(found->why ? found->why : "") };

	if (s) {
		set.proof = s->proof ? s->proof : COVEN_INSECURE;
		set.rdata = s->rdata;
		set.count = s->count;
		set.name = coven_text(s->owner);
	}
	coven_resolver_answer_records(in, tag, found->result, &set);
}

static void
resolve(struct coven_instance *in, coven_call call, const struct coven_question *question)
{
	desk_resolve(coven_self(in), question, resolved, call);
}

static void
records(struct coven_instance *in, coven_call call, struct coven_slice name, uint16_t rrtype)
{
	desk_records(coven_self(in), name, rrtype, found_records, call);
}

/* -- life */

/* "192.0.2.1", "2001:db8::1", with "@port" or without. */
static bool
is_server(struct coven_slice text)
{
	const char *at = memchr(text.at, '@', text.length);
	struct coven_slice host = { text.at, at ? (size_t)(at - text.at) : text.length };
	struct coven_address a;
	unsigned long port = 53;

	if (at) {
		char *end;

		port = strtoul(at + 1, &end, 10);
		if (end == at + 1 || end != text.at + text.length || at[1] == '-' || at[1] == '+')
			return false;
	}
	return place_number(host, &a) && host.at[0] != '[' && port >= 1 && port <= 65535;
}

static int
check(struct coven_instance *in, const struct dns_options *o)
{
	const struct coven_slice *servers = o->engine.forward.at, *names = o->transports.at;
	int rc = 0;

	for (size_t i = 0; i < o->engine.forward.count; i++)
		if (!is_server(servers[i])) {
			coven_complain(in, NULL, "forward", "not an address, or address@port: \"%.*s\"",
			               (int)servers[i].length, servers[i].at);
			rc = -1;
		}
	for (size_t i = 0; i < o->transports.count; i++)
		if (place_transport(names[i]) == PLACE_UNKNOWN) {
			coven_complain(in, NULL, "transports", "not \"tls\", \"tcp\" or \"udp\": \"%.*s\"",
			               (int)names[i].length, names[i].at);
			rc = -1;
		}
	if (o->transports.count == 0) {
		coven_complain(in, NULL, "transports", "there must be one");
		rc = -1;
	}
	if (!way_anchor(&o->engine) && !coven_is(o->engine.trust_anchor, "auto")) {
		coven_complain(in, NULL, "trust_anchor", "cannot read \"%s\"", o->engine.trust_anchor.at);
		rc = -1;
	}
	return rc;
}

static int
open_dns(struct coven_instance *in)
{
	const struct dns_options *o = coven_options(in);
	struct engine *e;

	if (check(in, o) != 0)
		return -1;
	if (!way_anchor(&o->engine))
		coven_log(in, COVEN_WARN, "no trust anchor of the root is on this system: nothing will be resolved; "
		                          "install dns-root-data, or name a file with trust_anchor");
	e = engine_new(&o->engine);
	if (!e)
		return -1;
	coven_set_shared(in, e);
	return 0;
}

static void
close_dns(struct coven_instance *in)
{
	if (coven_shared(in))
		engine_free(coven_shared(in));
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct desk *d = desk_new(in, coven_shared(in), coven_options(in));

	coven_set_self(in, d);
	return d ? COVEN_DONE : COVEN_FAIL;
}

static void
stop(struct coven_instance *in)
{
	if (coven_self(in))
		desk_free(coven_self(in));
	coven_set_self(in, NULL);
}

static const struct coven_resolver ops = { .size = sizeof ops, .resolve = resolve, .records = records };
static const struct coven_service gives[] = { { "resolver", COVEN_RESOLVER_VERSION, &ops }, { NULL, 0, NULL } };
static const struct coven_command commands[] = { { "dns", LOOKUP_USAGE, LOOKUP_HELP, lookup_command },
	                                         { NULL, NULL, NULL, NULL } };

COVEN_PLUGIN(.name = "dns", .version = "0.1.0", .summary = "where calls to other domains go, proven by DNSSEC",
             .options_size = sizeof(struct dns_options), .options = options, .commands = commands, .gives = gives,
             .open = open_dns, .close = close_dns, .start = start, .stop = stop);
