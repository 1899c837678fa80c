/* SPDX-License-Identifier: GPL-3.0-or-later */
/* respond: own replies. */
#include "host/respond.h"
#include "base/text.h"
#include "sip/reply.h"
#include "sip/scan.h"
#include <string.h>

/* The reply becomes a message that can be read and edited. */
static int
open_reply(struct host_request *hr, struct coven_request *r)
{
	struct sip_fault fault;
	struct sip_message m;

	if (hr->reply_scanned)
		return 0;
	if (sip_scan(&m, hr->reply_bytes.at, hr->reply_bytes.length, true, &host_of(r)->scratch, &fault) != 0 ||
	    sip_copy(&hr->reply, &m, r->arena) != 0)
		return -1;
	edit_init(&hr->reply_edit, r->arena, &hr->reply, NULL);
	hr->reply_view = (struct coven_message){ .edit = &hr->reply_edit, .request = r, .writable = true };
	hr->reply_scanned = true;
	return 0;
}

static void
shown(struct run *run, enum coven_verdict verdict)
{
	(void)run;
	(void)verdict; /* edits only */
}

/* REPLY hooks, if there are any, then what became of the bytes.  They are read when a hook asks for the view. */
static struct coven_slice
show(struct host_request *hr, struct coven_request *r, unsigned status)
{
	struct host *h = host_of(r);
	struct run run;

	if (phase_has(r, COVEN_REPLY)) {
		hr->reply_shown = (uint16_t)status;
		run_begin(&run, h, r, NULL, COVEN_REPLY, shown);
		hr->reply_shown = 0;
	}
	return hr->reply_scanned ? edit_render(&hr->reply_edit, r->tx->scratch) : hr->reply_bytes;
}

struct coven_slice
respond_reply(void *up, struct coven_request *r, unsigned status, struct coven_slice bytes)
{
	struct host_request *hr = state_of(r, up);

	if (!hr || !phase_has(r, COVEN_REPLY))
		return bytes;
	hr->reply_bytes = bytes;
	hr->reply_scanned = false;
	return show(hr, r, status);
}

void
respond_leave(struct coven_request *r)
{
	struct host_request *hr = r->host;
	unsigned status = hr->reply_status;

	r->finished = true;
	hr->reply_status = 0;
	if (r->state == REQUEST_NEW)
		r->tx->counts.stateless_replies++;
	request_respond(r, status, show(hr, r, status));
}

static struct coven_slice
build(struct coven_request *r, unsigned status, const char *reason)
{
	struct reply reply = {
		.request = &r->message,
		.source = &r->from.far_end,
		.status = (uint16_t)status,
		.reason = text_of(reason),
		.to_tag = request_tag(r),
		.record_route = status < 300 && r->message.to_tag.length == 0 &&
		                (r->message.method_id == SIP_SUBSCRIBE || r->message.method_id == SIP_INVITE ||
		                 r->message.method_id == SIP_REFER),
	};

	return reply_build(&reply, r->arena); /* a hook may show it before it leaves */
}

int
coven_reply(struct coven_request *req, int status, const char *reason)
{
	struct host_request *hr = req->host;
	const struct run *run = host_of(req)->current;

	if (run && run->request == req && phase_of_branch(run->phase))
		return -1; /* there is no verdict that would send it */
	if (status < 101 || status > 699 || req->finished || hr->reply_status || req->own ||
	    req->message.method_id == SIP_ACK || req->message.method_id == SIP_CANCEL)
		return -1;
	if (reason && strpbrk(reason, "\r\n"))
		return -1;
	if (status < 200) {
		if (req->message.method_id != SIP_INVITE || request_adopt(req) != 0)
			return -1;
		return request_reply(req, (unsigned)status, reason, NULL, 0, false);
	}
	hr->reply_bytes = build(req, (unsigned)status, reason);
	hr->reply_scanned = false;
	if (!hr->reply_bytes.at)
		return -1;
	hr->reply_status = (uint16_t)status;
	return 0;
}

struct coven_message *
coven_reply_view(struct coven_request *req)
{
	struct host_request *hr = req->host;

	if (!hr->reply_bytes.at || open_reply(hr, req) != 0)
		return NULL;
	return &hr->reply_view;
}

int
coven_reply_status(const struct coven_request *req)
{
	const struct host_request *hr = req->host;

	return hr->reply_shown;
}
