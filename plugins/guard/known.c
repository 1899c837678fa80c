/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two workers that write one place at once leave a mixture of both there: at worst somebody
 * is not known until he asks again. */
#include "known.h"

#include <stdlib.h>

struct known {
	struct known_entry entries[KNOWN_SETS][KNOWN_WAYS];
};

struct known *
known_new(void)
{
	return calloc(1, sizeof(struct known));
}

void
known_free(struct known *k)
{
	free(k);
}

static inline uint64_t
load(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static inline void
store(_Atomic uint64_t *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static inline struct known_entry *
find(struct known *k, uint64_t key)
{
	struct known_entry *set = k->entries[key % KNOWN_SETS];

	for (unsigned i = 0; i < KNOWN_WAYS; i++)
		if (load(&set[i].key) == key)
			return &set[i];
	return NULL;
}

struct known_entry *
known_find(struct known *k, uint64_t key, int64_t now_ms)
{
	struct known_entry *e = find(k, key);

	return e && load(&e->until_ms) > (uint64_t)now_ms ? e : NULL;
}

void
known_keep(struct known *k, uint64_t key, int64_t now_ms, int64_t for_ms)
{
	struct known_entry *e = find(k, key), *set = k->entries[key % KNOWN_SETS];

	if (!e) {
		e = set;
		for (unsigned i = 1; i < KNOWN_WAYS; i++)
			if (load(&set[i].until_ms) < load(&e->until_ms))
				e = &set[i];
		store(&e->until_ms, 0);
		store(&e->full, 0);
		store(&e->key, key);
	}
	store(&e->until_ms, (uint64_t)(now_ms + for_ms));
}

void
known_forget(struct known *k, uint64_t key)
{
	struct known_entry *e = find(k, key);

	if (e)
		store(&e->until_ms, 0);
}
