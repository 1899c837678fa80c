/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes from the kernel, fetched in blocks for each thread and wiped as they are
 * given out. */
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define RANDOM_BLOCK \
	256 /* the most that getrandom gives in one piece, whatever happens */

struct block {
	size_t left;
	uint8_t bytes[RANDOM_BLOCK];
};

static void
fetch(void *room, size_t length)
{
	uint8_t *at = room;

	while (length) {
		ssize_t got = getrandom(at, length, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
}

void
random_bytes(void *room, size_t length)
{
	static _Thread_local struct block block;
	uint8_t *at;

	if (length > RANDOM_BLOCK / 2) {
		fetch(room, length);
		return;
	}
	if (length > block.left) {
		fetch(block.bytes, sizeof block.bytes);
		block.left = sizeof block.bytes;
	}
	block.left -= length;
	at = block.bytes + block.left;
	memcpy(room, at, length);
	explicit_bzero(at, length);
}

uint64_t
random_number(void)
{
	uint64_t n;

	random_bytes(&n, sizeof n);
	return n;
}
