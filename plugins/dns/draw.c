/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draw: sorting first, so that the order in which a server lists its records changes nothing. */
#include "draw.h"

#include <stdlib.h>
#include <string.h>

/* splitmix64 (public domain, Sebastiano Vigna). */
uint64_t
draw_next(struct draw *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
draw_below(struct draw *d, uint64_t limit)
{
	return draw_next(d) % limit; /* limits are far below 2^64: the bias is not to be seen */
}

static int
compare(const void *left, const void *right)
{
	const struct wire_srv *a = left, *b = right;
	int names;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (a->weight != b->weight) /* those of weight 0 come first: RFC 2782 */
		return a->weight < b->weight ? -1 : 1;
	names = strcmp(a->target, b->target);
	return names ? names : (int)a->port - (int)b->port;
}

static void
move_to(struct wire_srv *targets, size_t from, size_t to)
{
	struct wire_srv one = targets[from];

	memmove(&targets[to + 1], &targets[to], (from - to) * sizeof *targets);
	targets[to] = one;
}

/* RFC 2782: a number from 0 to the sum of weights; the first whose running sum reaches it is next. */
static void
draw_group(struct draw *d, struct wire_srv *targets, size_t count)
{
	for (size_t at = 0; at + 1 < count; at++) {
		uint64_t sum = 0, running = 0, lot;
		size_t i = at;

		for (size_t j = at; j < count; j++)
			sum += targets[j].weight;
		if (sum == 0) { /* nothing but zeros: equal chances */
			i = at + (size_t)draw_below(d, count - at);
		} else {
			lot = draw_below(d, sum + 1);
			running = targets[i].weight;
			while (running < lot)
				running += targets[++i].weight;
		}
		move_to(targets, i, at);
	}
}

void
draw_order(struct draw *d, struct wire_srv *targets, size_t count)
{
	size_t begin = 0;

	qsort(targets, count, sizeof *targets, compare);
	for (size_t i = 1; i <= count; i++)
		if (i == count || targets[i].priority != targets[begin].priority) {
			draw_group(d, targets + begin, i - begin);
			begin = i;
		}
}

void
draw_shuffle(struct draw *d, struct coven_slice *items, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = (size_t)draw_below(d, i);
		struct coven_slice one = items[i - 1];

		items[i - 1] = items[j];
		items[j] = one;
	}
}
