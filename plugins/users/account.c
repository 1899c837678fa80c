/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts in one array, their names in another, found by an open hash table; none of them
 * grows: their sizes are known. */
#include "account.h"

#include <stdlib.h>
#include <string.h>

struct name {
	struct coven_slice aor;
	struct account *owner;
	bool alias;
};

struct accounts {
	size_t count, room, named, slots; /* slots: a power of two, twice the names at
					     least */
	uint64_t seed;
	struct account *list;
	struct name *names;
	struct name **table; /* NULL: free */
};

struct accounts *
accounts_new(size_t accounts, size_t names)
{
	struct accounts *all = calloc(1, sizeof *all);

	if (!all)
		return NULL;
	coven_random(&all->seed, sizeof all->seed);
	all->room = accounts;
	all->slots = 16;
	while (all->slots < 2 * names)
		all->slots *= 2;
	all->list = calloc(accounts + 1, sizeof all->list[0]);
	all->names = calloc(names + 1, sizeof all->names[0]);
	all->table = calloc(all->slots, sizeof(struct name *));
	if (all->list && all->names && all->table)
		return all;
	accounts_free(all);
	return NULL;
}

void
accounts_free(struct accounts *all)
{
	if (all->list)
		explicit_bzero(all->list, all->room * sizeof all->list[0]);
	free(all->list);
	free(all->names);
	free(all->table);
	free(all);
}

size_t
accounts_count(const struct accounts *all)
{
	return all->count;
}

struct account *
accounts_at(const struct accounts *all, size_t nth)
{
	return &all->list[nth];
}

/* Eight bytes at a time, crossed with a secret seed. */
static uint64_t
hash(const struct accounts *all, struct coven_slice text)
{
	uint64_t h = all->seed ^ text.length, word;
	size_t left = text.length;
	const char *at = text.at;

	while (left) {
		size_t step = left < sizeof word ? left : sizeof word;

		word = 0;
		memcpy(&word, at, step);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
		at += step;
		left -= step;
	}
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ h >> 32;
}

/* Where this name is, or belongs. */
static struct name **
slot(const struct accounts *all, struct coven_slice aor)
{
	size_t at = hash(all, aor) & (all->slots - 1);

	while (all->table[at] && !coven_same(all->table[at]->aor, aor))
		at = (at + 1) & (all->slots - 1);
	return &all->table[at];
}

static void
give_name(struct accounts *all, struct name **slot, struct name name)
{
	all->names[all->named] = name;
	*slot = &all->names[all->named++];
}

struct account *
accounts_add(struct accounts *all, struct coven_slice aor, const struct account **other)
{
	struct name **place = slot(all, aor);
	struct account *a = &all->list[all->count];

	*other = *place ? (*place)->owner : NULL;
	if (*place || all->count == all->room)
		return NULL;
	all->count++;
	a->aor = aor;
	give_name(all, place, (struct name){ aor, a, false });
	return a;
}

int
accounts_alias(struct accounts *all, struct account *owner, struct coven_slice aor,
	       const struct account **other)
{
	struct name **place = slot(all, aor);

	*other = *place ? (*place)->owner : NULL;
	if (*place)
		return -1;
	give_name(all, place, (struct name){ aor, owner, true });
	return 0;
}

const struct account *
accounts_name(const struct accounts *all, size_t nth, struct coven_slice *name,
	      bool *is_alias)
{
	if (nth >= all->named)
		return NULL;
	*name = all->names[nth].aor;
	*is_alias = all->names[nth].alias;
	return all->names[nth].owner;
}

const struct account *
accounts_find(const struct accounts *all, struct coven_slice aor, bool *is_alias)
{
	const struct name *name = *slot(all, aor);

	if (is_alias)
		*is_alias = name && name->alias;
	return name ? name->owner : NULL;
}
