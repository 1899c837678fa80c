/* SPDX-License-Identifier: GPL-3.0-or-later */
/* way: contexts of libunbound, and the probe of forwarders. */
#include "way.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AGAIN_MS 5000 /* after a failure */
#define PROBE_MS 1500 /* whoever has not answered a probe by then will not do */
#define CLASS_IN 1

/* Set for every context.  Names from the LAN and time-outs of a moment are not held against a server for long. */
static const char *const settings[][2] = {
	{ "do-not-query-localhost:", "no" },
	{ "outgoing-range:", "512" },
	{ "num-queries-per-thread:", "4096" },
	{ "outgoing-num-tcp:", "32" },
	{ "infra-host-ttl:", "60" },
	{ "infra-keep-probing:", "yes" },
	{ "aggressive-nsec:", "yes" },
	{ "harden-dnssec-stripped:", "yes" },
	{ "val-permissive-mode:", "no" },
	{ "cache-max-ttl:", "86400" },
	{ "cache-max-negative-ttl:", "3600" },
};

const char *
way_anchor(const struct engine_options *options)
{
	static const char *const files[] = { "/usr/share/dns/root.ds", "/var/lib/unbound/root.key",
		                             "/usr/share/dns/root.key" };

	if (!coven_is(options->trust_anchor, "auto"))
		return access(options->trust_anchor.at, R_OK) == 0 ? options->trust_anchor.at : NULL;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

void
way_close(struct way *w)
{
	if (w->ctx)
		ub_ctx_delete(w->ctx);
	w->ctx = NULL;
	w->state = WAY_NONE;
	w->probed = false;
}

static bool
failed(struct way *w, const char *what, const char *why, int64_t now_ms)
{
	way_close(w);
	w->failed_ms = now_ms;
	snprintf(w->what, sizeof w->what, "cannot resolve: %s: %s", what, why);
	return true;
}

/* 0, or what libunbound says of it. */
static int
set_sizes(struct ub_ctx *ctx, int64_t cache)
{
	const struct { const char *name; int64_t bytes; } sizes[] = {
		{ "msg-cache-size:", cache / 4 },   { "rrset-cache-size:", cache / 2 },
		{ "key-cache-size:", cache / 8 },   { "neg-cache-size:", cache / 8 },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && rc == 0; i++) {
		char number[24];

		snprintf(number, sizeof number, "%lld", (long long)sizes[i].bytes);
		rc = ub_ctx_set_option(ctx, sizes[i].name, number);
	}
	return rc;
}

static int
set_all(struct ub_ctx *ctx)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof settings / sizeof settings[0] && rc == 0; i++)
		rc = ub_ctx_set_option(ctx, settings[i][0], settings[i][1]);
	return rc;
}

/* A context in which everything is set but where to ask.  *what: which part has failed. */
static int
make(struct way *w, const char **what)
{
	const char *anchor = way_anchor(w->options);
	int rc;

	*what = "libunbound";
	w->ctx = ub_ctx_create_ub_event(w->base);
	if (!w->ctx)
		return UB_NOMEM;
	ub_ctx_debugout(w->ctx, NULL); /* it would write to stderr */
	*what = "a setting";
	rc = set_all(w->ctx);
	if (rc == 0)
		rc = set_sizes(w->ctx, w->options->cache);
	if (rc != 0)
		return rc;
	*what = "trust anchor";
	return anchor ? ub_ctx_add_ta_file(w->ctx, anchor) : UB_READFILE;
}

static int
forward(struct way *w, const char **what)
{
	const struct coven_slice *servers = w->options->forward.at;
	int rc = make(w, what);

	for (size_t i = 0; i < w->options->forward.count && rc == 0; i++) {
		*what = servers[i].at;
		rc = ub_ctx_set_fwd(w->ctx, servers[i].at);
	}
	return rc;
}

static int
system_forward(struct way *w, const char **what)
{
	int rc = make(w, what);

	if (rc == 0) {
		*what = "/etc/resolv.conf";
		rc = ub_ctx_resolvconf(w->ctx, NULL);
	}
	return rc;
}

static int
from_roots(struct way *w, const char **what)
{
	int rc = make(w, what);

	if (rc == 0 && w->options->root_hints.length) {
		*what = "root hints";
		rc = access(w->options->root_hints.at, R_OK) == 0
		             ? ub_ctx_set_option(w->ctx, "root-hints:", w->options->root_hints.at)
		             : UB_READFILE;
	}
	return rc;
}

static void
answered(void *arg, int rcode, void *packet, int length, int secure, char *why, int limited)
{
	struct way *w = arg;

	(void)rcode;
	(void)packet;
	(void)length;
	(void)why;
	(void)limited;
	w->probed = true;
	w->probe_ok = secure == 2;
	w->bogus = secure == 1;
}

/* Are the root's keys there, with signatures that fit the trust anchor? */
static bool
probe(struct way *w, int64_t now_ms, enum way_state state)
{
	int rc;

	w->state = state;
	w->probed = w->bogus = false;
	w->probe_ms = now_ms;
	rc = ub_resolve_event(w->ctx, ".", WIRE_DNSKEY, CLASS_IN, w, answered, NULL);
	return rc != 0 && failed(w, "probe", ub_strerror(rc), now_ms);
}

static bool
begin(struct way *w, int64_t now_ms)
{
	const char *what;
	int rc;

	if (w->failed_ms && now_ms - w->failed_ms < AGAIN_MS)
		return false;
	if (w->options->forward.count) {
		rc = forward(w, &what);
		if (rc != 0)
			return failed(w, what, ub_strerror(rc), now_ms);
		w->state = WAY_OPEN;
		snprintf(w->what, sizeof w->what, "questions go to the configured forwarders");
		return true;
	}
	rc = system_forward(w, &what);
	if (rc == 0)
		return probe(w, now_ms, WAY_PROBE);
	if (strcmp(what, "/etc/resolv.conf") != 0)
		return failed(w, what, ub_strerror(rc), now_ms);
	w->state = WAY_PROBE; /* no such file: as if it did not work */
	w->probed = true;
	w->probe_ok = w->bogus = false;
	return false;
}

static bool
try_roots(struct way *w, int64_t now_ms)
{
	const char *what;
	int rc;

	way_close(w);
	rc = from_roots(w, &what);
	if (rc != 0)
		return failed(w, what, ub_strerror(rc), now_ms);
	return probe(w, now_ms, WAY_ROOTS);
}

bool
way_go_on(struct way *w, int64_t now_ms)
{
	if (w->state == WAY_NONE)
		return begin(w, now_ms);
	if (w->state == WAY_OPEN || (!w->probed && now_ms - w->probe_ms < PROBE_MS))
		return false;
	if (w->probed && w->probe_ok) {
		snprintf(w->what, sizeof w->what,
		         w->state == WAY_PROBE
		                 ? "questions go to the name servers of /etc/resolv.conf"
		                 : "the name servers of /etc/resolv.conf do not pass DNSSEC on: questions go "
		                   "to the domains' own name servers, from the root down");
		w->state = WAY_OPEN;
		w->probed = false;
		return true;
	}
	if (w->state == WAY_PROBE)
		return try_roots(w, now_ms);
	return failed(w, "the root's keys", w->bogus ? "they do not validate: is the clock right, the trust anchor the newest?"
	                                             : "no name server gives them", now_ms);
}
