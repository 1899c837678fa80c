/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launch: branches on their way. */
#include "host/launch.h"
#include "host/dialog.h"
#include "host/journey.h"
#include "host/life.h"
#include "host/resolve.h"
#include "host/respond.h"

static void
depart(struct coven_branch *b)
{
	branch_send(b);
	journey_sent(b);
}

static void
sent(struct run *run, enum coven_verdict verdict)
{
	struct coven_branch *b = run->branch;

	if (b->final)
		return; /* cancelled while SEND waited */
	if (verdict == COVEN_FAIL)
		branch_fail(b, 503, BRANCH_REFUSED_HERE);
	else
		depart(b);
}

/* -- a name: ROUTE once more, with the name as destination -------------------------------------------- */

static void ask_name(struct host *h, struct host_branch *hb, struct coven_branch *b);

/* The next of those that waited for their turn. */
static void
next_name(struct coven_request *r)
{
	struct host_request *hr = r->host;

	while (!hr->naming && hr->names) {
		struct coven_branch *b = hr->names;
		struct host_branch *hb = b->host;
		hr->names = hb->next_name;
		if (!b->final)
			ask_name(host_of(r), hb, b);
	}
}

static void
name_turn(struct work *w)
{
	struct host_request *hr = CONTAINER(w, struct host_request, names_work);
	struct coven_request *r = hr->run.request;

	next_name(r);
	request_drop(r);
}

void
launch_next_name(struct coven_request *r)
{
	struct host_request *hr = r->host;

	hr->naming = false;
	if (!hr->names || list_linked(&hr->names_work.link))
		return;
	request_hold(r);
	work_start(host_of(r)->loop, &hr->names_work, name_turn);
}

static void
named(struct run *run, enum coven_verdict verdict)
{
	struct coven_branch *b = run->branch;
	struct coven_request *r = run->request;
	struct host_request *hr = r->host;
	unsigned status;

	status = b->final || verdict == COVEN_REPLIED ? 0 : life_routed(r, verdict, hr->before);
	hr->naming = false;
	if (!b->final && verdict == COVEN_REPLIED) {
		respond_leave(r);
		fork_cancel(r, NULL, (struct coven_slice){ NULL, 0 });
	} else if (!b->final) /* it was only a question (status 0): what it found stands beside it now */
		branch_fail(b, status, BRANCH_REFUSED_HERE);
	next_name(r);
}

static void
ask_name(struct host *h, struct host_branch *hb, struct coven_branch *b)
{
	struct host_request *hr = b->request->host;

	if (hr->naming) { /* one at a time: what ROUTE adds belongs to the name that is asked for */
		hb->next_name = hr->names;
		hr->names = b;
		return;
	}
	if (b->target->depth >= HOST_NAMES_DEPTH) {
		branch_fail(b, 482, BRANCH_REFUSED_HERE);
		return;
	}
	hr->destination = b->target->uri;
	hr->depth = (uint8_t)(b->target->depth + 1);
	hr->name_q = b->target->q;
	hr->naming = true;
	hr->before = b->request->target_count;
	run_begin(&hb->run, h, b->request, b, COVEN_ROUTE, named);
}

void
launch_hop(struct coven_branch *b, const struct branch_hop *hop)
{
	struct host_branch *hb = b->host;

	if (branch_address(b, hop) != 0 || dialog_put_contact(b) != 0)
		branch_fail(b, 503, BRANCH_UNREACHED);
	else if (phase_has(b->request, COVEN_SEND))
		run_begin(&hb->run, host_of(b->request), b->request, b, COVEN_SEND, sent);
	else
		depart(b);
}

void
launch_branch(void *up, struct coven_branch *b)
{
	struct host *h = up;
	struct host_branch *hb = state_of_branch(b);
	struct coven_question question;
	struct branch_hop hop;
	unsigned status;

	if (!hb) {
		branch_fail(b, 500, BRANCH_REFUSED_HERE);
		return;
	}
	if (b->target->again) {
		ask_name(h, hb, b);
		return;
	}
	if (journey_has_begun(b)) {
		journey_go_on(b);
		return;
	}
	status = resolve_hop(b, &hop, &question);
	if (status == RESOLVE_BY_NAME)
		status = journey_begin(b, &question);
	else if (!status)
		launch_hop(b, &hop);
	if (status)
		branch_fail(b, status, status == 503 ? BRANCH_UNREACHED : BRANCH_REFUSED_HERE);
}
