/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers on seven wheels of 64 slots: starting, stopping and firing do not depend on
 * their number. */
#include "base/wheel.h"
#include "base/loop.h"

#include <assert.h>

#define SLOT_BITS 6

void
wheel_init(struct wheel *w, int64_t now)
{
	assert(now >= 0 && now <= WHEEL_FAR);
	w->now = now;
	list_init(&w->ripe);
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		w->used[level] = 0;
		for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
			list_init(&w->slots[level][slot]);
	}
}

/* The level is that of the highest digit (base 64) in which now and due differ. */
static void
place(struct wheel *w, struct timer *t)
{
	uint64_t differ = (uint64_t)(w->now ^ t->due);
	unsigned level, slot;

	if (!differ) {
		list_append(&w->ripe, &t->link);
		return;
	}
	level = (unsigned)(63 - __builtin_clzll(differ)) / SLOT_BITS;
	assert(level < WHEEL_LEVELS);
	slot = (unsigned)(t->due >> level * SLOT_BITS) % WHEEL_SLOTS;
	list_append(&w->slots[level][slot], &t->link);
	w->used[level] |= UINT64_C(1) << slot;
}

void
wheel_add(struct wheel *w, struct timer *t, int64_t due)
{
	if (due < w->now)
		due = w->now;
	if (due > w->now + WHEEL_FAR)
		due = w->now + WHEEL_FAR;
	t->due = due;
	place(w, t);
}

/* Whoever leaves a list with its head only tells by the head's place which slot is empty
 * now. */
void
wheel_remove(struct wheel *w, struct timer *t)
{
	struct list *head = t->link.next;
	size_t slot;

	if (!head)
		return;
	list_remove(&t->link);
	if (head->next != head)
		return;
	slot = ((uintptr_t)head - (uintptr_t)w->slots) / sizeof *head;
	if (slot < (size_t)WHEEL_LEVELS * WHEEL_SLOTS)
		w->used[slot / WHEEL_SLOTS] &= ~(UINT64_C(1) << slot % WHEEL_SLOTS);
}

/* All slots in use lie ahead of `now`, and those of a lower level before those of a
 * higher one. */
static int64_t
next_slot(const struct wheel *w, unsigned *level, unsigned *slot)
{
	for (*level = 0; *level < WHEEL_LEVELS; ++*level) {
		uint64_t used = w->used[*level];
		unsigned bits = *level * SLOT_BITS;

		if (!used)
			continue;
		*slot = (unsigned)__builtin_ctzll(used);
		return (w->now >> (bits + SLOT_BITS) << (bits + SLOT_BITS)) +
		       ((int64_t)*slot << bits);
	}
	return -1;
}

int64_t
wheel_next(const struct wheel *w)
{
	unsigned level, slot;

	return list_empty(&w->ripe) ? next_slot(w, &level, &slot) : w->now;
}

/* The members are placed anew, one level or more below, or they are ripe. */
static void
open_slot(struct wheel *w, unsigned level, unsigned slot)
{
	struct list *head = &w->slots[level][slot];

	w->used[level] &= ~(UINT64_C(1) << slot);
	while (!list_empty(head)) {
		struct timer *t = CONTAINER(head->next, struct timer, link);

		list_remove(&t->link);
		place(w, t);
	}
}

void
wheel_move(struct wheel *w, int64_t now)
{
	unsigned level, slot;
	int64_t next;

	while ((next = next_slot(w, &level, &slot)) >= 0 && next <= now) {
		w->now = next;
		open_slot(w, level, slot);
	}
	if (now > w->now)
		w->now = now;
}

struct timer *
wheel_take(struct wheel *w)
{
	struct list *first = w->ripe.next;

	if (first == &w->ripe)
		return NULL;
	list_remove(first);
	return CONTAINER(first, struct timer, link);
}
