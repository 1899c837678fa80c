/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: an array that grows, with a list of free places; a place's generation moves on when it is freed. */
#include "host/names.h"
#include <stdlib.h>

struct slot {
	void *thing;
	uint32_t generation; /* never 0, so that no name is 0 */
	uint32_t next_free;  /* index + 1 */
};

struct names {
	struct slot *at;
	uint32_t size, used, free; /* free: index + 1 of the first free place */
	size_t count;
	unsigned worker;
};

/* 24 bits of index, 8 of worker, 32 of generation. */
static uint64_t
name_of(const struct names *s, uint32_t index)
{
	return (uint64_t)s->at[index].generation << 32 | (uint64_t)(s->worker & 0xff) << 24 | index;
}

struct names *
names_new(unsigned worker)
{
	struct names *s = calloc(1, sizeof *s);

	if (s)
		s->worker = worker;
	return s;
}

void
names_free(struct names *s)
{
	if (!s)
		return;
	free(s->at);
	free(s);
}

static int
grow(struct names *s)
{
	uint32_t size = s->size ? s->size * 2 : 64;
	struct slot *at = size <= NAMES_MAX ? realloc(s->at, size * sizeof *at) : NULL;

	if (!at)
		return -1;
	s->at = at;
	s->size = size;
	return 0;
}

uint64_t
names_add(struct names *s, void *thing)
{
	uint32_t index;

	if (s->free) {
		index = s->free - 1;
		s->free = s->at[index].next_free;
	} else {
		if (s->used == s->size && grow(s) != 0)
			return 0;
		index = s->used++;
		s->at[index].generation = 1;
	}
	s->at[index].thing = thing;
	s->count++;
	return name_of(s, index);
}

static struct slot *
find(const struct names *s, uint64_t name)
{
	uint32_t index = (uint32_t)name & 0xffffff;

	if (index >= s->used || !s->at[index].thing || name_of(s, index) != name)
		return NULL;
	return &s->at[index];
}

void *
names_get(const struct names *s, uint64_t name)
{
	struct slot *slot = find(s, name);

	return slot ? slot->thing : NULL;
}

void
names_remove(struct names *s, uint64_t name)
{
	struct slot *slot = find(s, name);

	if (!slot)
		return;
	slot->thing = NULL;
	if (++slot->generation == 0)
		slot->generation = 1;
	slot->next_free = s->free;
	s->free = (uint32_t)(slot - s->at) + 1;
	s->count--;
}

size_t
names_count(const struct names *s)
{
	return s->count;
}

unsigned
names_worker(uint64_t name)
{
	return (unsigned)(name >> 24) & 0xff;
}
