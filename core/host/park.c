/* SPDX-License-Identifier: GPL-3.0-or-later */
/* park: tickets. */
#include "host/park.h"
#include "base/text.h"
#include "host/state.h"
#include <stdlib.h>

#define PARK_TIME_MAX (3600 * 1000)

struct ticket {
	struct list link; /* in host->parked */
	struct run *run;
	struct coven_instance *in;
	uint64_t name;
	struct timer timer;
	struct work work;
	enum coven_verdict verdict;
	bool resumed, nobody;
	uint16_t source; /* which counter */
	void (*cancel)(struct coven_instance *in, void *arg);
	void *arg;
};

static uint16_t
source_of(const struct coven_request *r)
{
	/* whoever has one IPv6 address has the /64 */
	return (uint16_t)(keyed_hash(&r->tx->hash, r->from.far_end.ip, 8) % HOST_SOURCES);
}

/* The ticket is gone after this. */
static void
release(struct ticket *t)
{
	struct host *h = t->in->host;

	t->run->ticket = 0;
	list_remove(&t->link);
	names_remove(h->tickets, t->name);
	h->tx->load.used[LOAD_PARKED]--;
	timer_stop(h->loop, &t->timer);
	work_stop(h->loop, &t->work);
	if (t->nobody) {
		h->parked_nobody--;
		h->parked_by_source[t->source]--;
	}
	free(t);
}

static struct ticket *
of_run(const struct run *run)
{
	return names_get(run->host->tickets, run->ticket);
}

void
park_forget(struct run *run)
{
	struct ticket *t = of_run(run);

	if (t)
		release(t);
}

void
park_cancel(struct run *run)
{
	struct ticket *t = of_run(run);
	struct coven_instance *in;
	void (*cancel)(struct coven_instance *in, void *arg);
	void *arg;

	if (!t)
		return;
	in = t->in;
	cancel = t->resumed ? NULL : t->cancel; /* exactly one of both takes effect */
	arg = t->arg;
	release(t);
	if (cancel)
		cancel(in, arg);
}

static void
go_on(struct work *w)
{
	struct ticket *t = CONTAINER(w, struct ticket, work);
	struct run *run = t->run;
	enum coven_verdict verdict = t->verdict;

	release(t);
	run_resume(run, verdict);
}

/* Nobody resumed it in time: the plugin is told, and the hook counts as failed. */
static void
time_over(struct timer *timer)
{
	struct ticket *t = CONTAINER(timer, struct ticket, timer);
	struct run *run = t->run;

	log_line(LOG_LEVEL_WARN, t->in->plug->name, "did not resume a parked request in time");
	park_cancel(run);
	run_resume(run, COVEN_FAIL);
}

void
park_end(struct list *link)
{
	run_abandon(CONTAINER(link, struct ticket, link)->run);
}

static bool
room_for(struct host *h, const struct ticket *t)
{
	if (names_count(h->tickets) >= HOST_PARKED_MAX)
		return false;
	return !t->nobody || (h->parked_nobody < HOST_PARKED_NOBODY_MAX &&
	                      h->parked_by_source[t->source] < HOST_PARKED_SOURCE_MAX);
}

coven_ticket
coven_park(struct coven_instance *in, struct coven_request *req, int64_t ms,
           void (*cancel)(struct coven_instance *in, void *arg), void *arg)
{
	struct host *h = in->host;
	struct run *run = h->current;
	const struct host_request *hr = req->host;
	struct ticket *t;

	if (!run || run->request != req || run->ticket || run->phase == COVEN_REPLY ||
	    req->message.method_id == SIP_ACK || req->message.method_id == SIP_CANCEL)
		return 0; /* of ACK and CANCEL there is no telling later */
	t = calloc(1, sizeof *t);
	if (!t)
		return 0;
	*t = (struct ticket){ .run = run, .in = in, .cancel = cancel, .arg = arg,
	                      .source = source_of(req),
	                      .nobody = !hr->caller.at && !req->in_dialog && !req->own };
	/* a wait makes it a transaction, so that a retransmission does not ask again */
	if (!room_for(h, t) || request_adopt(req) != 0 ||
	    (t->name = names_add(h->tickets, t)) == 0) {
		free(t);
		return 0;
	}
	if (t->nobody) {
		h->parked_nobody++;
		h->parked_by_source[t->source]++;
	}
	h->counts.parked++;
	h->tx->load.used[LOAD_PARKED]++;
	list_append(&h->parked, &t->link);
	run->ticket = t->name;
	timer_start(h->loop, &t->timer, ms > 0 && ms < PARK_TIME_MAX ? ms : PARK_TIME_MAX, time_over);
	return t->name;
}

struct coven_request *
coven_parked(struct coven_instance *in, coven_ticket ticket)
{
	struct ticket *t = names_get(in->host->tickets, ticket);

	return t && !t->resumed ? t->run->request : NULL;
}

bool
coven_resume(struct coven_instance *in, coven_ticket ticket, enum coven_verdict verdict)
{
	struct ticket *t = names_get(in->host->tickets, ticket);

	if (!t || t->resumed || t->in != in)
		return false;
	t->resumed = true;
	t->verdict = verdict;
	timer_stop(in->host->loop, &t->timer);
	work_start(in->host->loop, &t->work, go_on);
	return true;
}
