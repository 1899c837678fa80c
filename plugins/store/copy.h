/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copy: memory for one answer.  What stands in the book may change as soon as its lock is
 * given back, so an answer shows copies; they are all forgotten at once. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include <coven/types.h>

#define COPY_BLOCK 4096 /* one is kept for the next answer */

struct copy_block;
struct copy {
	struct copy_block *first, *last;
};

/* Room aligned for anything; NULL: no memory. */
void *copy_room(struct copy *c, size_t size);
/* The same bytes in the copy's memory.  { NULL, 0 } stays what it is, and is what no
 * memory gives. */
struct coven_slice copy_text(struct copy *c, struct coven_slice text);
void copy_reset(struct copy *c);
void copy_free(struct copy *c);

#endif
