/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message: the index of a message read: first lines, walks over the values of a header,
 * copies. */
#include "base/text.h"
#include "sip/lex.h"

_Static_assert(SIP_HEADERS <= 64, "sets of headers are bits of 64");

struct coven_slice
sip_first(const struct sip_message *m, enum sip_header id)
{
	if (id == SIP_OTHER || m->first[id] == 0)
		return (struct coven_slice){ NULL, 0 };
	return sip_slice(m, m->fields[m->first[id] - 1].value);
}

int
sip_copy(struct sip_message *to, const struct sip_message *from, struct arena *arena)
{
	size_t size = from->field_count * sizeof *from->fields;
	struct sip_field *fields = arena_alloc(arena, size ? size : 1);
	char *bytes = arena_alloc(arena, from->length ? from->length : 1);

	if (fields == NULL || bytes == NULL)
		return -1;
	memcpy(bytes, from->bytes, from->length);
	memcpy(fields, from->fields, size);
	*to = *from;
	to->bytes = bytes;
	to->fields = fields;
	return 0;
}

void
sip_walk(struct sip_walk *w, const struct sip_message *m, enum sip_header id,
	 struct coven_slice name)
{
	if (id == SIP_OTHER && name.length)
		id = sip_header_id(name);
	*w = (struct sip_walk){ .message = m, .name = name, .id = id };
	w->next_field = id == SIP_OTHER ? 1 : m->first[id];
}

/* Steps to the next line of that header; w->next_field is always index + 1. */
static const struct sip_field *
next_line(struct sip_walk *w)
{
	const struct sip_message *m = w->message;
	const struct sip_field *f;

	while (w->next_field != 0 && w->next_field <= m->field_count) {
		w->field = w->next_field - 1;
		f = &m->fields[w->field];
		w->next_field = w->id == SIP_OTHER ? w->next_field + 1 : f->next;
		if (w->id != SIP_OTHER ||
		    (f->id == SIP_OTHER && text_alike(sip_slice(m, f->name), w->name)))
			return f;
	}
	return NULL;
}

/* Where the next value that is not empty begins, or end. */
static const char *
next_begin(const char *p, const char *end)
{
	for (;;) {
		p = lex_blank(p, end);
		if (p == end || *p != ',')
			return p;
		p++;
	}
}

/* The value at w->from..w->at of the line at hand; w->at is behind it and its commas, 0
 * at the line's end. */
static bool
next_value(struct sip_walk *w, const struct sip_field *f)
{
	const char *bytes = w->message->bytes;
	const char *end = bytes + f->value.at + f->value.length;
	const char *begin = w->at ? bytes + w->at : next_begin(bytes + f->value.at, end);
	const char *stop, *next;
	bool broken = false;

	if (begin == end)
		return false;
	stop = lex_value(begin, end, bytes + w->message->length, &broken);
	next = next_begin(stop, end);
	w->alone = w->at == 0 && next == end;
	w->at = next == end ? 0 : (uint32_t)(next - bytes);
	w->value.at = (uint32_t)(begin - bytes);
	w->value.length = (uint32_t)(lex_trim(begin, stop) - begin);
	return true;
}

bool
sip_walk_next(struct sip_walk *w)
{
	const struct sip_field *f;

	if (w->at != 0)
		return next_value(w, &w->message->fields[w->field]);
	while ((f = next_line(w)) != NULL) {
		if (sip_header_is_list(w->id)) {
			if (next_value(w, f))
				return true;
			continue;
		}
		w->value = f->value;
		w->alone = true;
		return true;
	}
	return false;
}
