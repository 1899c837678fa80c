/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog: the table of dialogs, and which of them a request belongs to. */
#include "host/dialog.h"
#include "base/text.h"
#include "tx/record.h"
#include <stdlib.h>

struct dialogs {
	struct table table;
	struct names *names;
};

struct dialogs *
dialogs_new(unsigned worker)
{
	struct dialogs *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->names = names_new(worker);
	if (!d->names || table_init(&d->table, 16) != 0) {
		names_free(d->names);
		free(d);
		return NULL;
	}
	return d;
}

void
dialogs_free(struct dialogs *d)
{
	if (!d)
		return;
	table_done(&d->table);
	names_free(d->names);
	free(d);
}

/* -- one dialog -------------------------------------------------------------------------------------------- */

static uint64_t
hash_of(const struct host *h, struct coven_slice call_id, struct coven_slice local_tag)
{
	struct coven_slice parts[] = { call_id, local_tag };

	return keyed_hash_parts(&h->tx->hash, parts, 2);
}

/* Its texts are what it would be saved as: one piece of memory, made anew when one of them changes. */
int
dialog_set(struct coven_dialog *d, const struct dialog_state *state)
{
	size_t length = dialog_state_save(state, NULL, 0);
	uint8_t *memory = length <= COVEN_DIALOG_SAVED_MAX ? malloc(length) : NULL;
	struct dialog_state read;

	if (!memory)
		return -1;
	dialog_state_save(state, memory, length);
	if (dialog_state_read(&read, (struct coven_slice){ (const char *)memory, length }) != 0) {
		free(memory);
		return -1;
	}
	free(d->memory);
	d->memory = memory;
	d->state = read;
	return 0;
}

struct coven_dialog *
dialog_new(struct coven_instance *in, const struct dialog_state *state)
{
	struct dialogs *all = in->host->dialogs;
	struct coven_dialog *d = in->started && all->table.count < DIALOGS_MAX ? calloc(1, sizeof *d) : NULL;

	if (!d)
		return NULL;
	d->in = in;
	if (dialog_set(d, state) != 0 || (d->name = names_add(all->names, d)) == 0) {
		free(d->memory);
		free(d);
		return NULL;
	}
	table_insert(&all->table, &d->node, hash_of(in->host, d->state.call_id, d->state.local_tag));
	list_append(&in->dialogs, &d->link);
	return d;
}

void
coven_dialog_free(struct coven_dialog *dialog)
{
	struct dialogs *all;

	if (!dialog)
		return;
	all = dialog->in->host->dialogs;
	table_remove(&all->table, &dialog->node);
	names_remove(all->names, dialog->name);
	list_remove(&dialog->link);
	free(dialog->memory);
	free(dialog);
}

void
dialog_purge(struct coven_instance *in)
{
	while (!list_empty(&in->dialogs))
		coven_dialog_free(CONTAINER(in->dialogs.next, struct coven_dialog, link));
}

/* -- what arrives --------------------------------------------------------------------------------------------- */

struct sought {
	const struct coven_instance *in; /* this one's, */
	const struct chain *chain;       /* or one of a plugin in it */
	struct coven_slice call_id, local_tag, remote_tag;
};

static bool
chain_has(const struct chain *c, const struct plug *plug)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->plugs[i] == plug)
			return true;
	return false;
}

/* Of a dialog that has not begun any tag will do: whoever knows our tag has seen our request. */
static bool
same(const struct table_node *node, const void *key)
{
	const struct coven_dialog *d = CONTAINER(node, struct coven_dialog, node);
	const struct dialog_state *s = &d->state;
	const struct sought *sought = key;

	return text_same(s->call_id, sought->call_id) && text_secret_same(s->local_tag, sought->local_tag) &&
	       (!s->begun || text_same(s->remote_tag, sought->remote_tag)) && chain_has(sought->chain, d->in->plug);
}

