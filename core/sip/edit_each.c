/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit_each: every value in the order in which edit_render() writes it, with a number as
 * the only state. */
#include "sip/edit_header.h"

#include "base/text.h"

#include <string.h>

/* The cursor: which part of the message, and how many of its values were given.  Part 0
 * are the groups behind the start line, then comes each line of the message with what was
 * added to it, then the groups at the end of the head. */
#define PART_VALUES 65536 /* more than a part can have */

struct each {
	const struct edit *edit;
	size_t nth; /* values still to pass over */
	struct coven_slice name, value;
};

static bool
each_item(struct each *each, const struct edit_header *h, const struct edit_item *item)
{
	if (item->removed || each->nth-- != 0)
		return false;
	each->name =
		item->field ? sip_slice(each->edit->message,
					each->edit->message->fields[item->field - 1].name)
			    : item->name;
	each->value = edit_header_text(each->edit, item);
	return true;
}

static bool
each_group(struct each *each, bool at_end)
{
	const struct edit_header *h = NULL;

	while ((h = edit_header_group(each->edit, at_end, h)))
		for (size_t i = 0; i < h->count; i++)
			if (each_item(each, h, &h->items[i]))
				return true;
	return false;
}

/* A line that somebody touched: what was added on top goes with the first one, what was
 * added behind with the last. */
static bool
each_listed(struct each *each, const struct edit_header *h, uint16_t field)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct edit_item *item = &h->items[i];
		uint16_t line = item->field  ? item->field
				: i < h->top ? h->first
					     : h->last;

		if (line == field && each_item(each, h, item))
			return true;
	}
	return false;
}

static bool
each_written(struct each *each, size_t index)
{
	const struct sip_message *m = each->edit->message;
	const struct sip_field *field = &m->fields[index];
	struct sip_walk w;

	each->name = sip_slice(m, field->name);
	each->value = sip_slice(m, field->value);
	if (!sip_header_is_list(field->id))
		return each->nth == 0;
	if (!each->value.length || !memchr(each->value.at, ',', each->value.length))
		return each->value.length && each->nth == 0;
	sip_walk(&w, m, field->id, each->name);
	while (sip_walk_next(&w))
		if (w.field == index && each->nth-- == 0) {
			each->value = sip_slice(m, w.value);
			return true;
		}
	return false;
}

static bool
each_part(struct each *each, size_t part)
{
	const struct sip_message *m = each->edit->message;
	const struct sip_field *field;
	const struct edit_header *h;

	if (part == 0 || part > m->field_count)
		return each_group(each, part != 0);
	field = &m->fields[part - 1];
	h = edit_header_find(each->edit, field->id, sip_slice(m, field->name));
	return h ? each_listed(each, h, (uint16_t)part) : each_written(each, part - 1);
}

bool
edit_each(const struct edit *e, size_t *cursor, struct coven_slice *name,
	  struct coven_slice *value)
{
	size_t part = *cursor / PART_VALUES, nth = *cursor % PART_VALUES;

	for (; part <= e->message->field_count + 1u; part++, nth = 0) {
		struct each each = { .edit = e, .nth = nth };

		if (!each_part(&each, part))
			continue;
		*name = each.name;
		*value = each.value;
		*cursor = part * PART_VALUES + nth + 1;
		return true;
	}
	*cursor = part * PART_VALUES;
	return false;
}
