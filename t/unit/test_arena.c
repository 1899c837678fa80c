/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arenas: alignment, large pieces, reset, printing. */
#include "../tap.h"
#include "base/arena.h"
#include "base/text.h"

#include <stdlib.h>

int
main(void)
{
	struct arena_pool *pool = arena_pool_new(2);
	struct arena *a = arena_new(pool), *b;
	struct coven_slice s;
	int unaligned = 0, spoilt = 0;
	char *pieces[500], *big;
	char text[2000];

	is_int(arena_used(a), ARENA_CHUNK, "a new arena has one chunk");
	for (size_t i = 0; i < 500; i++) {
		pieces[i] = arena_alloc(a, i);
		unaligned += (uintptr_t)pieces[i] % 16 != 0;
		memset(pieces[i], (int)i & 127, i);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t k = 0; k < i; k++)
			spoilt += pieces[i][k] != (char)(i & 127);
	is_int(unaligned, 0, "pieces are aligned");
	is_int(spoilt, 0, "and do not overlap");
	big = arena_zero(a, 1000000);
	ok(big && big[0] == 0 && big[999999] == 0, "a large piece, zeroed");
	ok(arena_used(a) > 1000000 + 125000, "is counted");
	ok(arena_alloc(a, SIZE_MAX) == NULL && arena_alloc(a, SIZE_MAX - 20) == NULL,
	   "no piece is as large as the address space");
	arena_reset(a);
	is_int(arena_used(a), ARENA_CHUNK, "after a reset one chunk is left");
	s = arena_dup(a, TEXT("a\0b"));
	is_bytes(s.at, s.length + 1, "a\0b", 4, "dup, with a NUL behind");
	s = arena_dup(a, text_of(NULL));
	ok(s.at && s.length == 0 && *s.at == '\0', "dup of none is empty");
	s = arena_print(a, "%d-%s", 5, "x");
	is_text(s.at, "5-x", "print");
	memset(text, 'y', sizeof text);
	text[sizeof text - 1] = '\0';
	s = arena_print(a, "%s", text);
	ok(s.length == 1999 && !strcmp(s.at, text), "print of a long text");
	b = arena_new(pool);
	ok(arena_alloc(b, ARENA_CHUNK / 4) && arena_alloc(b, ARENA_CHUNK),
	   "a second arena");
	arena_free(b);
	arena_free(NULL);
	arena_free(a);
	arena_pool_free(pool);
	return done();
}
