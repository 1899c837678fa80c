/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams cut into messages: what comes out does not depend on the pieces in which the
 * bytes came, and is what a slow and simple reading finds. */
#include "net/frame.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct story {
	size_t count, left;
	struct frame_result events[EVENTS];
};

static void
check(bool right)
{
	if (!right)
		abort();
}

static bool
is_taken(enum frame_kind kind)
{
	return kind == FRAME_MESSAGE || kind == FRAME_BLANK;
}

/* All that can be taken of the bytes up to `end`.  False: the stream is at its end. */
static bool
take(struct frame *f, const char *bytes, size_t *at, size_t end, struct story *story)
{
	struct frame_result r;

	do {
		/* Exactly those bytes: the sanitizer sees a look beyond. */
		char *room = malloc(end - *at ? end - *at : 1);

		memcpy(room, bytes + *at, end - *at);
		r = frame_next(f, room, end - *at, FRAME_BODY_MAX);
		free(room);
		check(r.length <= end - *at);
		check(!r.ping || r.kind == FRAME_BLANK);
		if (r.kind == FRAME_MORE)
			return true;
		check(r.length > 0);
		if (story->count == EVENTS)
			return false;
		story->events[story->count++] = r;
		*at += is_taken(r.kind) ? r.length : 0;
	} while (is_taken(r.kind));
	return false;
}

static void
feed(const char *bytes, size_t size, size_t piece, struct story *story)
{
	struct frame f = { .seen = 0 };
	size_t at = 0, end = 0;

	story->count = 0;
	do
		end = size - end > piece ? end + piece : size;
	while (take(&f, bytes, &at, end, story) && end < size);
	story->left = size - at;
}

static void
check_same(const struct story *a, const struct story *b)
{
	check(a->count == b->count && a->left == b->left);
	for (size_t i = 0; i < a->count; i++)
		check(a->events[i].kind == b->events[i].kind &&
		      a->events[i].length == b->events[i].length &&
		      a->events[i].ping == b->events[i].ping);
}

/* A message has a head that ends where the first empty line does, and a body within
 * limits. */
static void
check_messages(const char *bytes, const struct story *story)
{
	size_t at = 0;

	for (size_t i = 0; i < story->count; i++) {
		const struct frame_result *r = &story->events[i];

		if (r->kind == FRAME_MESSAGE) {
			const char *end = memmem(bytes + at, r->length, "\r\n\r\n", 4);
			size_t head = end ? (size_t)(end + 4 - (bytes + at)) : 0;

			check(end && head <= FRAME_HEAD_MAX && r->length - head <= FRAME_BODY_MAX);
			check(frame_begins(bytes[at]));
		} else if (r->kind == FRAME_BLANK) {
			check(r->length <= 2 && bytes[at + r->length - 1] == '\n');
		} else {
			check(i + 1 == story->count);
		}
		at += r->length;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story whole, pieces;
	const char *bytes = (const char *)data;

	if (size > 4096)
		size = 4096; /* byte by byte is quadratic here, for the copies */
	feed(bytes, size, SIZE_MAX, &whole);
	feed(bytes, size, 1, &pieces);
	check_same(&whole, &pieces);
	feed(bytes, size, 7, &pieces);
	check_same(&whole, &pieces);
	check_messages(bytes, &whole);
	return 0;
}
