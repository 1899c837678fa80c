/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit_header: lists the values of a header on first touch, and keeps such lists. */
#include "sip/edit_header.h"

#include "base/text.h"
#include "sip/lex.h"

#include <assert.h>
#include <string.h>

#define ITEMS 4 /* first room: most headers have fewer values */

static bool
header_is(const struct edit_header *h, enum sip_header id, struct coven_slice name)
{
	return h->id == id && (id != SIP_OTHER || text_alike(h->name, name));
}

const struct edit_header *
edit_header_find(const struct edit *e, enum sip_header id, struct coven_slice name)
{
	for (; e; e = e->below)
		for (const struct edit_header *h = e->headers; h; h = h->next)
			if (header_is(h, id, name))
				return h;
	return NULL;
}

/* With its first room for items behind it. */
static struct edit_header *
header_new(struct arena *arena, enum sip_header id)
{
	struct edit_header *h = arena_alloc(arena, sizeof *h + ITEMS * sizeof *h->items);

	if (!h)
		return NULL;
	*h = (struct edit_header){ .id = (uint8_t)id, .room = ITEMS };
	h->items = (struct edit_item *)(h + 1);
	return h;
}

/* Room for `count` items in all. */
static int
header_reserve(struct arena *arena, struct edit_header *h, size_t count)
{
	struct edit_item *items;
	size_t room = h->room;

	if (count <= room)
		return 0;
	while (room < count)
		room *= 2;
	items = arena_alloc(arena, room * sizeof *items);
	if (!items)
		return -1;
	memcpy(items, h->items, h->count * sizeof *items);
	h->items = items;
	h->room = (uint16_t)room;
	return 0;
}

static int
header_append(struct arena *arena, struct edit_header *h, struct sip_span value,
	      uint16_t field)
{
	if (h->count == h->room && header_reserve(arena, h, h->count + 1u) < 0)
		return -1;
	h->items[h->count++] = (struct edit_item){ .was = value, .field = field };
	h->live++;
	return 0;
}

/* The values between the commas of a line; nothing between them is no value. */
static int
header_list_values(struct edit *e, struct edit_header *h, struct sip_span line,
		   uint16_t field)
{
	const char *bytes = e->message->bytes, *p = bytes + line.at,
		   *end = p + line.length, *stop;
	bool broken = false;

	for (;; p = stop) {
		struct sip_span value;

		while (p < end &&
		       (*p == ',' || *p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
			p++;
		if (p == end)
			return 0;
		stop = lex_value(p, end, end, &broken);
		value.at = (uint32_t)(p - bytes);
		value.length = (uint32_t)(lex_trim(p, stop) - p);
		if (header_append(e->arena, h, value, field) < 0)
			return -1;
	}
}

/* All lines of a header with a number.  Mostly there is one value a line, and no comma.
 */
static int
header_list_lines(struct edit *e, struct edit_header *h)
{
	const struct sip_message *m = e->message;
	bool list = sip_header_is_list(h->id);

	h->first = m->first[h->id];
	for (uint16_t field = h->first; field; field = m->fields[field - 1].next) {
		struct sip_span line = m->fields[field - 1].value;
		int failed;

		if (list &&
		    (!line.length || memchr(m->bytes + line.at, ',', line.length)))
			failed = header_list_values(e, h, line, field);
		else
			failed = header_append(e->arena, h, line, field);
		if (failed)
			return -1;
		h->last = field;
	}
	return 0;
}

static int
header_list_message(struct edit *e, struct edit_header *h)
{
	struct sip_walk w;

	if (h->id != SIP_OTHER)
		return header_list_lines(e, h);
	sip_walk(&w, e->message, SIP_OTHER, h->name);
	while (sip_walk_next(&w)) {
		if (header_append(e->arena, h, w.value, (uint16_t)(w.field + 1)) < 0)
			return -1;
		h->last = (uint16_t)(w.field + 1);
	}
	h->first = h->count ? h->items[0].field : 0;
	return 0;
}

static int
header_list(struct edit *e, struct edit_header *h)
{
	const struct edit_header *from =
		e->below ? edit_header_find(e->below, h->id, h->name) : NULL;

	if (!from)
		return header_list_message(e, h);
	if (header_reserve(e->arena, h, from->count) < 0)
		return -1;
	memcpy(h->items, from->items, from->count * sizeof *h->items);
	h->count = from->count;
	h->live = from->live;
	h->top = from->top;
	h->first = from->first;
	h->last = from->last;
	h->at_end = from->at_end;
	h->rank = from->rank;
	return 0;
}

struct edit_header *
edit_header_take(struct edit *e, enum sip_header id, struct coven_slice name,
		 bool empty_too)
{
	struct edit_header *h;

	for (h = e->headers; h; h = h->next)
		if (header_is(h, id, name))
			return h;
	if (e->header_count == EDIT_HEADERS_MAX)
		return NULL;
	h = header_new(e->arena, id);
	if (!h)
		return NULL;
	if (id == SIP_OTHER)
		h->name = arena_dup(e->arena, name);
	if ((id == SIP_OTHER && !h->name.at) || header_list(e, h) < 0 ||
	    (!h->count && !empty_too))
		return NULL;
	h->next = e->headers;
	e->headers = h;
	e->header_count++;
	return h;
}

struct edit_item *
edit_header_item(const struct edit_header *h, size_t nth)
{
	if (nth >= h->live)
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (!h->items[i].removed && nth-- == 0)
			return &h->items[i];
	return NULL;
}

struct coven_slice
edit_header_text(const struct edit *e, const struct edit_item *item)
{
	if (item->field && !item->changed)
		return sip_slice(e->message, item->was);
	return item->text;
}

struct edit_item *
edit_header_add(struct edit *e, struct edit_header *h, bool top)
{
	struct edit_item *item;

	if (header_reserve(e->arena, h, h->count + 1u) < 0)
		return NULL;
	if (!h->first && !h->count) {
		h->at_end = !top;
		h->rank = ++e->rank;
	}
	item = h->items + (top ? 0 : h->count);
	if (top)
		memmove(item + 1, item, h->count * sizeof *item);
	*item = (struct edit_item){ .field = 0 };
	h->top += top;
	h->count++;
	h->live++;
	e->lines++;
	return item;
}

/* Does anything remain of a line of the message? */
static bool
header_line_lives(const struct edit_header *h, uint16_t field)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->items[i].field == field && !h->items[i].removed)
			return true;
	return false;
}

