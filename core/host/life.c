/* SPDX-License-Identifier: GPL-3.0-or-later */
/* life: arrival, SCREEN, dialog, AUTH, access, SERVE, ROUTE. */
#include "host/life.h"
#include "base/random.h"
#include "base/text.h"
#include "host/access.h"
#include "host/data.h"
#include "host/dialog.h"
#include "host/journey.h"
#include "host/launch.h"
#include "host/park.h"
#include "host/proof.h"
#include "host/respond.h"
#include "host/serve.h"
#include "sip/reply.h"
#include "tx/route.h"

/* -- arrival ------------------------------------------------------------------------------------- */

/* For whom is it?  After Route processing. */
static void
classify(struct host_request *hr, struct coven_request *r)
{
	const struct self *self = r->tx->self;
	struct coven_slice uri = edit_read_uri(&r->edit);

	hr->destination = uri;
	if (uri_parse(uri, &hr->uri) != 0)
		hr->uri = (struct sip_uri){ .scheme = { NULL, 0 } };
	hr->route_left = route_next(&r->edit).at != NULL;
	hr->for_domain = !hr->route_left && self_is_uri(self, &hr->uri) &&
	                 (!hr->uri.has_user || r->message.method_id == SIP_REGISTER);
	hr->local_user = !hr->route_left && !hr->for_domain && hr->uri.has_user && self_is_uri(self, &hr->uri);
	r->local_callee = hr->local_user;
	/* one that ends at a name of ours is a request like any other */
	r->in_dialog = r->in_dialog && !hr->for_domain && !hr->local_user;
	r->vouched = r->vouched || r->in_dialog;
}

/* A From of sip or sips that cannot be read is nobody's, and must not pass for a stranger's: a phone may well show
 * whom it looks like. */
static bool
from_is_clear(const struct sip_message *m)
{
	struct coven_slice from = sip_slice(m, m->from_uri);
	struct sip_uri uri;

	if (!text_begins(from, "sip:") && !text_begins(from, "sips:"))
		return true;
	return uri_parse(from, &uri) == 0 && uri.host.length > 0;
}

/* What can be said without asking a plugin.  0: nothing. */
static unsigned
objection(struct host_request *hr, struct coven_request *r, struct reply_line *line)
{
	const struct sip_message *m = &r->message;

	if (!hr->uri.scheme.at || !from_is_clear(m))
		return 400;
	if (!hr->uri.sip && !hr->uri.tel)
		return 416;
	if (hr->for_domain)
		return 0;
	if (hr->uri.sips && !r->from.transport->secure)
		return 480; /* TLS all the way is no more to be had: RFC 5630 */
	if (m->max_forwards == 0)
		return 483;
	if (route_loops(r))
		return 482;
	if (!sip_has(m, SIP_PROXY_REQUIRE))
		return 0;
	*line = (struct reply_line){ TEXT("Unsupported"), serve_join(r, SIP_PROXY_REQUIRE) };
	return 420;
}

/* The server has too much to do, or is about to end: what begins something is better off elsewhere, or here a little
 * later, and not all of it at the same moment. */
static bool
begins_too_late(const struct host *h, const struct coven_request *r)
{
	return r->unwelcome || (h->draining && text_empty(sip_slice(&r->message, r->message.to_tag)));
}

static void
come_later(struct coven_request *r)
{
	char seconds[] = { (char)('2' + random_number() % 8) };
	struct reply_line line = { TEXT("Retry-After"), { seconds, sizeof seconds } };

	r->tx->counts.overload += r->unwelcome;
	request_reply(r, 503, NULL, &line, 1, false);
}

static void screened(struct run *run, enum coven_verdict verdict);

void
life_request(void *up, struct coven_request *r)
{
	struct host *h = up;
	struct host_request *hr = state_of(r, h);
	struct reply_line line = { { NULL, 0 }, { NULL, 0 } };
	unsigned status;
	bool ours;

	if (!hr)
		return;
	h->counts.requests++;
	route_arrive(r);
	classify(hr, r);
	ours = (hr->for_domain || hr->local_user) && dialog_arrive(h, r);
	if (ours) {
		hr->for_domain = true;
		hr->local_user = r->local_callee = false;
	}
	status = objection(hr, r, &line);
	if (status)
		request_reply(r, status, NULL, &line, line.name.length > 0, false);
	else if (!r->in_dialog && !ours && begins_too_late(h, r))
		come_later(r);
	else
		run_begin(&hr->run, h, r, NULL, COVEN_SCREEN, screened);
}

