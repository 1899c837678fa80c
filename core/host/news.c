/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events become rows on worker 0; all rows have the same fields. */
#include "host/news.h"
#include "base/address.h"
#include "base/text.h"
#include "host/date.h"
#include "host/lookout.h"
#include "host/out.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_SHOWN 512 /* bytes of one text of an event */
#define TEXTS 4

struct news_viewer {
	struct viewer viewer;
	size_t count;
	char kinds[NEWS_KINDS_MAX][NEWS_KIND_MAX];
};

struct news_letter {
	struct lookout_letter letter;
	uint32_t kind;
	int64_t code, wall_ms;
	struct coven_flow flow;
	size_t length[TEXTS]; /* name, aor, contact, call_id */
	char text[];
};

static const struct kind_name {
	uint32_t kind;
	const char *name;
} kind_names[] = {
	{ COVEN_BINDINGS, "binding" },           { COVEN_CALL_BEGUN, "call-begun" },
	{ COVEN_CALL_ENDED, "call-ended" },      { COVEN_FLOW_CLOSED, "flow-closed" },
	{ COVEN_AUTH_REFUSED, "auth-refused" },  { COVEN_MALFORMED, "malformed" },
	{ 0, NULL },
};

/* A plugin's own event is of the kind that it names. */
static struct coven_slice
kind_of(uint32_t kind, struct coven_slice name)
{
	for (const struct kind_name *k = kind_names; k->name; k++)
		if (k->kind == kind)
			return text_of(k->name);
	return name;
}

/* -- where it happens */

static bool
is_wanted(const struct viewer *v, const void *arg)
{
	const struct news_viewer *n = CONTAINER(v, const struct news_viewer, viewer);
	const struct coven_event *e = arg;
	struct coven_slice kind = kind_of(e->kind, e->name);

	for (size_t i = 0; i < n->count; i++)
		if (text_is(kind, n->kinds[i]))
			return true;
	return n->count == 0;
}

static void show(struct lookout_letter *letter, struct viewer *v);

void
news_event(struct host *h, const struct coven_event *given)
{
	struct coven_event e = { .size = sizeof e };
	struct news_letter *l;
	size_t room = 0;
	char *at;

	memcpy(&e, given, given->size < sizeof e ? given->size : sizeof e);
	struct coven_slice texts[TEXTS] = { e.name, e.aor, e.contact, e.call_id };

	for (size_t i = 0; i < TEXTS; i++) {
		texts[i] = text_cut(texts[i], 0, TEXT_SHOWN);
		room += texts[i].length;
	}
	l = (void *)lookout_letter(h->all, sizeof *l + room, false, is_wanted, &e);
	if (!l)
		return;
	l->letter.show = show;
	l->kind = e.kind;
	l->code = e.code;
	l->wall_ms = e.wall_ms ? e.wall_ms : loop_wall(h->loop);
	l->flow = e.flow;
	at = l->text;
	for (size_t i = 0; i < TEXTS; i++) {
		if (texts[i].length)
			memcpy(at, texts[i].at, texts[i].length);
		at += l->length[i] = texts[i].length;
	}
	lookout_send(&l->letter);
}

/* -- on worker 0 */

static struct coven_slice
peer_of(const struct host_shared *all, const struct coven_flow *flow, char room[ADDRESS_TEXT])
{
	struct net_flow_facts facts;

	if (net_flow_facts(all->net, flow, &facts) != 0)
		return TEXT("");
	return address_print(&facts.far_end, room);
}

static void
show(struct lookout_letter *letter, struct viewer *v)
{
	struct news_letter *l = CONTAINER(letter, struct news_letter, letter);
	char date[DATE_TEXT], room[ADDRESS_TEXT];
	struct coven_slice texts[TEXTS];
	const char *at = l->text;

	for (size_t i = 0; i < TEXTS; i++) {
		texts[i] = (struct coven_slice){ at, l->length[i] };
		at += l->length[i];
	}
	coven_put_text(v->out, "time", date_print(l->wall_ms, date));
	coven_put_text(v->out, "kind", kind_of(l->kind, texts[0]));
	coven_put_text(v->out, "aor", texts[1]);
	coven_put_text(v->out, "contact", texts[2]);
	coven_put_text(v->out, "peer", peer_of(v->all, &l->flow, room));
	coven_put_number(v->out, "code", l->code);
	coven_put_text(v->out, "why", l->kind == COVEN_NAMED ? TEXT("") : texts[0]);
	coven_put_text(v->out, "call_id", texts[3]);
}

static void
viewer_free(struct viewer *v)
{
	free(CONTAINER(v, struct news_viewer, viewer));
}

static const struct viewer_kind kind = { viewer_free };

static int
read_kinds(struct news_viewer *n, size_t count, const struct coven_slice *kinds)
{
	if (count > NEWS_KINDS_MAX)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!kinds[i].length || kinds[i].length >= NEWS_KIND_MAX)
			return -1;
		memcpy(n->kinds[i], kinds[i].at, kinds[i].length);
	}
	n->count = count;
	return 0;
}

enum coven_verdict
news_begin(struct host_shared *all, struct coven_out *out, size_t count, const struct coven_slice *kinds)
{
	struct news_viewer *n = calloc(1, sizeof *n);

	if (!n)
		return COVEN_FAIL;
	n->viewer.kind = &kind;
	if (read_kinds(n, count, kinds) != 0)
		out_error(out, "at most %d kinds of at most %d letters", NEWS_KINDS_MAX, NEWS_KIND_MAX - 1);
	else if (viewer_begin(&n->viewer, all, out) == 0)
		return COVEN_WAIT;
	free(n);
	return COVEN_FAIL;
}
