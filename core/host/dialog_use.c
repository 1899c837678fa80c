/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog_use: dialogs as plugins begin, use, save and restore them. */
#include "base/random.h"
#include "base/text.h"
#include "host/dialog.h"
#include "host/own.h"
#include "tx/target.h"
#include <string.h>

#define TAG_ROOM 33

static struct coven_slice
make_tag(char room[TAG_ROOM])
{
	uint8_t bytes[16];
	struct text_builder b;

	random_bytes(bytes, sizeof bytes);
	text_begin(&b, room, TAG_ROOM);
	text_put_hex(&b, bytes, sizeof bytes);
	return text_done(&b);
}

/* The stream that a message came by, for as long as it is there. */
static void
note_flow(struct dialog_state *s, const struct coven_flow *flow, const struct net_flow_facts *facts)
{
	s->flow_length = facts->transport && facts->transport->stream ? (uint8_t)net_flow_pack(flow, s->flow) : 0;
}

/* -- UAS ------------------------------------------------------------------------------------------------------ */

static struct coven_dialog *
refuse(struct coven_request *req, unsigned status)
{
	coven_reply(req, (int)status, NULL);
	return NULL;
}

/* 12.1.1.  0, or the status that the request deserves instead. */
static unsigned
begin(struct coven_instance *in, struct coven_request *req, struct coven_dialog **d)
{
	struct host_request *hr = req->host;
	char tag[TAG_ROOM];
	struct dialog_state s = {
		.secure = hr->uri.sips && req->from.transport->secure,
		.vouched = req->vouched,
		.local_tag = make_tag(tag),
		.caller = hr->caller,
	};
	unsigned status = dialog_state_hear(&s, &req->edit, req->arena);

	if (status)
		return status;
	note_flow(&s, &req->source, &req->from);
	*d = dialog_new(in, &s);
	if (!*d)
		return 503;
	hr->dialog = (*d)->name;
	hr->dialog_plug = in->plug;
	return 0;
}

/* A request inside a dialog is taken: it is where its new Contact says.  Of ours that has not begun, it begins it. */
static unsigned
take(struct coven_dialog *d, struct coven_request *req)
{
	struct dialog_state s = d->state;
	unsigned status = s.begun ? dialog_state_refresh(&s, &req->edit) : dialog_state_hear(&s, &req->edit, req->arena);

	if (status)
		return status;
	note_flow(&s, &req->source, &req->from);
	return dialog_set(d, &s) == 0 ? 0 : 503;
}

static int
reply_ours(const struct coven_dialog *d, struct coven_request *req, int status, const char *reason)
{
	char room[DIALOG_CONTACT_ROOM];

	if (!req->message.to_tag.length)
		req->to_tag = arena_dup(req->arena, d->state.local_tag);
	if (coven_reply(req, status, reason) != 0)
		return -1;
	return coven_add_header(coven_reply_view(req), "Contact", dialog_contact(&req->from, d->state.secure, room), false);
}

struct coven_dialog *
coven_dialog_answer(struct coven_instance *in, struct coven_request *req, int status, const char *reason)
{
	struct coven_dialog *d = coven_dialog_of(in, req);
	bool inside = d != NULL;
	unsigned other;

	if (!d && req->message.to_tag.length)
		return refuse(req, 481);
	if (status < 200 || status > 299) {
		coven_reply(req, status, reason);
		return d;
	}
	other = inside ? take(d, req) : begin(in, req, &d);
	if (other)
		return refuse(req, other);
	if (reply_ours(d, req, status, reason) == 0)
		return d;
	if (!inside)
		coven_dialog_free(d);
	return NULL;
}

/* -- requests ------------------------------------------------------------------------------------------------- */

static bool
can_be_ours(const char *method)
{
	enum sip_method id = sip_method_id(text_of(method));

	return id != SIP_INVITE && id != SIP_ACK && id != SIP_CANCEL && id != SIP_REGISTER;
}

struct coven_message *
coven_dialog_ask(struct coven_instance *in, const char *method, struct coven_slice from, struct coven_slice to,
                 struct coven_dialog **dialog)
{
	char tag[TAG_ROOM], call_id[OWN_CALL_ID], home[OWN_HOME];
	struct own_line line = { .method = method, .uri = to, .to = to, .from_tag = make_tag(tag), .seq = 1 };
	struct coven_message *m;

	line.from = from.length ? from : own_home(in, home);
	line.call_id = own_call_id(in, call_id);
	m = in->host && can_be_ours(method) ? own_write(in, &line) : NULL;
	if (!m)
		return NULL;
	*dialog = dialog_new(in, &(struct dialog_state){ .uac = true, .local_seq = 1, .call_id = line.call_id,
	                                                 .local_tag = line.from_tag, .local_uri = line.from,
	                                                 .remote_uri = to });
	if (!*dialog) {
		coven_message_free(m);
		return NULL;
	}
	m->wants_contact = true;
	return m;
}

