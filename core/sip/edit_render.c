/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit_render: writes the message as it leaves: runs of untouched bytes, and edits
 * spliced in between. */
#include "sip/edit_header.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

#define LENGTH_LINE 48 /* room for a Content-Length line */

struct render {
	const struct edit *edit;
	const struct sip_message *message;
	const struct edit_header *touched[SIP_HEADERS]; /* as the top layer sees them */
	bool other;         /* some header without a number was touched */
	uint16_t groups[2]; /* how many there may be, behind the start line and at the end
			     */
	bool uri, body;     /* were edited */
	uint32_t at;        /* bytes of the message before this are written or cut */
	char *out;
};

static void
render_bytes(struct render *r, const char *bytes, size_t length)
{
	if (!length)
		return;
	memcpy(r->out, bytes, length);
	r->out += length;
}

static void
render_text(struct render *r, struct coven_slice text)
{
	render_bytes(r, text.at, text.length);
}

/* The message up to there, as far as it was not written or cut. */
static void
render_until(struct render *r, uint32_t until)
{
	assert(until >= r->at);
	render_bytes(r, r->message->bytes + r->at, until - r->at);
	r->at = until;
}

static void
render_added(struct render *r, const struct edit_item *item, const struct edit_item *to)
{
	for (; item < to; item++) {
		assert(!item->field && !item->removed);
		render_text(r, item->name);
		render_bytes(r, ": ", 2);
		render_text(r, item->text);
		render_bytes(r, "\r\n", 2);
	}
}

static void
render_groups(struct render *r, bool at_end)
{
	const struct edit_header *h = NULL;

	for (unsigned left = r->groups[at_end]; left; left--) {
		h = edit_header_group(r->edit, at_end, h);
		if (!h)
			return;
		render_added(r, h->items, h->items + h->count);
	}
}

/* The values of one line of the message, items[from..to).  A removed value takes the
 * comma before it along when something before it stays, else the one behind. */
static void
render_values(struct render *r, const struct edit_item *from, const struct edit_item *to)
{
	bool kept = false;

	for (const struct edit_item *item = from; item < to; item++) {
		uint32_t end = item->was.at + item->was.length;

		if (item->removed && kept) {
			render_until(r, item[-1].was.at + item[-1].was.length);
			r->at = end;
		} else if (item->removed) {
			render_until(r, item->was.at);
			r->at = item[1].was.at;
		} else if (item->changed) {
			render_until(r, item->was.at);
			render_text(r, item->text);
			r->at = end;
		}
		kept = kept || !item->removed;
	}
}

/* A line of the message, with what was added before the first and behind the last one of
 * its header. */
static void
render_line(struct render *r, const struct edit_header *h, size_t index)
{
	const struct sip_field *field = &r->message->fields[index];
	const struct edit_item *end = h->items + h->count, *item = h->items + h->top,
			       *from;
	bool kept = false;

	if (h->first == index + 1 && h->top) {
		render_until(r, field->line);
		render_added(r, h->items, item);
	}
	while (item < end && item->field && item->field < index + 1)
		item++;
	for (from = item; item < end && item->field == index + 1; item++)
		kept = kept || !item->removed;
	if (kept) {
		render_values(r, from, item);
	} else if (item > from) {
		render_until(r, field->line);
		r->at = field->end;
	}
	if (h->last == index + 1 && item < end) {
		render_until(r, field->end);
		render_added(r, item, end);
	}
}

static void
render_lines(struct render *r)
{
	const struct sip_message *m = r->message;

	for (size_t i = 0; i < m->field_count; i++) {
		const struct edit_header *h = r->touched[m->fields[i].id];

		if (m->fields[i].id == SIP_OTHER && r->other)
			h = edit_header_find(r->edit, SIP_OTHER,
					     sip_slice(m, m->fields[i].name));
		if (h)
			render_line(r, h, i);
	}
}

/* The end of the head, and the body. */
static void
render_rest(struct render *r)
{
	const struct edit_header *length = r->touched[SIP_CONTENT_LENGTH];
	struct coven_slice body = edit_read_body(r->edit);
	struct text_builder b;

	render_until(r, r->message->head - 2);
	render_groups(r, true);
	if (length ? !length->live : !sip_has(r->message, SIP_CONTENT_LENGTH)) {
		text_begin(&b, r->out, LENGTH_LINE);
		text_put(&b, TEXT("Content-Length: "));
		text_put_number(&b, body.length);
		text_put(&b, TEXT("\r\n"));
		r->out += b.length;
	}
	if (r->body) {
		render_bytes(r, "\r\n", 2);
		render_text(r, body);
	} else {
		render_until(r, r->message->length);
	}
}

/* Finds what was touched, and gives the most bytes that can come of it. */
static size_t
render_prepare(struct render *r)
{
	size_t most = r->message->length + LENGTH_LINE;

	for (const struct edit *layer = r->edit; layer; layer = layer->below) {
		most += layer->given;
		r->uri = r->uri || layer->uri.at;
		r->body = r->body || layer->has_body;
		for (const struct edit_header *h = layer->headers; h; h = h->next) {
			if (h->id == SIP_OTHER)
				r->other = true;
			else if (!r->touched[h->id])
				r->touched[h->id] = h;
			r->groups[h->at_end] += !h->first && h->count;
		}
	}
	return most;
}

struct coven_slice
edit_render(const struct edit *e, struct arena *into)
{
	struct render r = { .edit = e, .message = e->message };
	const struct sip_message *m = e->message;
	char *room = arena_alloc(into, render_prepare(&r));

	if (!room)
		return (struct coven_slice){ NULL, 0 };
	r.out = room;
	if (r.uri) {
		render_until(&r, m->uri.at);
		render_text(&r, edit_read_uri(e));
		r.at = m->uri.at + m->uri.length;
	}
	if (r.groups[false]) {
		render_until(&r, m->first_line);
		render_groups(&r, false);
	}
	render_lines(&r);
	render_rest(&r);
	return (struct coven_slice){ room, (size_t)(r.out - room) };
}
