/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hops: what a resolver gave, copied with all that it points to, so that it outlives the answer. */
#ifndef HOST_HOPS_H
#define HOST_HOPS_H

#include "base/arena.h"
#include <coven/resolver.h>

/* -1: no memory. */
int hops_copy(struct coven_hops *to, const struct coven_hops *from, struct arena *arena);

#endif
