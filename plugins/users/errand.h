/* SPDX-License-Identifier: GPL-3.0-or-later */
/* errand: what waits for an answer of the store, on one worker.  An answer that never
 * comes, because this instance stops first, leaves its errand to errand_end_all(). */
#ifndef USERS_ERRAND_H
#define USERS_ERRAND_H

#include <coven/plugin.h>

struct errand {
	struct errand *next, **back;
	size_t size; /* of all, to be wiped */
};

/* What one worker has to do. */
struct errands {
	struct errand *first;
};

/* Zeroed; a struct that begins with a struct errand.  NULL: no memory. */
void *errand_new(struct errands *all, size_t size);
void errand_end(void *errand); /* wiped and freed */
void errand_end_all(struct errands *all);

/* The number that the store hands back. */
static inline uint64_t
errand_tag(const void *errand)
{
	return (uint64_t)(uintptr_t)errand;
}

static inline void *
errand_of(uint64_t tag)
{
	return (void *)(uintptr_t)tag;
}

#endif
