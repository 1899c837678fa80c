/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own: written as text, scanned like any other, sent by a request that has no server side. */
#include "host/own.h"
#include "base/random.h"
#include "base/text.h"
#include "sip/scan.h"
#include "tx/route.h"
#include <stdlib.h>

#define OWN_TIME_MAX (64 * 500)

struct sending {
	struct list link; /* in instance->sendings */
	struct coven_instance *in;
	struct coven_request *request; /* held */
	uint64_t name;
	struct timer timer;
	struct work work;
	coven_done_fn *done;
	void *arg;
	unsigned status;
};

/* Its Call-ID belongs to this worker, so that whatever comes back inside its dialog does, too. */
static void
make_call_id(struct coven_instance *in, char room[40])
{
	struct text_builder b;
	uint64_t n[2];

	do {
		random_bytes(n, sizeof n);
		text_begin(&b, room, 40);
		text_put_hex(&b, n, sizeof n);
	} while (coven_owner(in, text_done(&b)) != in->host->worker);
}

static struct coven_slice
write_request(struct coven_instance *in, struct arena *arena, const char *method, struct coven_slice uri)
{
	char call_id[40];
	struct coven_slice domain = coven_first_domain(in);

	make_call_id(in, call_id);
	if (!domain.at)
		domain = TEXT("localhost");
	return arena_print(arena,
	                   "%s %.*s SIP/2.0\r\nVia: SIP/2.0/UDP localhost;branch=z9hG4bK0\r\nMax-Forwards: 70\r\n"
	                   "From: <sip:%.*s>;tag=%016llx\r\nTo: <%.*s>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\n"
	                   "Content-Length: 0\r\n\r\n",
	                   method, TEXT_ARG(uri), TEXT_ARG(domain), (unsigned long long)random_number(),
	                   TEXT_ARG(uri), call_id, method);
}

static bool
is_token(const char *s)
{
	for (const char *at = s; *at; at++)
		if (*at < 'A' || *at > 'Z')
			return false;
	return *s != 0;
}

struct coven_message *
coven_new_request(struct coven_instance *in, const char *method, struct coven_slice uri)
{
	struct arena *arena = in->host ? arena_new(in->host->tx->pool) : NULL;
	struct coven_message *m = arena ? arena_zero(arena, sizeof *m) : NULL;
	struct sip_message scanned;
	struct coven_slice text = { NULL, 0 };
	struct sip_fault fault;

	if (m && is_token(method) && !text_is(TEXT("ACK"), method) && !text_is(TEXT("CANCEL"), method))
		text = write_request(in, arena, method, uri);
	if (!text.at || sip_scan(&scanned, text.at, text.length, true, &in->host->scratch, &fault) != 0 ||
	    sip_copy(&m->own, &scanned, arena) != 0) {
		arena_free(arena);
		return NULL;
	}
	edit_init(&m->own_edit, arena, &m->own, NULL);
	m->edit = &m->own_edit;
	m->arena = arena;
	m->writable = true;
	return m;
}

void
coven_message_free(struct coven_message *m)
{
	if (m && m->arena)
		arena_free(m->arena);
}

/* -- on the way ------------------------------------------------------------------------------------ */

static void
end(struct sending *s, unsigned status, const struct coven_message *response)
{
	struct host *h = s->in->host;
	struct coven_request *r = s->request;

	timer_stop(h->loop, &s->timer);
	work_stop(h->loop, &s->work);
	names_remove(h->sendings, s->name);
	list_remove(&s->link);
	((struct host_request *)r->host)->sending = NULL;
	s->done(s->in, s->arg, (int)status, response);
	free(s);
	request_rest(r); /* a target that was added meanwhile */
	request_drop(r);
}

void
own_answered(void *up, struct coven_request *r, unsigned status, const struct sip_message *m, struct coven_branch *b)
{
	struct host_request *hr = r->host;
	struct host_branch *hb;

	(void)up;
	r->finished = true;
	if (!hr || !hr->sending)
		return;
	hb = m && b ? state_of_branch(b) : NULL;
	end(hr->sending, status, hb ? &hb->response : NULL);
}

static void
stop(struct sending *s, unsigned status)
{
	struct coven_request *r = s->request;
	const struct host_request *hr = r->host;

	request_hold(r);
	r->cancelled = r->finished = true; /* nothing more is weighed: no work is left behind */
	fork_cancel(r, NULL, (struct coven_slice){ NULL, 0 });
	if (hr->sending) /* a plugin that was told of its ticket's end may have cancelled it already */
		end(hr->sending, status, NULL);
	request_drop(r);
}

static void
time_over(struct timer *t)
{
	stop(CONTAINER(t, struct sending, timer), 408);
}

/* Off the caller's stack: launching may fail at once. */
static void
leave(struct work *w)
{
	struct sending *s = CONTAINER(w, struct sending, work);

	if (s->status)
		end(s, s->status, NULL);
	else
		fork_run(s->request);
}

/* The edited text, scanned once more, as a request of the transaction layer.  Its Via is only there to be scanned:
 * each branch puts its own in that place. */
static struct coven_request *
make_request(struct coven_instance *in, struct coven_message *m)
{
	struct coven_slice text = edit_render(&m->own_edit, m->arena);
	struct coven_request *r;
	struct sip_message scanned;
	struct sip_fault fault;

	if (!text.at || sip_scan(&scanned, text.at, text.length, true, &in->host->scratch, &fault) != 0)
		return NULL;
	r = request_new(in->host->tx, &scanned, NULL);
	if (!r)
		return NULL;
	r->own = true;
	if (!state_of(r, in->host)) {
		request_drop(r);
		return NULL;
	}
	return r;
}

static struct sending *
start(struct coven_instance *in, struct coven_request *r, struct coven_target *t)
{
	struct host_request *hr = r->host;
	struct sending *s = calloc(1, sizeof *s);

	hr->destination = sip_slice(&r->message, r->message.uri);
	if (!t)
		t = target_in(r->arena, hr->destination);
	if (!s || !t || (s->name = names_add(in->host->sendings, s)) == 0) {
		target_free(t);
		free(s);
		return NULL;
	}
	s->in = in;
	s->request = r;
	if (fork_add(r, t) != 0)
		s->status = 500; /* t is gone; said later, like every answer */
	hr->sending = s;
	list_append(&in->sendings, &s->link);
	return s;
}

uint64_t
coven_send(struct coven_instance *in, struct coven_message *m, struct coven_target *t, coven_done_fn *done, void *arg,
           int64_t timeout_ms)
{
	struct host *h = in->host;
	struct coven_request *r = NULL;
	struct sending *s = NULL;

	if (in->started && m && m->arena && names_count(h->sendings) < HOST_SENDING_MAX)
		r = make_request(in, m);
	coven_message_free(m); /* both are taken, even when nothing comes of it */
	if (r)
		s = start(in, r, t);
	else
		target_free(t);
	if (!s) {
		if (r)
			request_drop(r);
		return 0;
	}
	s->done = done;
	s->arg = arg;
	timer_start(h->loop, &s->timer, timeout_ms > 0 && timeout_ms < OWN_TIME_MAX ? timeout_ms : OWN_TIME_MAX, time_over);
	work_start(h->loop, &s->work, leave);
	return s->name;
}

void
coven_send_cancel(struct coven_instance *in, uint64_t sending)
{
	struct sending *s = names_get(in->host->sendings, sending);

	if (s && s->in == in)
		stop(s, 487);
}

void
own_purge(struct coven_instance *in)
{
	while (!list_empty(&in->sendings))
		stop(CONTAINER(in->sendings.next, struct sending, link), 487);
}
