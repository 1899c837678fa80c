/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A slow and plain editor of SIP messages, to compare core/sip/edit with. A message is a list of
 * lines, each with a name and a list of values; an edit changes that list; a layer is a copy of all
 * of it. It shares nothing with core/sip: it takes messages apart itself, and knows header names
 * itself.
 */
#ifndef T_LIB_REFERENCE_H
#define T_LIB_REFERENCE_H

#include "base/arena.h"

struct line;

struct reference {
	struct arena *arena;
	struct coven_slice before_uri, uri, after_uri; /* the start line; uri: none in a response */
	struct line *lines;
	struct coven_slice body;
};

/* All memory is the arena's; `bytes` must stay. NULL: not such a message. */
struct reference *reference_parse(struct arena *arena, struct coven_slice bytes);
struct reference *reference_copy(struct arena *arena, const struct reference *from);

/* What the functions of edit.h do; headers by name only. */
int reference_uri(struct reference *r, struct coven_slice uri);
int reference_add(struct reference *r, struct coven_slice name, struct coven_slice value, bool top);
int reference_replace(struct reference *r, struct coven_slice name, size_t nth,
		      struct coven_slice value);
int reference_remove(struct reference *r, struct coven_slice name, size_t nth);
int reference_body(struct reference *r, struct coven_slice body);

struct coven_slice reference_read(const struct reference *r, struct coven_slice name, size_t nth);
size_t reference_count(const struct reference *r, struct coven_slice name);
/* The nth of all values of all headers; false: no such one. */
bool reference_each(const struct reference *r, size_t nth, struct coven_slice *name,
		    struct coven_slice *value);

/* Is this how the message leaves? NULL, or what is wrong with it. */
const char *reference_differs(const struct reference *r, struct coven_slice rendered);

#endif