/* By the stream it came by when nobody stands between us. */
static struct coven_target *
make_target(const struct coven_dialog *d)
{
	const struct dialog_state *s = &d->state;
	const struct host *h = d->in->host;
	struct coven_target *t = target_new(h->tx->pool, s->target);

	if (!t)
		return NULL;
	if (s->route.length) {
		t->route = arena_dup(t->arena, s->route);
		if (!t->route.at) {
			target_free(t);
			return NULL;
		}
	} else if (s->flow_length && net_flow_unpack(h->all->net, s->flow, s->flow_length, &t->flow) == 0)
		memset(&t->flow, 0, sizeof t->flow);
	return t;
}

/* A plugin that was replaced at a reload has nothing to say: whoever came after it says it. */
static bool
in_force(const struct coven_instance *in)
{
	const struct chain *c = &host_edition(in->host)->chain;

	for (size_t i = 0; i < c->count; i++)
		if (c->plugs[i] == in->plug)
			return true;
	return false;
}

struct coven_message *
coven_dialog_request(struct coven_dialog *dialog, const char *method)
{
	struct dialog_state *s = &dialog->state;
	struct own_line line = { .method = method,
		                 .uri = s->target,
		                 .from = s->local_uri,
		                 .from_tag = s->local_tag,
		                 .to = s->remote_uri,
		                 .to_tag = s->remote_tag,
		                 .call_id = s->call_id,
		                 .seq = s->local_seq + 1 };
	struct coven_message *m;

	if (!s->begun || s->local_seq >= DIALOG_SEQ_MAX || !can_be_ours(method) || !in_force(dialog->in))
		return NULL;
	m = own_write(dialog->in, &line);
	if (!m)
		return NULL;
	m->target = make_target(dialog);
	if (!m->target) {
		coven_message_free(m);
		return NULL;
	}
	m->wants_contact = true;
	m->secure_contact = s->secure;
	s->local_seq++;
	return m;
}

/* RFC 6665 4.2.2, RFC 5057 5.1: with which the other side says that there is no such thing any more. */
static bool
ends(int status)
{
	switch (status) {
	case 404:
	case 405:
	case 408:
	case 410:
	case 416:
	case 480:
	case 481:
	case 482:
	case 483:
	case 484:
	case 485:
	case 489:
	case 501:
	case 604:
		return true;
	}
	return false;
}

bool
coven_dialog_answered(struct coven_dialog *dialog, int status, const struct coven_message *response)
{
	struct dialog_state s = dialog->state;
	const struct edit *e = response ? response->edit : NULL;
	struct arena *arena = dialog->in->host->tx->scratch;

	if (status < 200 || status > 299 || !e)
		return s.begun && !ends(status);
	if (!s.begun)
		return dialog_state_answered(&s, e, arena) == 0 && dialog_set(dialog, &s) == 0;
	/* of another fork of our request, or nonsense: what we know is as good as before */
	if (text_same(sip_slice(e->message, e->message->to_tag), s.remote_tag) && dialog_state_refresh(&s, e) == 0)
		dialog_set(dialog, &s);
	return true;
}

/* -- the rest --------------------------------------------------------------------------------------------------- */

void *
coven_dialog_data(const struct coven_dialog *dialog)
{
	return dialog->data;
}

void
coven_dialog_set_data(struct coven_dialog *dialog, void *data)
{
	dialog->data = data;
}

void
coven_dialog_facts(const struct coven_dialog *dialog, struct coven_dialog_info *info)
{
	const struct dialog_state *s = &dialog->state;
	struct coven_dialog_info all = {
		.size = info->size < sizeof all ? info->size : sizeof all,
		.local_seq = s->local_seq,
		.remote_seq = s->remote_seq,
		.uac = s->uac,
		.begun = s->begun,
		.secure = s->secure,
		.call_id = s->call_id,
		.local_tag = s->local_tag,
		.remote_tag = s->remote_tag,
		.local_uri = s->local_uri,
		.remote_uri = s->remote_uri,
		.remote_target = s->target,
		.caller = s->caller,
	};

	memcpy(info, &all, all.size);
}

size_t
coven_dialog_save(const struct coven_dialog *dialog, void *room, size_t length)
{
	return dialog_state_save(&dialog->state, room, length);
}

int
coven_dialog_restore(struct coven_instance *in, struct coven_slice saved, struct coven_dialog **dialog)
{
	struct dialog_state s;

	*dialog = NULL;
	if (saved.length > COVEN_DIALOG_SAVED_MAX || dialog_state_read(&s, saved) != 0)
		return -1;
	if (coven_owner(in, s.call_id) != in->host->worker || dialog_find(in, s.call_id, s.local_tag))
		return 1;
	/* requests may have left that nobody saved: theirs must not come again */
	s.local_seq = s.local_seq > DIALOG_SEQ_MAX - DIALOG_SEQ_LEAP ? DIALOG_SEQ_MAX : s.local_seq + DIALOG_SEQ_LEAP;
	*dialog = dialog_new(in, &s);
	return *dialog ? 0 : -1;
}
