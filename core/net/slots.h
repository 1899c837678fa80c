/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots: the numbered places of one worker's connections.  The owner takes and frees
 * them; any thread may ask whether a name still stands for something, and for what. */
#ifndef NET_SLOTS_H
#define NET_SLOTS_H

#include <coven/types.h>

struct slot; /* opaque */
struct slots {
	struct slot *at;
	uint32_t size, fresh; /* fresh: the first one never used */
	uint32_t spare;       /* index + 1 of the free one used last, 0: none */
	uint32_t base;        /* even; added to generations: names of two processes differ */
};

int slots_init(struct slots *s, uint32_t size); /* -1: no memory */
void slots_done(struct slots *s);

/* Owner only.  -1: all are taken. */
int slots_take(struct slots *s, const struct coven_address *far_end, void *owner,
               uint32_t *slot, uint32_t *generation);
void slots_free(struct slots *s, uint32_t slot);
/* Before anything is taken: one that was taken in the process before us.  -1: there is no such place, or it is taken. */
int slots_put(struct slots *s, uint32_t slot, uint32_t generation, const struct coven_address *far_end, void *owner);
void slots_settle(struct slots *s); /* when all have been put */
/* NULL: gone. */
void *slots_owner(const struct slots *s, uint32_t slot, uint32_t generation);

/* Any thread. */
bool slots_alive(const struct slots *s, uint32_t slot, uint32_t generation);
/* False, and *far_end as it was: gone. */
bool slots_far_end(const struct slots *s, uint32_t slot, uint32_t generation,
                   struct coven_address *far_end);

#endif
