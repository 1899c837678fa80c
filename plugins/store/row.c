/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record of a named table. */
#include "row.h"

#include <stdlib.h>
#include <string.h>

struct row *
row_new(struct coven_slice key, unsigned levels)
{
	size_t links = levels * sizeof(struct row *);
	struct row *r = calloc(1, sizeof *r + links + key.length);

	if (!r)
		return NULL;
	r->levels = (uint8_t)levels;
	r->key_length = (uint16_t)key.length;
	if (key.length)
		memcpy((char *)r->next + links, key.at, key.length);
	return r;
}

void
row_free(struct row *r)
{
	due_remove(&r->due);
	free(r->value);
	free(r);
}

struct coven_slice
row_key(const struct row *r)
{
	return (struct coven_slice){ (const char *)(r->next + r->levels), r->key_length };
}

int
row_order(const struct row *r, struct coven_slice key)
{
	struct coven_slice own = row_key(r);
	size_t both = own.length < key.length ? own.length : key.length;
	int by_text = both ? memcmp(own.at, key.at, both) : 0;

	return by_text ? by_text : (own.length > key.length) - (own.length < key.length);
}

bool
row_ended(const struct row *r, struct binding_clock clock)
{
	return r->until_ms <= clock.now_ms;
}

size_t
row_size(const struct row *r)
{
	return sizeof *r + r->levels * sizeof(struct row *) + r->key_length +
	       r->value_length;
}

int
row_show(const struct row *r, struct binding_clock clock, struct copy *copy,
	 struct coven_record *shown)
{
	struct coven_slice value = { r->value, r->value_length };

	*shown = (struct coven_record){ .size = sizeof *shown,
					.key = copy_text(copy, row_key(r)),
					.value = copy_text(copy, value),
					.version = r->version };
	if (r->until_ms != ROW_NEVER)
		shown->expires_ms = clock.wall_ms + (r->until_ms - clock.now_ms);
	return shown->key.at && (shown->value.at || !r->value) ? 0 : -1;
}
