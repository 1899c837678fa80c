/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit: layers of changes over one immutable message: what is asked is checked, copied
 * and listed. */
#include "sip/edit.h"

#include "base/text.h"
#include "sip/edit_header.h"
#include "sip/lex.h"

void
edit_init(struct edit *e, struct arena *arena, const struct sip_message *m,
	  const struct edit *below)
{
	*e = (struct edit){ .message = m, .below = below, .arena = arena };
	e->lines = below ? below->lines : m->field_count;
	e->rank = below ? below->rank : 0;
}

int
edit_copy(struct edit *to, struct arena *arena, const struct edit *from)
{
	*to = *from;
	to->arena = arena;
	to->headers = NULL;
	if (from->uri.at)
		to->uri = arena_dup(arena, from->uri);
	if (from->has_body)
		to->body = arena_dup(arena, from->body);
	if ((from->uri.at && !to->uri.at) || (from->has_body && !to->body.at))
		return -1;
	return edit_header_copy(to, from);
}

/* -- checks */

#define CONTROL 1 /* a control byte but TAB */
#define SPECIAL 2 /* one that has a meaning among the values of a list */

static unsigned
look_at(char byte)
{
	unsigned control = (uint8_t)byte < 0x20 && byte != '\t';
	unsigned special = byte == '"' || byte == ',' || byte == '<' || byte == '>';

	return control * CONTROL + special * SPECIAL;
}

/* What kinds of bytes are in there: sixteen at a time, the last ones once more with those
 * before. */
static unsigned
look(struct coven_slice s)
{
	lex_block control = { 0 }, special = { 0 };
	const char *p = s.at, *last;
	unsigned found = 0;

	if (s.length < sizeof control) {
		for (size_t i = 0; i < s.length; i++)
			found |= look_at(s.at[i]);
		return found;
	}
	last = p + s.length - sizeof control;
	for (bool more = true; more; p += sizeof control) {
		lex_block block;

		more = p < last;
		block = lex_load(more ? p : last);
		control |= (lex_block)(block < ' ') & (lex_block)(block != '\t');
		special |= (lex_block)(block == '"') | (lex_block)(block == ',') |
			   (lex_block)((block | 2) == '>');
	}
	return (lex_first(control) < 16) * CONTROL + (lex_first(special) < 16) * SPECIAL;
}

static bool
is_token(struct coven_slice s)
{
	const char *end = s.at + s.length;

	return s.length > 0 && s.length <= SIP_VALUE_MAX && lex_token(s.at, end) == end;
}

/* May it stand between the commas of a list?  What is left open would swallow the next
 * one. */
static bool
is_values(struct coven_slice s)
{
	const char *p = s.at, *end = s.at + s.length;
	bool broken = false;

	for (;; p++) {
		p = lex_blank(p, end);
		if (p == end || *p == ',')
			return false;
		p = lex_value(p, end, end, &broken);
		if (broken || p == end)
			return !broken;
	}
}

/* What may be a value of that header. */
static bool
is_value(enum sip_header id, struct coven_slice s)
{
	unsigned found = s.length <= SIP_VALUE_MAX ? look(s) : CONTROL;

	if (found & CONTROL)
		return false;
	return !(found & SPECIAL) || !sip_header_is_list(id) || is_values(s);
}

/* The number decides; a text of a known header becomes its number. */
static enum sip_header
known(enum sip_header id, struct coven_slice name)
{
	return id == SIP_OTHER ? sip_header_id(name) : id;
}

/* -- edits */

int
edit_uri(struct edit *e, struct coven_slice uri)
{
	struct coven_slice own;
	const char *end;

	if (e->message->status || !uri.length || uri.length > SIP_VALUE_MAX)
		return -1;
	end = uri.at + uri.length;
	if (lex_gap(uri.at, end, end) < end)
		return -1;
	own = arena_dup(e->arena, uri);
	if (!own.at)
		return -1;
	e->uri = own;
	e->given += own.length;
	return 0;
}

/* A line more, and the Content-Length that edit_render() may have to add. */
static bool
lines_full(const struct edit *e, enum sip_header id)
{
	if (e->lines + 1 < SIP_FIELDS_MAX)
		return false;
	return e->lines >= SIP_FIELDS_MAX ||
	       (id != SIP_CONTENT_LENGTH && !edit_count(e, SIP_CONTENT_LENGTH, TEXT("")));
}

