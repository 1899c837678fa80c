/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call begins with the 2xx to its INVITE, lives on with each refresh, and ends with its BYE, whatever is answered to
 * that, or when nothing was heard for too long. */
#include "follow.h"

#include <coven/flow.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GRACE_MS 32000        /* behind a session timer: whoever gives up sends a BYE, which may be repeated */
#define SESSION_MAX 864000    /* seconds; more is no promise */
#define LINES_PER_SECOND 10
#define RECORD_ROUTES_MAX 8   /* of a response are looked at */

/* -- telling */

static uint32_t
short_hash(struct coven_slice text)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.length; i++)
		h = (h ^ (unsigned char)text.at[i]) * 16777619u;
	return h;
}

static bool
may_log(struct coven_instance *in)
{
	const struct calls_options *o = coven_options(in);
	struct worker *w = coven_self(in);
	int64_t second = coven_now_ms(in) / 1000;

	if (!o->log)
		return false;
	if (second != w->log_second) {
		w->log_second = second;
		w->log_lines = 0;
		if (w->log_lost)
			coven_log(in, COVEN_INFO, "%u more lines left out", w->log_lost);
		w->log_lost = 0;
	}
	if (w->log_lines++ < LINES_PER_SECOND)
		return true;
	w->log_lost++;
	return false;
}

/* No names: those of the call stand in `covenctl calls` only. */
static void
log_begun(struct coven_instance *in, struct coven_request *req, struct coven_slice id, int status)
{
	struct coven_flow_info info = { .size = sizeof info };
	char room[64];
	struct coven_slice peer = { "-", 1 };

	if (!may_log(in))
		return;
	if (coven_flow_facts(in, coven_source(req), &info) == 0)
		peer = coven_address_text(&info.far_end, room);
	coven_log(in, COVEN_INFO, "begun: call %08x from %.*s, code %d", (unsigned)short_hash(id), (int)peer.length,
	          peer.at, status);
}

static void
tell_begun(struct coven_instance *in, struct coven_request *req, const struct call *c, int status)
{
	struct coven_event e = {
		.size = sizeof e, .kind = COVEN_CALL_BEGUN, .aor = call_caller(c), .contact = call_callee(c),
		.call_id = call_id(c), .flow = coven_source(req), .code = status, .wall_ms = coven_wall_ms(in),
	};

	coven_emit(in, &e);
	log_begun(in, req, call_id(c), status);
}

static void
end(struct coven_instance *in, struct call *c, const char *why)
{
	struct worker *w = coven_self(in);
	int64_t ms = coven_now_ms(in) - c->begun;
	struct coven_event e = {
		.size = sizeof e, .kind = COVEN_CALL_ENDED, .name = coven_text(why), .aor = call_caller(c),
		.contact = call_callee(c), .call_id = call_id(c), .code = ms, .wall_ms = coven_wall_ms(in),
	};

	coven_emit(in, &e);
	if (may_log(in))
		coven_log(in, COVEN_INFO, "ended: call %08x, %s, after %lld s", (unsigned)short_hash(call_id(c)), why,
		          (long long)(ms / 1000));
	w->counts.ended++;
	book_remove(w->book, c);
}

/* -- time */

static void set_timer(struct coven_instance *in);

static void
time_over(struct coven_instance *in, void *arg)
{
	struct worker *w = coven_self(in);
	int64_t now = coven_now_ms(in);
	struct call *c;

	w->timer = 0;
	while ((c = book_first(w->book)) && c->due <= now) {
		w->counts.timed_out++;
		end(in, c, "no sign of life");
	}
	set_timer(in);
}

/* One timer, for the call that is due first; when that one has ended before, the timer finds nothing and moves on. */
static void
set_timer(struct coven_instance *in)
{
	struct worker *w = coven_self(in);
	struct call *c = book_first(w->book);

	if (!c || (w->timer && w->timer_due <= c->due))
		return;
	if (w->timer)
		coven_cancel(in, w->timer);
	w->timer_due = c->due;
	w->timer = coven_after(in, c->due - coven_now_ms(in), time_over, NULL);
}

/* RFC 4028: "1800;refresher=uas".  0: there is none. */
static int64_t
session_ms(struct coven_slice value)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < value.length && value.at[i] >= '0' && value.at[i] <= '9' && seconds < SESSION_MAX; i++)
		seconds = seconds * 10 + (value.at[i] - '0');
	return seconds < SESSION_MAX ? seconds * 1000 : 0;
}

static void
refresh(struct coven_instance *in, struct call *c, const struct coven_message *response)
{
	const struct calls_options *o = coven_options(in);
	struct worker *w = coven_self(in);
	int64_t session = session_ms(coven_header(response, "Session-Expires", 0));

	book_set_due(w->book, c, coven_now_ms(in) + (session ? session + GRACE_MS : o->longest));
	set_timer(in);
}

/* -- messages */

/* coven_part() knows all forms and takes 1,400 instructions; the messages have been checked, and what is wanted
 * here is found from the end of the value. */
