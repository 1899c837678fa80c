/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, base64url and slices: read, written and read again. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
check_number(struct coven_slice s)
{
	struct text_builder b;
	char room[24];
	uint64_t n, again;

	if (text_number(s, UINT64_MAX, &n))
		return;
	text_begin(&b, room, sizeof room);
	text_put_number(&b, n);
	check(text_number(text_done(&b), n, &again) == 0 && again == n);
	check(n == 0 || text_number(s, n - 1, &again) == -1);
}

static void
check_base64url(struct coven_slice s)
{
	char *room = malloc(ROOM), *text = malloc(ROOM);
	size_t length = text_from_base64url(s, room, ROOM), written;

	if (length) {
		written = text_to_base64url(room, length, text, ROOM);
		check(text_same(s, (struct coven_slice){text, written}));
	}
	if (s.length && s.length < ROOM / 2) {
		written = text_to_base64url(s.at, s.length, text, ROOM);
		length = text_from_base64url((struct coven_slice){text, written}, room,
					     s.length);
		check(text_same(s, (struct coven_slice){room, length}));
	}
	free(room);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice s = {(const char *)data, size};
	struct coven_slice half = text_cut(s, 0, size / 2),
			   rest = text_cut(s, size / 2, size);

	check_number(s);
	check_base64url(s);
	check(!text_same(half, rest) || text_alike(half, rest));
	check(text_alike(half, rest) == text_alike(rest, half));
	check(text_secret_same(half, rest) == text_same(half, rest));
	check(text_find(s, ':') == size || s.at[text_find(s, ':')] == ':');
	check(text_trim(text_trim(s)).length == text_trim(s).length);
	return 0;
}
