/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phase: the chain is walked. */
#include "host/phase.h"
#include "host/dialog.h"
#include "host/park.h"
#include "host/slow.h"
#include "host/state.h"

/* The verdicts that mean something in a phase, bit 1 << verdict. */
static const unsigned allowed[CHAIN_PHASES] = {
#define V(v) (1u << COVEN_##v)
	[COVEN_SCREEN] = V(NEXT) | V(DONE) | V(REPLIED) | V(WAIT) | V(DROP) | V(FAIL),
	[COVEN_AUTH] = V(NEXT) | V(DONE) | V(REPLIED) | V(WAIT) | V(FAIL),
	[COVEN_SERVE] = V(NEXT) | V(DONE) | V(REPLIED) | V(WAIT) | V(FAIL),
	[COVEN_ROUTE] = V(NEXT) | V(DONE) | V(REPLIED) | V(WAIT) | V(FAIL),
	[COVEN_SEND] = V(NEXT) | V(DONE) | V(WAIT) | V(FAIL),
	[COVEN_RECV] = V(NEXT) | V(DONE) | V(WAIT) | V(DROP) | V(FAIL),
	[COVEN_BRANCH_FAILED] = V(NEXT) | V(DONE) | V(WAIT) | V(FAIL),
	[COVEN_FAILED] = V(NEXT) | V(DONE) | V(REPLIED) | V(WAIT) | V(FAIL),
	[COVEN_REPLY] = V(NEXT) | V(DONE) | V(FAIL),
#undef V
};

bool
phase_has(const struct coven_request *r, enum coven_phase phase)
{
	return state_chain(r)->hook_count[phase] > 0;
}

bool
phase_of_branch(enum coven_phase phase)
{
	return phase == COVEN_SEND || phase == COVEN_RECV || phase == COVEN_BRANCH_FAILED;
}

/* A name in ROUTE has a branch that its hooks do not see. */
static bool
of_branch(const struct run *run)
{
	return phase_of_branch(run->phase);
}

static void
blame(struct run *run, const struct chain_hook *hook, const char *what)
{
	run->host->counts.misbehaved++;
	log_often(&run->host->misbehaves, LOG_LEVEL_ERROR, hook->plug->name, "%s", what);
}

/* What a plugin says is checked: a verdict that the phase does not know, a reply promised and not made. */
static enum coven_verdict
checked(struct run *run, const struct chain_hook *hook, enum coven_verdict verdict)
{
	const struct host_request *hr = run->request->host;
	bool replied = hr->reply_status != 0;

	if ((unsigned)verdict > COVEN_FAIL || !(allowed[run->phase] & 1u << verdict)) {
		blame(run, hook, "gave a verdict that this phase does not know");
		verdict = COVEN_FAIL;
	}
	if (verdict == COVEN_WAIT && !run->ticket) {
		blame(run, hook, "said WAIT without a ticket");
		verdict = COVEN_FAIL;
	}
	if (of_branch(run))
		return verdict;
	if (verdict == COVEN_REPLIED && !replied) {
		blame(run, hook, "said REPLIED without a reply");
		return COVEN_FAIL;
	}
	if (replied && verdict != COVEN_REPLIED && verdict != COVEN_WAIT) {
		blame(run, hook, "replied and then said something else");
		return COVEN_REPLIED;
	}
	return verdict;
}

static void
finish(struct run *run, enum coven_verdict verdict)
{
	struct coven_request *r = run->request;

	run->busy = false;
	run->end(run, verdict);
	request_drop(r);
}

/* ACK and CANCEL cannot be answered: NEXT or DROP. */
static enum coven_verdict
mute(const struct run *run, enum coven_verdict verdict)
{
	unsigned method = run->request->message.method_id;

	if (run->phase != COVEN_SCREEN || (method != SIP_ACK && method != SIP_CANCEL))
		return verdict;
	return verdict == COVEN_NEXT || verdict == COVEN_DONE ? COVEN_NEXT : COVEN_DROP;
}

static void
walk(struct run *run)
{
	const struct chain *c = state_chain(run->request);
	const struct sip_message *m = &run->request->message;
	int64_t began = slow_begin();

	while (run->at < c->hook_count[run->phase]) {
		const struct chain_hook *hook = &c->hooks[run->phase][run->at++];
		struct run *outer = run->host->current;
		struct coven_instance *in = host_instance(run->host, hook->plug);
		enum coven_verdict verdict;

		if (!chain_wants(hook, m->method_id, sip_slice(m, m->method)) ||
		    (run->phase == COVEN_SERVE && !dialog_admits(run->request->host, hook->plug)))
			continue;
		run->host->current = run;
		run->calling = true;
		verdict = hook->call(in, run->request, of_branch(run) ? run->branch : NULL);
		run->host->current = outer;
		run->calling = false;
		began = slow_end(in, chain_phase(run->phase), began);
		verdict = mute(run, checked(run, hook, verdict));
		if (verdict == COVEN_WAIT)
			return;
		if (run->ticket)
			park_forget(run);
		if (verdict != COVEN_NEXT) {
			finish(run, verdict);
			return;
		}
	}
	finish(run, COVEN_NEXT);
}

void
run_begin(struct run *run, struct host *h, struct coven_request *r, struct coven_branch *b,
          enum coven_phase phase, void (*end)(struct run *run, enum coven_verdict verdict))
{
	request_hold(r);
	*run = (struct run){ .host = h, .request = r, .branch = b, .phase = phase, .end = end, .busy = true };
	walk(run);
}

void
run_resume(struct run *run, enum coven_verdict verdict)
{
	const struct chain *c = state_chain(run->request);

	run->ticket = 0;
	verdict = mute(run, checked(run, &c->hooks[run->phase][run->at - 1], verdict));
	if (verdict == COVEN_NEXT)
		walk(run);
	else
		finish(run, verdict == COVEN_WAIT ? COVEN_FAIL : verdict);
}

void
run_abandon(struct run *run)
{
	struct coven_request *r = run->request;

	if (!run->busy || !run->ticket)
		return; /* not begun, or its hook is on the stack: end() sees what became of it */
	park_cancel(run);
	if (run->calling)
		return; /* it parked, and then did what ends it: the same */
	run->busy = false;
	request_drop(r);
}
