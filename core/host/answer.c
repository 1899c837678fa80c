/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer: what comes back. */
#include "host/answer.h"
#include "host/journey.h"
#include "host/respond.h"

/* -- RECV, in the branch's order ------------------------------------------------------------------- */

static void run_recv(struct coven_branch *b, struct host_branch *hb, const struct sip_message *m);

/* No memory for a response: a final one must not leave its branch without an end. */
static void
not_kept(struct coven_branch *b, const struct sip_message *m)
{
	if (m->status >= 200)
		branch_fail(b, 500, BRANCH_REFUSED_HERE);
}

/* Behind one that waits in RECV. */
static void
queue(struct coven_branch *b, struct host_branch *hb, const struct sip_message *m)
{
	struct queued_response *q;

	if (m->status < 200 && hb->queued >= HOST_QUEUED_RESPONSES)
		return;
	q = arena_zero(b->request->arena, sizeof *q);
	if (!q || sip_copy(&q->message, m, b->request->arena) != 0) {
		not_kept(b, m);
		return;
	}
	*hb->last = q;
	hb->last = &q->next;
	hb->queued++;
}

static void
next_in_queue(struct coven_branch *b, struct host_branch *hb)
{
	struct queued_response *q = hb->first;

	if (!q)
		return;
	hb->first = q->next;
	if (!hb->first)
		hb->last = &hb->first;
	run_recv(b, hb, &q->message);
}

static void
received(struct run *run, enum coven_verdict verdict)
{
	struct coven_branch *b = run->branch;

	if (verdict == COVEN_FAIL) { /* what it edited is not trusted */
		struct sip_message m = b->response;
		branch_open(b, &m, false);
	}
	if (verdict == COVEN_DROP && b->response.status >= 200)
		branch_fail(b, 408, BRANCH_SILENT); /* swallowed: as if nothing had ever come */
	else if (verdict != COVEN_DROP)
		branch_take(b);
	next_in_queue(b, b->host);
}

static void
run_recv(struct coven_branch *b, struct host_branch *hb, const struct sip_message *m)
{
	if (branch_open(b, m, true) != 0)
		not_kept(b, m);
	else
		run_begin(&hb->run, host_of(b->request), b->request, b, COVEN_RECV, received);
}

void
answer_response(void *up, struct coven_branch *b, const struct sip_message *m)
{
	struct host_branch *hb = b->host;

	(void)up;
	journey_heard(b, m);
	if (!hb || !phase_has(b->request, COVEN_RECV)) {
		if (branch_open(b, m, false) == 0)
			branch_take(b);
		else
			not_kept(b, m);
	} else if (hb->run.busy)
		queue(b, hb, m);
	else
		run_recv(b, hb, m);
}

/* -- failures ------------------------------------------------------------------------------------------ */

static void
branch_seen(struct run *run, enum coven_verdict verdict)
{
	(void)verdict;
	next_in_queue(run->branch, run->branch->host); /* a 2xx may have come meanwhile */
	fork_settle(run->branch);
}

void
answer_branch_failed(void *up, struct coven_branch *b)
{
	struct host *h = up;
	struct host_branch *hb = state_of_branch(b);

	if (journey_another(b)) {
		fork_settle(b);
		return;
	}
	/* status 0: a name that has led to others; busy: its last response still waits in RECV */
	if (!hb || b->status == 0 || hb->run.busy || b->request->own ||
	    b->method_id == SIP_ACK || !phase_has(b->request, COVEN_BRANCH_FAILED))
		fork_settle(b);
	else
		run_begin(&hb->run, h, b->request, b, COVEN_BRANCH_FAILED, branch_seen);
}

static void
failure_seen(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;

	if (verdict == COVEN_REPLIED)
		respond_leave(r);
	fork_finish(r);
}

void
answer_failed(void *up, struct coven_request *r)
{
	struct host *h = up;
	struct host_request *hr = r->host;

	if (r->cancelled || r->own || !phase_has(r, COVEN_FAILED))
		fork_finish(r);
	else
		run_begin(&hr->run, h, r, NULL, COVEN_FAILED, failure_seen);
}