void
edit_header_remove(struct edit *e, struct edit_header *h, struct edit_item *item)
{
	size_t behind = (size_t)(h->items + h->count - item) - 1;

	assert(!item->removed && h->live > 0);
	h->live--;
	if (item->field) {
		item->removed = true;
		if (!header_line_lives(h, item->field))
			e->lines--;
		return;
	}
	h->top -= item < h->items + h->top;
	memmove(item, item + 1, behind * sizeof *item);
	h->count--;
	e->lines--;
}

static int
header_copy_items(struct arena *arena, struct edit_header *h,
		  const struct edit_header *from)
{
	for (; h->count < from->count; h->count++) {
		struct edit_item *item = &h->items[h->count];

		*item = from->items[h->count];
		if (item->text.at)
			item->text = arena_dup(arena, item->text);
		if (!item->field)
			item->name = arena_dup(arena, item->name);
		if ((!item->text.at && (item->changed || !item->field)) ||
		    (!item->field && !item->name.at))
			return -1;
	}
	return 0;
}

static struct edit_header *
header_copy(struct arena *arena, const struct edit_header *from)
{
	struct edit_header *h = header_new(arena, from->id);
	struct edit_header empty;

	if (!h)
		return NULL;
	empty = *h;
	*h = *from;
	h->next = NULL;
	h->items = empty.items;
	h->room = empty.room;
	h->count = 0;
	if (from->id == SIP_OTHER)
		h->name = arena_dup(arena, from->name);
	if ((from->id == SIP_OTHER && !h->name.at) ||
	    header_reserve(arena, h, from->count) < 0 ||
	    header_copy_items(arena, h, from) < 0)
		return NULL;
	return h;
}

int
edit_header_copy(struct edit *e, const struct edit *from)
{
	struct edit_header **tail = &e->headers;

	for (const struct edit_header *h = from->headers; h; h = h->next) {
		*tail = header_copy(e->arena, h);
		if (!*tail)
			return -1;
		tail = &(*tail)->next;
	}
	return 0;
}

const struct edit_header *
edit_header_group(const struct edit *e, bool at_end, const struct edit_header *after)
{
	const struct edit_header *best = NULL;

	for (const struct edit *layer = e; layer; layer = layer->below)
		for (const struct edit_header *h = layer->headers; h; h = h->next) {
			if (h->first || !h->count || h->at_end != at_end)
				continue;
			if (after &&
			    (at_end ? h->rank <= after->rank : h->rank >= after->rank))
				continue;
			if (best &&
			    (at_end ? h->rank >= best->rank : h->rank <= best->rank))
				continue;
			if (layer == e || edit_header_find(e, h->id, h->name) == h)
				best = h;
		}
	return best;
}
