/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items one behind the other: the length of the key, of the value, key, value. */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096
#define HEAD (sizeof(uint32_t) * 2)

struct bundle *
bundle_new(void)
{
	struct bundle *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	atomic_init(&b->references, 1);
	atomic_init(&b->result, BUNDLE_WAITS);
	return b;
}

struct bundle *
bundle_share(struct bundle *b)
{
	atomic_fetch_add(&b->references, 1);
	return b;
}

void
bundle_done(struct bundle *b)
{
	if (atomic_fetch_sub(&b->references, 1) > 1)
		return;
	free(b->bytes);
	free(b);
}

static int
make_room(struct bundle *b, size_t more)
{
	size_t room = b->room ? b->room : FIRST_ROOM;
	char *bytes;

	if (more > BUNDLE_MAX - b->used)
		return -1;
	if (b->room - b->used >= more)
		return 0;
	while (room - b->used < more)
		room *= 2;
	bytes = realloc(b->bytes, room);
	if (!bytes)
		return -1;
	b->bytes = bytes;
	b->room = room;
	return 0;
}

char *
bundle_add(struct bundle *b, struct coven_slice key, size_t length)
{
	uint32_t lengths[2] = { (uint32_t)key.length, (uint32_t)length };
	char *at;

	if (length > BUNDLE_MAX || make_room(b, HEAD + key.length + length) != 0)
		return NULL;
	at = b->bytes + b->used;
	memcpy(at, lengths, HEAD);
	memcpy(at + HEAD, key.at, key.length);
	b->used += HEAD + key.length + length;
	b->items++;
	return at + HEAD + key.length;
}

bool
bundle_next(const struct bundle *b, size_t *cursor, struct bundle_item *item)
{
	char *at = b->bytes + *cursor;
	uint32_t lengths[2];

	if (*cursor == b->used)
		return false;
	memcpy(lengths, at, HEAD);
	item->key = (struct coven_slice){ at + HEAD, lengths[0] };
	item->length = lengths[1];
	item->value = item->length ? at + HEAD + item->key.length : NULL;
	*cursor += HEAD + item->key.length + item->length;
	return true;
}

void
bundle_reset(struct bundle *b)
{
	b->used = b->items = 0;
	memset(b->seats, 0, sizeof b->seats);
	if (b->room > BUNDLE_KEPT) {
		free(b->bytes);
		b->bytes = NULL;
		b->room = 0;
	}
}
