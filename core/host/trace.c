/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message is copied where it passes, its secrets are blanked there, and worker 0 writes it as a row. */
#include "host/trace.h"
#include "base/text.h"
#include "host/date.h"
#include "host/lookout.h"
#include "host/out.h"
#include "host/trace_blank.h"

#include <stdlib.h>
#include <string.h>

struct trace_viewer {
	struct viewer viewer;
	struct trace_filter filter;
	bool bytes;
};

struct trace_letter {
	struct lookout_letter letter;
	struct net_flow_facts facts;
	int64_t wall_ms;
	unsigned worker;
	bool leaves;
	size_t length;
	char bytes[];
};

/* -- where it passes */

struct seen {
	const struct sip_message *message; /* NULL: it cannot be read */
	const struct coven_address *peer;
};

static bool
is_wanted(const struct viewer *v, const void *arg)
{
	const struct seen *s = arg;

	return trace_filter_fits(&CONTAINER(v, const struct trace_viewer, viewer)->filter, s->message, s->peer);
}

static void show(struct lookout_letter *letter, struct viewer *v);

void
trace_message(struct host *h, const struct coven_flow *flow, struct coven_slice bytes, bool leaves)
{
	struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault;
	struct net_flow_facts facts;
	struct seen seen = { .peer = &facts.far_end };
	size_t length = bytes.length < TRACE_BYTES_MAX ? bytes.length : TRACE_BYTES_MAX;
	struct trace_letter *l;

	if (net_flow_facts(h->all->net, flow, &facts) != 0)
		return;
	if (sip_scan(&m, bytes.at, bytes.length, false, &scratch, &fault) == 0)
		seen.message = &m;
	l = (void *)lookout_letter(h->all, sizeof *l + length, true, is_wanted, &seen);
	if (!l)
		return;
	l->letter.show = show;
	l->facts = facts;
	l->wall_ms = loop_wall(h->loop);
	l->worker = h->worker;
	l->leaves = leaves;
	l->length = length;
	memcpy(l->bytes, bytes.at, length);
	trace_blank(l->bytes, length);
	lookout_send(&l->letter);
}

/* -- on worker 0 */

static void
put_hex(struct coven_out *out, const char *bytes, size_t length)
{
	struct text_builder b;
	char *hex = malloc(2 * length + 1);

	if (!hex)
		return;
	text_begin(&b, hex, 2 * length + 1);
	text_put_hex(&b, bytes, length);
	coven_put_text(out, "bytes", text_done(&b));
	free(hex);
}

static void
show(struct lookout_letter *letter, struct viewer *v)
{
	struct trace_letter *l = CONTAINER(letter, struct trace_letter, letter);
	struct trace_viewer *t = CONTAINER(v, struct trace_viewer, viewer);
	char room[ADDRESS_TEXT], date[DATE_TEXT];

	coven_put_text(v->out, "time", date_print(l->wall_ms, date));
	coven_put_text(v->out, "direction", l->leaves ? TEXT("out") : TEXT("in"));
	coven_put_text(v->out, "transport", text_of(l->facts.transport->parameter));
	coven_put_text(v->out, "local", address_print(&l->facts.near_end, room));
	coven_put_text(v->out, "peer", address_print(&l->facts.far_end, room));
	coven_put_number(v->out, "worker", l->worker);
	if (!t->bytes) {
		coven_put_text(v->out, "message", (struct coven_slice){ l->bytes, l->length });
		return;
	}
	coven_put_number(v->out, "time_us", l->wall_ms * 1000);
	put_hex(v->out, l->bytes, l->length);
}

static void
viewer_free(struct viewer *v)
{
	free(CONTAINER(v, struct trace_viewer, viewer));
}

static const struct viewer_kind kind = { viewer_free };

enum coven_verdict
trace_begin(struct host_shared *all, struct coven_out *out, const struct trace_filter *f, bool bytes)
{
	struct trace_viewer *t = calloc(1, sizeof *t);

	if (!t)
		return COVEN_FAIL;
	t->viewer.messages = true;
	t->viewer.kind = &kind;
	t->filter = *f;
	t->bytes = bytes;
	if (viewer_begin(&t->viewer, all, out) == 0)
		return COVEN_WAIT;
	free(t);
	return COVEN_FAIL;
}
