/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbered places of connections whose state any thread may read without a lock. */
#include "net/slots.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Odd generations are alive.  A reader takes what it read for true only if the
 * generation was the same before and after; the writer changes the words only while it
 * is even. */
struct slot {
	_Atomic uint64_t ip[2], rest; /* rest: port 16, family 16, scope 32 */
	_Atomic uint32_t generation;
	uint32_t spare; /* the owner's: the next free one */
	void *owner;
};

int
slots_init(struct slots *s, uint32_t size)
{
	*s = (struct slots){ .size = size };
	s->at = calloc(size, sizeof *s->at);
	return s->at ? 0 : -1;
}

void
slots_done(struct slots *s)
{
	free(s->at);
	s->at = NULL;
}

static void
write_far_end(struct slot *slot, const struct coven_address *a)
{
	uint64_t rest = a->port | (uint64_t)a->family << 16 | (uint64_t)a->scope << 32;
	uint64_t ip[2];

	memcpy(ip, a->ip, sizeof ip);
	atomic_store_explicit(&slot->ip[0], ip[0], memory_order_release);
	atomic_store_explicit(&slot->ip[1], ip[1], memory_order_release);
	atomic_store_explicit(&slot->rest, rest, memory_order_release);
}

int
slots_take(struct slots *s, const struct coven_address *far_end, void *owner,
           uint32_t *slot, uint32_t *generation)
{
	struct slot *taken;

	if (!s->spare && s->fresh == s->size)
		return -1;
	*slot = s->spare ? s->spare - 1 : s->fresh++;
	taken = &s->at[*slot];
	s->spare = taken->spare;
	taken->spare = 0;
	taken->owner = owner;
	write_far_end(taken, far_end);
	*generation = atomic_load_explicit(&taken->generation, memory_order_relaxed) + 1;
	assert(*generation & 1);
	atomic_store_explicit(&taken->generation, *generation, memory_order_release);
	*generation += s->base;
	return 0;
}

int
slots_put(struct slots *s, uint32_t slot, uint32_t generation, const struct coven_address *far_end, void *owner)
{
	struct slot *taken = &s->at[slot];

	generation -= s->base;
	if (slot >= s->size || !(generation & 1) || taken->owner)
		return -1;
	if (s->fresh <= slot)
		s->fresh = slot + 1;
	taken->owner = owner;
	write_far_end(taken, far_end);
	atomic_store_explicit(&taken->generation, generation, memory_order_release);
	return 0;
}

void
slots_settle(struct slots *s)
{
	s->spare = 0;
	for (uint32_t slot = s->fresh; slot-- > 0;) {
		if (s->at[slot].owner)
			continue;
		s->at[slot].spare = s->spare;
		s->spare = slot + 1;
	}
}

void
slots_free(struct slots *s, uint32_t slot)
{
	struct slot *freed = &s->at[slot];
	uint32_t generation;

	generation = atomic_load_explicit(&freed->generation, memory_order_relaxed);
	assert(slot < s->size && (generation & 1));
	atomic_store_explicit(&freed->generation, generation + 1, memory_order_release);
	freed->owner = NULL;
	freed->spare = s->spare;
	s->spare = slot + 1;
}

bool
slots_alive(const struct slots *s, uint32_t slot, uint32_t generation)
{
	generation -= s->base;
	if (slot >= s->size || !(generation & 1))
		return false;
	return atomic_load_explicit(&s->at[slot].generation, memory_order_acquire) ==
	       generation;
}

void *
slots_owner(const struct slots *s, uint32_t slot, uint32_t generation)
{
	return slots_alive(s, slot, generation) ? s->at[slot].owner : NULL;
}

bool
slots_far_end(const struct slots *s, uint32_t slot, uint32_t generation,
              struct coven_address *far_end)
{
	struct coven_address a = { .family = 0 };
	uint64_t ip[2], rest;

	if (!slots_alive(s, slot, generation))
		return false;
	ip[0] = atomic_load_explicit(&s->at[slot].ip[0], memory_order_acquire);
	ip[1] = atomic_load_explicit(&s->at[slot].ip[1], memory_order_acquire);
	rest = atomic_load_explicit(&s->at[slot].rest, memory_order_acquire);
	if (!slots_alive(s, slot, generation))
		return false;
	memcpy(a.ip, ip, sizeof a.ip);
	a.port = (uint16_t)rest;
	a.family = (uint16_t)(rest >> 16);
	a.scope = (uint32_t)(rest >> 32);
	*far_end = a;
	return true;
}