int
edit_add(struct edit *e, enum sip_header id, struct coven_slice name,
	 struct coven_slice value, bool top)
{
	struct edit_header *h;
	struct edit_item *item;
	struct coven_slice text;

	id = known(id, name);
	if (name.length && (!is_token(name) || sip_header_id(name) != id))
		return -1;
	if ((!name.length && id == SIP_OTHER) || !is_value(id, value) ||
	    lines_full(e, id))
		return -1;
	h = edit_header_take(e, id, name, true);
	if (!h || h->live >= SIP_VALUES_MAX)
		return -1;
	name = name.length ? arena_dup(e->arena, name) : text_of(sip_header_name(id));
	text = arena_dup(e->arena, text_trim(value));
	if (!name.at || !text.at)
		return -1;
	item = edit_header_add(e, h, top);
	if (!item)
		return -1;
	item->name = name;
	item->text = text;
	e->given += name.length + text.length + sizeof ": \r\n";
	return 0;
}

int
edit_replace(struct edit *e, enum sip_header id, struct coven_slice name, size_t nth,
	     struct coven_slice value)
{
	struct edit_header *h;
	struct edit_item *item;
	struct coven_slice text;

	id = known(id, name);
	if (!is_value(id, value))
		return -1;
	value = text_trim(value);
	if (!value.length && sip_header_is_list(id))
		return -1;
	h = edit_header_take(e, id, name, false);
	item = h ? edit_header_item(h, nth) : NULL;
	if (!item)
		return -1;
	text = arena_dup(e->arena, value);
	if (!text.at)
		return -1;
	item->text = text;
	item->changed = true;
	e->given += text.length;
	return 0;
}

int
edit_remove(struct edit *e, enum sip_header id, struct coven_slice name, size_t nth)
{
	struct edit_header *h = edit_header_take(e, known(id, name), name, false);
	struct edit_item *item = h ? edit_header_item(h, nth) : NULL;

	if (!item)
		return -1;
	edit_header_remove(e, h, item);
	return 0;
}

int
edit_body(struct edit *e, struct coven_slice body)
{
	char room[24];
	struct text_builder b;
	struct coven_slice none = TEXT(""), own;
	int failed;

	if (body.length > SIP_BODY_MAX)
		return -1;
	own = arena_dup(e->arena, body);
	if (!own.at)
		return -1;
	text_begin(&b, room, sizeof room);
	text_put_number(&b, body.length);
	if (edit_count(e, SIP_CONTENT_LENGTH, none))
		failed = edit_replace(e, SIP_CONTENT_LENGTH, none, 0, text_done(&b));
	else
		failed = edit_add(e, SIP_CONTENT_LENGTH, none, text_done(&b), false);
	if (failed)
		return -1;
	e->body = own;
	e->given += own.length;
	e->has_body = true;
	return 0;
}

/* -- reading */

struct coven_slice
edit_read_uri(const struct edit *e)
{
	for (const struct edit *layer = e; layer; layer = layer->below)
		if (layer->uri.at)
			return layer->uri;
	return sip_slice(e->message, e->message->uri);
}

struct coven_slice
edit_read_body(const struct edit *e)
{
	for (const struct edit *layer = e; layer; layer = layer->below)
		if (layer->has_body)
			return layer->body;
	return sip_slice(e->message, e->message->body);
}

struct coven_slice
edit_read(const struct edit *e, enum sip_header id, struct coven_slice name, size_t nth)
{
	const struct edit_header *h;
	struct coven_slice none = { NULL, 0 };
	struct sip_walk w;

	id = known(id, name);
	h = edit_header_find(e, id, name);
	if (h) {
		const struct edit_item *item = edit_header_item(h, nth);

		return item ? edit_header_text(e, item) : none;
	}
	sip_walk(&w, e->message, id, name);
	while (sip_walk_next(&w))
		if (nth-- == 0)
			return sip_slice(e->message, w.value);
	return none;
}

size_t
edit_count(const struct edit *e, enum sip_header id, struct coven_slice name)
{
	const struct edit_header *h;
	struct sip_walk w;
	size_t count = 0;

	id = known(id, name);
	h = edit_header_find(e, id, name);
	if (h)
		return h->live;
	sip_walk(&w, e->message, id, name);
	while (sip_walk_next(&w))
		count++;
	return count;
}
