/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit against the reference editor: two bytes of length, a script of edits (t/lib/edit_play.h), a
 * message. */
#include "../lib/edit_play.h"

#include "sip/scan.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault;
	struct arena_pool *pool;
	const char *wrong;
	size_t length;

	if (size < 2)
		return 0;
	length = data[0] | (size_t)data[1] << 8;
	if (length > size - 2)
		length = size - 2;
	if (sip_scan(&m, (const char *)data + 2 + length, size - 2 - length, false, &scratch,
		     &fault) < 0)
		return 0;
	pool = arena_pool_new(16);
	if (!pool)
		return 0;
	wrong = edit_play(pool, &m, (struct coven_slice){ (const char *)data + 2, length });
	if (wrong) {
		fprintf(stderr, "edit and reference differ: %s\n", wrong);
		abort();
	}
	arena_pool_free(pool);
	return 0;
}