static bool
same_own(const struct table_node *node, const void *key)
{
	const struct coven_dialog *d = CONTAINER(node, struct coven_dialog, node);
	const struct sought *sought = key;

	return d->in == sought->in && text_same(d->state.call_id, sought->call_id) &&
	       text_same(d->state.local_tag, sought->local_tag);
}

/* A reload restores what its forerunner still has: that one is another instance's. */
struct coven_dialog *
dialog_find(struct coven_instance *in, struct coven_slice call_id, struct coven_slice local_tag)
{
	struct sought sought = { .in = in, .call_id = call_id, .local_tag = local_tag };
	struct table_node *node =
		table_find(&in->host->dialogs->table, hash_of(in->host, call_id, local_tag), same_own, &sought);

	return node ? CONTAINER(node, struct coven_dialog, node) : NULL;
}

bool
dialog_arrive(struct host *h, struct coven_request *r)
{
	const struct sip_message *m = &r->message;
	struct host_request *hr = r->host;
	struct sought sought = { .chain = state_chain(r),
	                         .call_id = sip_slice(m, m->call_id),
	                         .local_tag = sip_slice(m, m->to_tag),
	                         .remote_tag = sip_slice(m, m->from_tag) };
	const struct table_node *node;
	const struct coven_dialog *d;

	if (h->dialogs->table.count == 0 || sought.local_tag.length == 0 || sought.remote_tag.length == 0)
		return false;
	node = table_find(&h->dialogs->table, hash_of(h, sought.call_id, sought.local_tag), same, &sought);
	if (!node)
		return false;
	d = CONTAINER(node, struct coven_dialog, node);
	hr->dialog = d->name;
	hr->dialog_plug = d->in->plug;
	return true;
}

unsigned
dialog_judge(struct coven_request *r)
{
	struct host_request *hr = r->host;
	struct coven_dialog *d = names_get(host_of(r)->dialogs->names, hr->dialog);

	if (!d)
		return 481;
	if (d->state.heard && r->message.cseq <= d->state.remote_seq)
		return 500; /* 12.2.2 */
	if (r->message.cseq > DIALOG_SEQ_MAX)
		return 400;
	if (d->state.begun) {
		d->state.remote_seq = r->message.cseq;
		d->state.heard = true;
	}
	if (d->state.caller.length)
		hr->caller = arena_dup(r->arena, d->state.caller);
	r->vouched = r->vouched || d->state.vouched;
	return 0;
}

struct coven_dialog *
coven_dialog_of(struct coven_instance *in, const struct coven_request *req)
{
	const struct host_request *hr = req->host;
	struct coven_dialog *d = hr->dialog ? names_get(in->host->dialogs->names, hr->dialog) : NULL;

	return d && d->in == in ? d : NULL;
}

/* -- our Contact ---------------------------------------------------------------------------------------------- */

struct coven_slice
dialog_contact(const struct net_flow_facts *by, bool secure, char room[DIALOG_CONTACT_ROOM])
{
	char host[ADDRESS_TEXT];
	struct text_builder b;

	text_begin(&b, room, DIALOG_CONTACT_ROOM);
	text_print(&b, "<%s:%.*s", secure ? "sips" : "sip", TEXT_ARG(record_host(&by->near_end, host)));
	if (by->transport->stream && !(secure && by->transport->secure)) /* sips says it */
		text_print(&b, ";transport=%s", by->transport->parameter);
	text_put_char(&b, '>');
	return text_done(&b);
}

int
dialog_put_contact(struct coven_branch *b)
{
	const struct host_request *hr = b->request->host;
	struct coven_slice none = { NULL, 0 };
	char room[DIALOG_CONTACT_ROOM];
	struct net_flow_facts by;

	if (!hr->wants_contact || edit_count(&b->edit, SIP_CONTACT, none) > 0)
		return 0;
	if (net_flow_facts(b->request->tx->net_shared, &b->flow, &by) != 0)
		return -1;
	return edit_add(&b->edit, SIP_CONTACT, none, dialog_contact(&by, hr->secure_contact, room), false);
}
