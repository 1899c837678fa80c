/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target: targets and branches as plugins fill and read them. */
#include "base/text.h"
#include "host/state.h"
#include "tx/target.h"

#define TARGET_TEXT_MAX 4096
#define TARGET_MS_MAX (24 * 3600 * 1000)

static bool
clean(struct coven_slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 127)
			return false;
	return s.length <= TARGET_TEXT_MAX;
}

struct coven_target *
coven_target_new(struct coven_instance *in, struct coven_slice uri)
{
	struct sip_uri parsed;

	if (!in->host || !clean(uri) || uri_parse(uri, &parsed) != 0 || (!parsed.sip && !parsed.tel))
		return NULL;
	return target_new(in->host->tx->pool, uri);
}

void
coven_target_free(struct coven_target *t)
{
	target_free(t);
}

int
coven_target_set(struct coven_target *t, enum coven_target_text what, struct coven_slice value)
{
	struct coven_slice copy;
	struct sip_uri parsed;

	if (!clean(value) || (what != COVEN_TO_ROUTE && uri_parse(value, &parsed) != 0))
		return -1;
	copy = arena_dup(t->arena, value);
	if (!copy.at)
		return -1;
	switch (what) {
	case COVEN_TO_URI:
		t->uri = copy;
		return 0;
	case COVEN_TO_HOP:
		t->hop = copy;
		return 0;
	case COVEN_TO_ROUTE:
		t->route = copy;
		return 0;
	}
	return -1;
}

int
coven_target_put(struct coven_target *t, enum coven_target_number what, int64_t value)
{
	if (value < 0 || value > (what == COVEN_TO_Q ? 1000 : TARGET_MS_MAX))
		return -1;
	switch (what) {
	case COVEN_TO_Q:
		t->q = value;
		return 0;
	case COVEN_TO_DELAY:
		t->delay = value;
		return 0;
	case COVEN_TO_RING:
		t->ring = value;
		return 0;
	case COVEN_TO_AGAIN:
		t->again = value != 0;
		return 0;
	}
	return -1;
}

int
coven_target_flow(struct coven_target *t, struct coven_flow flow)
{
	t->flow = flow;
	return 0;
}

int
coven_target_word(struct coven_target *t, const char *name, struct coven_slice value)
{
	return target_word(t, text_of(name), value);
}

struct coven_slice
coven_target_get(const struct coven_target *t, enum coven_target_text what)
{
	switch (what) {
	case COVEN_TO_URI:
		return t->uri;
	case COVEN_TO_HOP:
		return t->hop;
	case COVEN_TO_ROUTE:
		return t->route;
	}
	return (struct coven_slice){ NULL, 0 };
}

int64_t
coven_target_number(const struct coven_target *t, enum coven_target_number what)
{
	switch (what) {
	case COVEN_TO_Q:
		return t->q;
	case COVEN_TO_DELAY:
		return t->delay;
	case COVEN_TO_RING:
		return t->ring;
	case COVEN_TO_AGAIN:
		return t->again;
	}
	return 0;
}

struct coven_slice
coven_target_read_word(const struct coven_target *t, const char *name)
{
	return target_read_word(t, text_of(name));
}

static void
run_fork(struct work *w)
{
	struct coven_request *r = CONTAINER(w, struct coven_request, run);

	fork_run(r);
	request_drop(r);
}

/* Outside the phases that end in fork_run() or fork_finish() (a held request, a timer) somebody has to start it. */
static void
start_soon(struct coven_request *r)
{
	struct host *h = host_of(r);
	const struct host_request *hr = r->host;

	if (hr->run.busy || (h->current && h->current->request == r) || list_linked(&r->run.link))
		return;
	request_hold(r);
	work_start(h->loop, &r->run, run_fork);
}

int
coven_add_target(struct coven_request *req, struct coven_target *t)
{
	struct host_request *hr = req->host;

	if (req->message.method_id == SIP_ACK || req->message.method_id == SIP_CANCEL) {
		target_free(t); /* both follow their INVITE */
		return -1;
	}
	t->name = coven_destination(req);
	if (hr->naming) {
		t->q = hr->name_q;
		t->depth = hr->depth;
	}
	if (fork_add(req, t) != 0)
		return -1;
	start_soon(req);
	return 0;
}

/* -- branches */

struct coven_branch *
coven_branch_next(struct coven_request *req, struct coven_branch *after)
{
	struct list *next = after ? after->link.next : req->branches.next;

	return next == &req->branches ? NULL : CONTAINER(next, struct coven_branch, link);
}

struct coven_target *
coven_branch_target(struct coven_branch *br)
{
	return br->target;
}

struct coven_flow
coven_branch_flow(const struct coven_branch *br)
{
	return br->flow;
}

int
coven_branch_status(const struct coven_branch *br)
{
	return br->status;
}

enum coven_why
coven_branch_why(const struct coven_branch *br)
{
	return (enum coven_why)br->why;
}

void
coven_branch_cancel(struct coven_branch *br)
{
	branch_cancel(br, BRANCH_CANCELLED, (struct coven_slice){ NULL, 0 });
}