static struct coven_slice
tag(const struct coven_message *m, const char *header)
{
	struct coven_slice value = coven_header(m, header, 0), found = { NULL, 0 };
	size_t end = value.length, at = end;

	while (at > 0 && value.at[at - 1] != '>') {
		if (value.at[--at] != ';')
			continue;
		if (end - at > 5 && strncasecmp(value.at + at, ";tag=", 5) == 0) {
			found = (struct coven_slice){ value.at + at + 5, end - at - 5 };
			break;
		}
		end = at;
	}
	while (found.length && (found.at[found.length - 1] == ' ' || found.at[found.length - 1] == '\t'))
		found.length--;
	return found;
}

static const char *
find(const char *at, const char *end, const char *any)
{
	while (at < end && !strchr(any, *at))
		at++;
	return at;
}

/* "<sip:TOKEN@host:port;lr>", as we write it. */
static bool
is_ours(struct coven_instance *in, struct coven_slice value)
{
	const char *end = value.at + value.length, *at = find(value.at, end, ":"), *stop;
	const char *user = at < end ? memchr(at, '@', (size_t)(end - at)) : NULL;
	unsigned port = 0;

	at = user ? user + 1 : at + 1;
	if (at >= end)
		return false;
	stop = *at == '[' ? find(at, end, "]") + 1 : find(at, end, ":;>");
	if (stop >= end)
		return false;
	for (const char *p = stop + 1; *stop == ':' && p < end && *p >= '0' && *p <= '9' && port < 65536; p++)
		port = port * 10 + (unsigned)(*p - '0');
	if (port > 65535)
		return false;
	if (*at == '[')
		return coven_is_self(in, (struct coven_slice){ at + 1, (size_t)(stop - at) - 2 }, (uint16_t)(port ? port : 5060));
	return coven_is_self(in, (struct coven_slice){ at, (size_t)(stop - at) }, (uint16_t)(port ? port : 5060));
}

/* Are we on the way of what follows in this call? */
static bool
is_on_our_way(struct coven_instance *in, const struct coven_message *response)
{
	struct coven_slice value;

	for (size_t i = 0; i < RECORD_ROUTES_MAX && (value = coven_header(response, "Record-Route", i)).at; i++)
		if (is_ours(in, value))
			return true;
	return false;
}

static void
begin(struct coven_instance *in, struct coven_request *req, const struct coven_message *response,
      struct coven_slice id)
{
	const struct coven_message *request = coven_view(req);
	struct coven_slice caller = coven_caller(req);
	struct worker *w = coven_self(in);
	struct call *c;

	if (!is_on_our_way(in, response)) {
		w->counts.unfollowed++;
		return;
	}
	if (!caller.at)
		caller = coven_part(coven_header(request, "From", 0), COVEN_URI, NULL);
	c = book_add(w->book, id, caller, coven_uri(request));
	if (!c) {
		w->counts.no_room++;
		return;
	}
	c->begun = coven_now_ms(in);
	c->tags[0] = book_hash(w->book, tag(response, "From"));
	c->tags[1] = book_hash(w->book, tag(response, "To"));
	w->counts.begun++;
	refresh(in, c, response);
	tell_begun(in, req, c, coven_status(response));
}

/* The tags are asked too: a BYE that only knows the Call-ID ends nothing. */
static void
bye(struct coven_instance *in, struct coven_request *req)
{
	const struct coven_message *request = coven_view(req);
	struct worker *w = coven_self(in);
	struct call *c = book_count(w->book) ? book_find(w->book, coven_header(request, "Call-ID", 0)) : NULL;
	uint32_t from, to;

	if (!c)
		return;
	from = book_hash(w->book, tag(request, "From"));
	to = book_hash(w->book, tag(request, "To"));
	if ((from == c->tags[0] && to == c->tags[1]) || (from == c->tags[1] && to == c->tags[0]))
		end(in, c, "bye");
}

static void
success(struct coven_instance *in, struct coven_request *req, const struct coven_message *response)
{
	struct worker *w = coven_self(in);
	struct coven_slice method = coven_method(response), id;
	struct call *c;

	if (coven_is(method, "BYE")) {
		bye(in, req);
		return;
	}
	id = coven_header(response, "Call-ID", 0);
	c = book_find(w->book, id);
	if (c)
		refresh(in, c, response);
	else if (coven_is(method, "INVITE") && !tag(coven_view(req), "To").at)
		begin(in, req, response, id);
}

enum coven_verdict
follow_answer(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct coven_message *response = coven_response(br);
	int status = coven_status(response);

	if (status >= 200 && status < 300)
		success(in, req, response);
	return COVEN_NEXT;
}

/* Whoever has sent a BYE has left the call, also when nobody answers it; unless he is asked to prove who he is first. */
enum coven_verdict
follow_failed(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	int status = coven_branch_status(br);

	if (status != 401 && status != 407)
		bye(in, req);
	return COVEN_NEXT;
}
