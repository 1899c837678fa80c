/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit: what is changed in a message, kept apart from its immutable bytes in layers (request, branch;
 * response), and spliced in when it leaves.  An edit names a header value or an insertion point, never an
 * offset; a later edit of the same value replaces the earlier one; a reader sees its own layer over those
 * below.  What nobody edited leaves byte for byte. */
#ifndef SIP_EDIT_H
#define SIP_EDIT_H

#include "sip/message.h"

struct edit_header; /* the values of one header as a layer sees them, once it was touched */

struct edit {
	const struct sip_message *message;
	const struct edit *below; /* NULL: the message itself.  May not change once something lies above it */
	struct arena *arena;      /* edits and copies of what was given live here */
	struct edit_header *headers;
	struct coven_slice uri, body; /* none: as below */
	bool has_body;
	uint16_t lines;        /* header lines that would leave now */
	uint16_t header_count; /* of this layer's `headers` */
	uint32_t rank;         /* of the newest group of lines: see edit_header.h */
	size_t given;          /* bytes that its texts may add, also those dropped again */
};

void edit_init(struct edit *e, struct arena *arena, const struct sip_message *m, const struct edit *below);
/* An own copy of another layer's edits over the same message (for a branch made while the request layer may
 * still change): `to` has the same layers below, and everything else in its own arena.  It names values by
 * offset: to->message may be pointed at a sip_copy() of the message.  -1: no memory, `to` is of no use. */
int edit_copy(struct edit *to, struct arena *arena, const struct edit *from);

/* Edits.  Values count from 0 as this layer sees them now.  A header known by number is the same one by
 * its text (SIP_OTHER, "v"); `name` is looked at for SIP_OTHER, and otherwise gives the spelling of added
 * lines (empty: the long form).  What is given is copied, without blanks around it.  Refused with -1: no such
 * value, no memory, bytes that would break the message (control bytes but TAB; an empty or ill-spelt name, or one of
 * another header; a quote or bracket left open, or nothing, between the commas of a list),
 * SIP_FIELDS_MAX, SIP_VALUES_MAX or SIP_VALUE_MAX exceeded.
 * An added value gets a line of its own: on top before the first line that the header has in the message,
 * else behind the last one, where these lines stand even when they are cut.  Without any, the first value
 * added decides: behind the start line (what came last stands first), or at the end of the head. */
int edit_uri(struct edit *e, struct coven_slice uri);
int edit_add(struct edit *e, enum sip_header id, struct coven_slice name, struct coven_slice value, bool top);
int edit_replace(struct edit *e, enum sip_header id, struct coven_slice name, size_t nth, struct coven_slice value);
int edit_remove(struct edit *e, enum sip_header id, struct coven_slice name, size_t nth);
/* Also sets Content-Length; the caller sets Content-Type. */
int edit_body(struct edit *e, struct coven_slice body);

/* Reading through this layer. */
struct coven_slice edit_read_uri(const struct edit *e);
struct coven_slice edit_read(const struct edit *e, enum sip_header id, struct coven_slice name, size_t nth);
size_t edit_count(const struct edit *e, enum sip_header id, struct coven_slice name);
struct coven_slice edit_read_body(const struct edit *e);
/* Every value of every header in order, *cursor begins with 0; false at the end. */
bool edit_each(const struct edit *e, size_t *cursor, struct coven_slice *name, struct coven_slice *value);

/* The message as it leaves, in the arena given: the start line with the URI, inserted top lines, the rest.
 * Content-Length is added when it is missing.  None: no memory. */
struct coven_slice edit_render(const struct edit *e, struct arena *into);

#endif
