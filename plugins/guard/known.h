/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known: addresses and ports from which somebody has proved an account lately. Each has an
 * allowance of its own, so that a flood from behind the same router does not throw them
 * out.
 *
 * A table of fixed size, for all workers at once and without locks; of a full set the one
 * goes that has been quiet for longest. */
#ifndef GUARD_KNOWN_H
#define GUARD_KNOWN_H

#include "meter.h"

#define KNOWN_SETS 16384 /* of KNOWN_WAYS places: 64 Ki in all, 1.5 MiB */
#define KNOWN_WAYS 4

struct known_entry {
	_Atomic uint64_t key; /* 0: free */
	_Atomic uint64_t until_ms;
	_Atomic uint64_t full; /* see meter_alone() */
};

struct known;
struct known *known_new(void); /* NULL: no memory */
void known_free(struct known *k);

struct known_entry *known_find(struct known *k, uint64_t key, int64_t now_ms);
void known_keep(struct known *k, uint64_t key, int64_t now_ms, int64_t for_ms);
void known_forget(struct known *k, uint64_t key);

#endif
