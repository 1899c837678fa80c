/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own: written as text, scanned like any other, sent by a request that has no server side. */
#include "host/own.h"
#include "base/random.h"
#include "base/text.h"
#include "sip/scan.h"
#include "tx/route.h"
#include "tx/target.h"
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

struct coven_slice
own_call_id(struct coven_instance *in, char room[OWN_CALL_ID])
{
	struct text_builder b;
	uint64_t n[2];

	do {
		random_bytes(n, sizeof n);
		text_begin(&b, room, OWN_CALL_ID);
		text_put_hex(&b, n, sizeof n);
	} while (coven_owner(in, text_done(&b)) != in->host->worker);
	return text_done(&b);
}

struct coven_slice
own_home(struct coven_instance *in, char room[OWN_HOME])
{
	struct coven_slice domain = coven_first_domain(in);
	struct text_builder b;

	text_begin(&b, room, OWN_HOME);
	text_put(&b, TEXT("sip:"));
	text_put(&b, domain.at ? domain : TEXT("localhost"));
	return text_done(&b);
}

static struct coven_slice
write_request(struct arena *arena, const struct own_line *l)
{
	return arena_print(arena,
	                   "%s %.*s SIP/2.0\r\nVia: SIP/2.0/UDP localhost;branch=z9hG4bK0\r\nMax-Forwards: 70\r\n"
	                   "From: <%.*s>;tag=%.*s\r\nTo: <%.*s>%s%.*s\r\nCall-ID: %.*s\r\nCSeq: %u %s\r\n"
	                   "Content-Length: 0\r\n\r\n",
	                   l->method, TEXT_ARG(l->uri), TEXT_ARG(l->from), TEXT_ARG(l->from_tag), TEXT_ARG(l->to),
	                   l->to_tag.length ? ";tag=" : "", TEXT_ARG(l->to_tag), TEXT_ARG(l->call_id), l->seq,
	                   l->method);
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
own_write(struct coven_instance *in, const struct own_line *line)
{
	struct arena *arena = in->host ? arena_new(in->host->tx->pool) : NULL;
	struct coven_message *m = arena ? arena_zero(arena, sizeof *m) : NULL;
	struct sip_message scanned;
	struct coven_slice text = { NULL, 0 };
	struct sip_fault fault;

	if (m && is_token(line->method))
		text = write_request(arena, line);
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

struct coven_message *
coven_new_request(struct coven_instance *in, const char *method, struct coven_slice uri)
{
	char call_id[OWN_CALL_ID], home[OWN_HOME], tag[24];
	struct own_line line = { .method = method, .uri = uri, .to = uri, .seq = 1 };
	uint64_t number = random_number();
	struct text_builder b;

	if (!in->host || text_is(TEXT("ACK"), method) || text_is(TEXT("CANCEL"), method))
		return NULL;
	text_begin(&b, tag, sizeof tag);
	text_put_hex(&b, &number, sizeof number);
	line.from_tag = text_done(&b);
	line.from = own_home(in, home);
	line.call_id = own_call_id(in, call_id);
	return own_write(in, &line);
}

int
coven_set_content(struct coven_message *m, const char *type, struct coven_slice body)
{
	struct coven_slice none = { NULL, 0 };
	bool typed;

	if (!m->arena || body.length > SIP_BODY_MAX)
		return -1; /* somebody else's body is not to be touched */
	typed = edit_count(m->edit, SIP_CONTENT_TYPE, none) > 0;
	if ((typed ? edit_replace(m->edit, SIP_CONTENT_TYPE, none, 0, text_of(type))
	           : edit_add(m->edit, SIP_CONTENT_TYPE, none, text_of(type), false)) != 0)
		return -1;
	return edit_body(m->edit, body);
}

void
coven_message_free(struct coven_message *m)
{
	if (!m || !m->arena)
		return;
	target_free(m->target);
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
	if (r->message.method_id != SIP_INVITE) /* there is no CANCEL for it; it need not come again, either */
		LIST_EACH (&r->branches, at, after)
			branch_end(CONTAINER(at, struct coven_branch, link));
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
	struct host_request *hr;
	struct coven_request *r;
	struct sip_message scanned;
	struct sip_fault fault;

	if (!text.at || sip_scan(&scanned, text.at, text.length, true, &in->host->scratch, &fault) != 0)
		return NULL;
	r = request_new(in->host->tx, &scanned, NULL);
	if (!r)
		return NULL;
	r->own = true;
	hr = state_of(r, in->host);
	if (!hr) {
		request_drop(r);
		return NULL;
	}
	hr->wants_contact = m->wants_contact;
	hr->secure_contact = m->secure_contact;
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
	if (m && !t) { /* inside a dialog it knows where to */
		t = m->target;
		m->target = NULL;
	}
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
