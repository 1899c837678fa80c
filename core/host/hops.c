/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hops: one by one. */
#include "host/hops.h"
#include <string.h>

static int
copy_text(struct coven_slice *text, struct arena *arena)
{
	if (!text->length)
		return 0;
	*text = arena_dup(arena, *text);
	return text->at ? 0 : -1;
}

static int
copy_records(struct coven_hop *hop, struct arena *arena)
{
	struct coven_tlsa *records;

	if (!hop->tlsa_count)
		return 0;
	records = arena_alloc(arena, hop->tlsa_count * sizeof *records);
	if (!records)
		return -1;
	memcpy(records, hop->tlsa, hop->tlsa_count * sizeof *records);
	hop->tlsa = records;
	for (size_t i = 0; i < hop->tlsa_count; i++)
		if (copy_text(&records[i].data, arena) != 0)
			return -1;
	return 0;
}

int
hops_copy(struct coven_hops *to, const struct coven_hops *from, struct arena *arena)
{
	struct coven_hop *hops = arena_zero(arena, (from->count + 1) * sizeof *hops);

	if (!hops)
		return -1;
	*to = *from;
	to->first = hops;
	to->stride = sizeof *hops;
	for (size_t i = 0; i < from->count; i++) {
		memcpy(&hops[i], coven_hop_at(from, i), from->stride < sizeof *hops ? from->stride : sizeof *hops);
		if (copy_text(&hops[i].transport, arena) || copy_text(&hops[i].name, arena) ||
		    copy_records(&hops[i], arena))
			return -1;
	}
	return copy_text(&to->why, arena);
}
