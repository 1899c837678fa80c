/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit_header: the values of one header as a layer sees them, listed when the layer first
 * touches it. For edit*.c only. */
#ifndef SIP_EDIT_HEADER_H
#define SIP_EDIT_HEADER_H

#include "sip/edit.h"

#define EDIT_HEADERS_MAX 256 /* headers that one layer may touch */

/* In the order of the list: added on top, from the message (none is ever missing, removed
 * ones are marked), added behind. */
struct edit_item {
	struct coven_slice text; /* added or changed: what it is now */
	union {
		struct sip_span was;     /* field != 0: where it stands in the message */
		struct coven_slice name; /* field == 0: how the added line is spelt    */
	};
	uint16_t field; /* index + 1 of its line in the message; 0: added */
	bool changed, removed;
};

struct edit_header {
	struct edit_header *next;
	struct coven_slice name; /* of SIP_OTHER */
	struct edit_item *items;
	uint16_t count, room; /* of items */
	uint16_t top;         /* items that were added on top */
	uint16_t live;        /* items that are not removed */
	/* index + 1 of its lines in the message, also of empty ones.  0: none, so that
	 * those added are a group, and the younger a group, the farther out it stands: */
	uint16_t first, last;
	bool at_end; /* of the head; else behind the start line */
	uint32_t rank;
	uint8_t id;
};

/* Through this layer and those below; NULL: nobody touched it. */
const struct edit_header *edit_header_find(const struct edit *e, enum sip_header id,
					   struct coven_slice name);
/* This layer's own, made when need be.  NULL: no memory, too many; or no value and not
 * `empty_too`. */
struct edit_header *edit_header_take(struct edit *e, enum sip_header id,
				     struct coven_slice name, bool empty_too);
/* The nth value that is not removed; NULL: no such one. */
struct edit_item *edit_header_item(const struct edit_header *h, size_t nth);
struct coven_slice edit_header_text(const struct edit *e, const struct edit_item *item);
/* A zeroed item for an added value, on top or behind; NULL: no memory. */
struct edit_item *edit_header_add(struct edit *e, struct edit_header *h, bool top);
void edit_header_remove(struct edit *e, struct edit_header *h, struct edit_item *item);
/* Copies of the headers of `from` into the arena of `e`.  -1: no memory. */
int edit_header_copy(struct edit *e, const struct edit *from);
/* The groups at the start or end as they stand, through all layers: the one behind
 * `after` (NULL: the first); NULL: no more. */
const struct edit_header *edit_header_group(const struct edit *e, bool at_end,
					    const struct edit_header *after);

#endif
