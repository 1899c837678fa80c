/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An AoR and its bindings, as they stand in the book. */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

struct entry *
entry_new(struct coven_slice aor, uint64_t hash)
{
	struct entry *e = calloc(1, sizeof *e + aor.length);

	if (!e)
		return NULL;
	e->hash = hash;
	e->aor_length = aor.length;
	memcpy(e->aor, aor.at, aor.length);
	return e;
}

static void
discard(struct binding *b)
{
	due_remove(&b->due);
	free(b);
}

void
entry_free(struct entry *e)
{
	for (size_t i = 0; i < e->count; i++)
		discard(e->bindings[i]);
	free(e->bindings);
	free(e);
}

struct coven_slice
entry_aor(const struct entry *e)
{
	return (struct coven_slice){ e->aor, e->aor_length };
}

size_t
entry_sweep(struct entry *e, int64_t now_ms)
{
	size_t before = e->count, left = 0;

	for (size_t i = 0; i < before; i++) {
		if (e->bindings[i]->until_ms > now_ms)
			e->bindings[left++] = e->bindings[i];
		else
			discard(e->bindings[i]);
	}
	e->count = left;
	return before - left;
}

int
entry_show(const struct entry *e, struct binding_clock clock, struct copy *copy,
	   struct coven_bindings *shown)
{
	struct coven_binding *list = copy_room(copy, e->count * sizeof *list + 1);
	struct coven_slice aor = copy_text(copy, entry_aor(e));
	size_t count = 0;

	if (!list || !aor.at)
		return -1;
	for (size_t i = 0; i < e->count; i++) {
		if (e->bindings[i]->until_ms <= clock.now_ms)
			continue;
		if (binding_show(e->bindings[i], clock, copy, &list[count]) != 0)
			return -1;
		count++;
	}
	*shown = (struct coven_bindings){ .size = sizeof *shown,
					  .stride = sizeof *list,
					  .version = e->version,
					  .aor = aor,
					  .first = list,
					  .count = count };
	return 0;
}
