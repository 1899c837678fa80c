/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A heap of blocks that only grows until it is reset. */
#include "copy.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct copy_block {
	struct copy_block *next;
	size_t size, used;
	alignas(max_align_t) char room[];
};

static struct copy_block *
add_block(struct copy *c, size_t size)
{
	size_t room = size > COPY_BLOCK ? size : COPY_BLOCK;
	struct copy_block *block = malloc(sizeof *block + room);

	if (!block)
		return NULL;
	*block = (struct copy_block){ .size = room };
	if (c->last)
		c->last->next = block;
	else
		c->first = block;
	c->last = block;
	return block;
}

void *
copy_room(struct copy *c, size_t size)
{
	size_t step = alignof(max_align_t);
	size_t need = (size + step - 1) / step * step;
	struct copy_block *block = c->last;
	void *room;

	if (need < size)
		return NULL;
	if (!block || block->size - block->used < need)
		block = add_block(c, need);
	if (!block)
		return NULL;
	room = block->room + block->used;
	block->used += need;
	return room;
}

struct coven_slice
copy_text(struct copy *c, struct coven_slice text)
{
	char *room = text.at ? copy_room(c, text.length) : NULL;

	if (!room)
		return (struct coven_slice){ NULL, 0 };
	memcpy(room, text.at, text.length);
	return (struct coven_slice){ room, text.length };
}

static void
drop_blocks(struct copy_block *block)
{
	while (block) {
		struct copy_block *next = block->next;

		free(block);
		block = next;
	}
}

void
copy_reset(struct copy *c)
{
	if (!c->first)
		return;
	drop_blocks(c->first->next);
	c->first->next = NULL;
	c->first->used = 0;
	c->last = c->first;
}

void
copy_free(struct copy *c)
{
	drop_blocks(c->first);
	*c = (struct copy){ NULL, NULL };
}
