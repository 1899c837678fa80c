/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view: messages as plugins see and edit them. */
#include "base/text.h"
#include "host/state.h"

struct coven_message *
coven_view(struct coven_request *req)
{
	struct host_request *hr = req->host;

	hr->view.writable = req->branch_count == 0; /* branches stand on it */
	return &hr->view;
}

struct coven_message *
coven_branch_view(struct coven_branch *br)
{
	struct host_branch *hb = state_of_branch(br);

	if (!hb)
		return NULL;
	hb->view.writable = br->state == BRANCH_WAITING;
	return &hb->view;
}

struct coven_message *
coven_response(struct coven_branch *br)
{
	struct host_branch *hb = state_of_branch(br);

	return hb && br->has_response ? &hb->response : NULL;
}

/* -- reading.  A view that could not be made is NULL: it has nothing, and takes nothing. */

static const struct coven_slice nothing = { NULL, 0 };

struct coven_slice
coven_method(const struct coven_message *m)
{
	return m ? sip_slice(m->edit->message, m->edit->message->method) : nothing;
}

struct coven_slice
coven_uri(const struct coven_message *m)
{
	return m && !m->edit->message->status ? edit_read_uri(m->edit) : nothing;
}

int
coven_status(const struct coven_message *m)
{
	return m ? m->edit->message->status : 0;
}

struct coven_slice
coven_header(const struct coven_message *m, const char *name, size_t nth)
{
	struct coven_slice text = text_of(name);

	return m ? edit_read(m->edit, sip_header_id(text), text, nth) : nothing;
}

bool
coven_header_each(const struct coven_message *m, size_t *cursor, struct coven_slice *name,
                  struct coven_slice *value)
{
	return m && edit_each(m->edit, cursor, name, value);
}

struct coven_slice
coven_body(const struct coven_message *m)
{
	return m ? edit_read_body(m->edit) : nothing;
}

/* -- editing: what carries a message is the core's own */

static bool
may_edit(const struct coven_message *m, enum sip_header id)
{
	if (!m || !m->writable)
		return false;
	switch (id) {
	case SIP_VIA:
	case SIP_MAX_FORWARDS:
	case SIP_ROUTE:
	case SIP_RECORD_ROUTE:
	case SIP_CONTENT_LENGTH:
	case SIP_CALL_ID:
	case SIP_CSEQ:
		return false;
	default:
		return true;
	}
}

int
coven_add_header(struct coven_message *m, const char *name, struct coven_slice value, bool top)
{
	struct coven_slice text = text_of(name);
	enum sip_header id = sip_header_id(text);

	if (id == SIP_FROM || id == SIP_TO)
		return -1; /* there is one already */
	return may_edit(m, id) ? edit_add(m->edit, id, text, value, top) : -1;
}

int
coven_replace(struct coven_message *m, const char *name, size_t nth, struct coven_slice value)
{
	struct coven_slice text = text_of(name);
	enum sip_header id = sip_header_id(text);

	return may_edit(m, id) ? edit_replace(m->edit, id, text, nth, value) : -1;
}

int
coven_remove(struct coven_message *m, const char *name, size_t nth)
{
	struct coven_slice text = text_of(name);
	enum sip_header id = sip_header_id(text);

	if (id == SIP_FROM || id == SIP_TO)
		return -1;
	return may_edit(m, id) ? edit_remove(m->edit, id, text, nth) : -1;
}