/* -- inside a dialog: neither AUTH nor SERVE nor ROUTE --------------------------------------------- */

static void
forward_dialog(struct coven_request *r)
{
	struct coven_target *t = target_in(r->arena, edit_read_uri(&r->edit));

	if (r->message.method_id != SIP_ACK && request_adopt(r) != 0) {
		request_reply(r, 503, NULL, NULL, 0, false);
		return;
	}
	if (!t) {
		request_reply(r, 500, NULL, NULL, 0, false);
		return;
	}
	t->flow = r->dialog.flow;
	if (fork_add(r, t) == 0)
		fork_run(r);
	else
		request_reply(r, 500, NULL, NULL, 0, false);
}

/* -- inside a dialog of a plugin's: only its owner, who has proved it by two tags, is let in; so no AUTH --- */

static void served(struct run *run, enum coven_verdict verdict);

static void
serve_inside(struct run *run)
{
	struct coven_request *r = run->request;
	unsigned status = dialog_judge(r);

	if (!status && request_adopt(r) != 0)
		status = 503;
	if (status)
		request_reply(r, status, NULL, NULL, 0, false);
	else
		run_begin(run, run->host, r, NULL, COVEN_SERVE, served);
}

/* -- AUTH and what the caller may ------------------------------------------------------------------- */

static void routed(struct run *run, enum coven_verdict verdict);

/* A Route that is not ours is followed for those who may: the Request-URI is not touched. */
static void
follow_route(struct coven_request *r)
{
	struct coven_target *t = target_in(r->arena, edit_read_uri(&r->edit));

	if (t && fork_add(r, t) == 0)
		fork_run(r);
	else
		request_reply(r, 500, NULL, NULL, 0, false);
}

static void
authenticated(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;
	struct host_request *hr = r->host;
	unsigned status;

	if (verdict == COVEN_REPLIED) {
		respond_leave(r);
		/* nobody has proved anything: one answer, never repeated to an address that may be forged; its
		 * ACK is known by its To tag */
		if (!hr->caller.at)
			request_abandon(r);
		return;
	}
	status = verdict == COVEN_FAIL ? 500 : access_judge(r);
	if (!status && hr->for_domain && !chain_serves(state_chain(r), sip_slice(&r->message, r->message.method)))
		return serve_domain(r); /* no plugin wants it: answered without a transaction */
	if (!status && request_adopt(r) != 0)
		status = 503;
	if (status) {
		run->host->counts.refused++;
		request_reply(r, status, NULL, NULL, 0, false);
		return;
	}
	if (!hr->for_domain)
		proof_strip(r);
	if (hr->route_left)
		follow_route(r);
	else if (hr->for_domain ||
	         (hr->local_user && chain_serves(state_chain(r), sip_slice(&r->message, r->message.method))))
		run_begin(run, run->host, r, NULL, COVEN_SERVE, served);
	else
		life_route(r);
}

static void
screened(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;

	switch (verdict) {
	case COVEN_REPLIED:
		respond_leave(r);
		return;
	case COVEN_DROP:
		request_abandon(r); /* a wait may have made it a transaction */
		return;
	case COVEN_FAIL:
		request_reply(r, 500, NULL, NULL, 0, false);
		return;
	case COVEN_NEXT:
	case COVEN_DONE:
	case COVEN_WAIT:
		break;
	}
	if (r->in_dialog)
		forward_dialog(r);
	else if (((struct host_request *)r->host)->dialog)
		serve_inside(run);
	else
		run_begin(run, run->host, r, NULL, COVEN_AUTH, authenticated);
}

/* -- SERVE and ROUTE ----------------------------------------------------------------------------------- */

