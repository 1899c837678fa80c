/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity: who the far ends of one worker's connections are proven to be.  Its owner writes, any thread reads. */
#ifndef NET_IDENTITY_H
#define NET_IDENTITY_H

#include "base/table.h"
#include <coven/types.h>
#include <pthread.h>

struct identities {
	pthread_mutex_t lock;
	struct table table; /* by slot, which one stream has at a time */
};

int identities_init(struct identities *all); /* -1: no memory */
void identities_done(struct identities *all);

/* An empty text: none any more.  -1: no memory. */
int identity_set(struct identities *all, uint32_t slot, uint32_t generation, struct coven_slice text);
/* Gives the length of what it copied, at most `size`. */
size_t identity_get(struct identities *all, uint32_t slot, uint32_t generation, char *room, size_t size);

#endif
