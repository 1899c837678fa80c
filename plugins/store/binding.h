/* SPDX-License-Identifier: GPL-3.0-or-later */
/* binding: one device of one AoR.  Never changed once it stands in the book: a refresh
 * replaces it. */
#ifndef STORE_BINDING_H
#define STORE_BINDING_H

#include "clock.h"
#include "copy.h"
#include "due.h"

#include <coven/store.h>

enum binding_text {
	BINDING_CONTACT,
	BINDING_PATH,
	BINDING_INSTANCE,
	BINDING_CALL_ID,
	BINDING_AGENT,
	BINDING_WORDS,
	BINDING_TEXTS
};

struct entry;
struct binding {
	struct due_link due; /* first: a due_link is a binding */
	struct entry *of;    /* NULL: in no entry yet */
	struct coven_flow flow;
	int64_t until_ms, updated_ms;
	uint32_t cseq, q, reg_id;
	bool kept;
	uint16_t length[BINDING_TEXTS];
	char text[]; /* one after the other, in the order of the enum */
};

/* A copy of what came; NULL: no memory, or a text longer than 65535 bytes. */
struct binding *binding_new(const struct coven_binding *from, struct binding_clock clock);
struct coven_slice binding_read(const struct binding *b, enum binding_text which);
/* Is it the same device?  By instance and reg_id where both have them (RFC 5626 6), else
 * by the contact (RFC 3261 19.1.4). */
bool binding_same(const struct binding *b, const struct coven_binding *other);
/* RFC 3261 10.3: within one Call-ID only a higher CSeq may change anything. */
bool binding_stale(const struct binding *b, const struct coven_binding *change);
/* As an answer shows it, texts where they are. */
struct coven_binding binding_view(const struct binding *b, struct binding_clock clock);
/* The same, texts copied.  -1: no memory. */
int binding_show(const struct binding *b, struct binding_clock clock, struct copy *copy,
		 struct coven_binding *shown);

#endif