static void
served(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;
	struct host_request *hr = r->host;

	run->host->counts.served++;
	switch (verdict) {
	case COVEN_REPLIED:
		respond_leave(r);
		return;
	case COVEN_NEXT:
		if (hr->for_domain)
			serve_domain(r);
		else
			life_route(r);
		return;
	case COVEN_DONE: /* settled, but nobody replied */
	case COVEN_FAIL:
	case COVEN_DROP:
	case COVEN_WAIT:
		request_reply(r, 500, NULL, NULL, 0, false);
		return;
	}
}

void
life_route(struct coven_request *r)
{
	struct host *h = host_of(r);
	struct host_request *hr = r->host;

	h->counts.routed++;
	run_begin(&hr->run, h, r, NULL, COVEN_ROUTE, routed);
}

/* Nobody knows a place: a URI elsewhere is its own target, a user of ours does not exist. */
static unsigned
nowhere(struct coven_request *r)
{
	struct host_request *hr = r->host;
	struct sip_uri uri;
	struct coven_target *t;

	if (uri_parse(hr->destination, &uri) != 0 || !uri.sip || self_is_uri(r->tx->self, &uri))
		return 404;
	t = target_in(r->arena, hr->destination);
	if (!t)
		return 500;
	t->q = hr->naming ? hr->name_q : t->q;
	return fork_add(r, t) == 0 ? 0 : 500;
}

unsigned
life_routed(struct coven_request *r, enum coven_verdict verdict, unsigned before)
{
	bool found = r->target_count > before;

	switch (verdict) {
	case COVEN_NEXT:
		return found ? 0 : nowhere(r);
	case COVEN_DONE:
		return found ? 0 : 480;
	case COVEN_REPLIED:
	case COVEN_FAIL:
	case COVEN_DROP:
	case COVEN_WAIT:
		break;
	}
	return 500;
}

static void
routed(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;
	unsigned status;

	if (verdict == COVEN_REPLIED) {
		respond_leave(r);
		return;
	}
	status = life_routed(r, verdict, 0);
	if (status)
		request_reply(r, status, NULL, NULL, 0, false);
	else
		fork_run(r);
}

/* -- ACK and CANCEL ------------------------------------------------------------------------------------- */

static void
ack_screened(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;

	if (verdict != COVEN_DROP && r->in_dialog)
		forward_dialog(r);
}

/* Dropped wherever another request would be answered. */
void
life_ack(void *up, struct coven_request *r)
{
	struct host *h = up;
	struct host_request *hr = state_of(r, h);
	struct reply_line line;

	if (!hr)
		return;
	route_arrive(r);
	classify(hr, r);
	if (objection(hr, r, &line) != 0 || !r->in_dialog) {
		r->tx->counts.stray_acks++;
		return;
	}
	run_begin(&hr->run, h, r, NULL, COVEN_SCREEN, ack_screened);
}

static void
cancel_screened(struct run *run, enum coven_verdict verdict)
{
	struct host_request *hr = run->request->host;

	hr->for_domain = verdict != COVEN_DROP; /* of a CANCEL: may it cancel? */
}

bool
life_cancel(void *up, struct coven_request *r, struct coven_request *invite)
{
	struct host_request *hr = state_of(r, up);

	(void)invite;
	if (!hr)
		return false;
	run_begin(&hr->run, up, r, NULL, COVEN_SCREEN, cancel_screened);
	return !hr->run.busy && hr->for_domain;
}

/* What waits for a verdict is over; the transaction layer answers 487. */
void
life_cancelled(void *up, struct coven_request *r)
{
	struct host_request *hr = r->host;

	(void)up;
	if (hr)
		run_abandon(&hr->run);
}

void
life_given_up(void *up, struct coven_branch *b)
{
	struct host_branch *hb = b->host;

	(void)up;
	journey_stop(b);
	if (!hb || !hb->run.busy || !hb->run.ticket)
		return;
	run_abandon(&hb->run);
	if (hb->run.phase == COVEN_ROUTE && !hb->run.busy)
		launch_next_name(b->request);
}

void
life_gone(void *up, struct coven_request *r)
{
	struct host *h = up;
	struct host_request *hr = r->host;

	if (!hr)
		return;
	LIST_EACH (&r->branches, at, after)
		journey_stop(CONTAINER(at, struct coven_branch, link));
	if (hr->handle)
		names_remove(h->handles, hr->handle);
	data_destroy(hr);
	tenure_drop(hr->tenure);
}
