/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event: copied when emitted, delivered later, once per instance that listens, on the worker that owns the AoR, else
 * the Call-ID, else where it was emitted. */
#include "host/event.h"
#include "base/text.h"
#include "host/news.h"
#include "host/slow.h"
#include <stdlib.h>
#include <string.h>

#define EVENT_TEXT_MAX 65536

struct letter {
	struct host *host; /* where it is delivered */
	struct coven_event event;
	char text[];
};

static void
deliver(void *arg)
{
	struct letter *l = arg;
	struct host *h = l->host;

	const struct chain *c = &host_edition(h)->chain;
	int64_t began = slow_begin();

	for (size_t i = 0; i < c->count; i++) {
		const struct plug *plug = c->plugs[i];
		const char *row = (const char *)plug->table->listens;
		struct coven_instance *in = host_instance(h, plug);
		for (; row && in->started; row += plug->table->head.listen) {
			const struct coven_listen *listen = (const void *)row;
			if (!listen->call)
				break;
			if (listen->kind == l->event.kind) {
				listen->call(in, &l->event);
				began = slow_end(in, "an event", began);
			}
		}
	}
	free(l);
}

static bool
somebody_listens(const struct host *h, uint32_t kind)
{
	const struct chain *c = &host_edition(h)->chain;

	for (size_t i = 0; i < c->count; i++) {
		const struct coven_plugin *table = c->plugs[i]->table;
		const char *row = (const char *)table->listens;
		for (; row && ((const struct coven_listen *)(const void *)row)->call; row += table->head.listen)
			if (((const struct coven_listen *)(const void *)row)->kind == kind)
				return true;
	}
	return false;
}

static struct coven_slice
copy(char **at, struct coven_slice s)
{
	struct coven_slice to = { *at, s.length };

	if (!s.at)
		return s;
	memcpy(*at, s.at, s.length);
	*at += s.length;
	return to;
}

static struct letter *
letter_of(const struct coven_event *e)
{
	size_t length = e->name.length + e->aor.length + e->contact.length + e->call_id.length;
	struct letter *l = length <= EVENT_TEXT_MAX ? calloc(1, sizeof *l + length) : NULL;
	char *at;

	if (!l)
		return NULL;
	at = l->text;
	memcpy(&l->event, e, e->size < sizeof *e ? e->size : sizeof *e);
	l->event.size = sizeof *e;
	l->event.name = copy(&at, l->event.name);
	l->event.aor = copy(&at, l->event.aor);
	l->event.contact = copy(&at, l->event.contact);
	l->event.call_id = copy(&at, l->event.call_id);
	return l;
}

int
event_emit(struct host_shared *all, struct host *here, const struct coven_event *e)
{
	struct coven_slice key = e->aor.length ? e->aor : e->call_id;
	struct letter *l;

	if (lookout_wanted(&all->lookout.events))
		news_event(here, e);
	if (!somebody_listens(here, e->kind))
		return 0;
	l = letter_of(e);
	if (!l)
		return -1;
	l->host = key.length ? all->hosts[tx_owner_of(&all->shared_hash, key, all->workers)] : here;
	if (loop_post(l->host->loop, deliver, free, l) == 0)
		return 0;
	free(l);
	return -1;
}

int
coven_emit(struct coven_instance *in, const struct coven_event *event)
{
	return in->host ? event_emit(in->all, in->host, event) : -1;
}
