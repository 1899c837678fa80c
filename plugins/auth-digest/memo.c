/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes about strangers: a set-associative table that never grows. */
#include "memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct note {
	uint64_t key, request;
	int64_t when_ms;
	uint32_t only;
	uint8_t count;
	bool taken;
};

struct memo {
	uint64_t seed;
	pthread_mutex_t locks[MEMO_LOCKS];
	struct note notes[MEMO_SETS][MEMO_WAYS];
};

struct memo *
memo_new(uint64_t seed)
{
	struct memo *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->seed = seed;
	for (size_t i = 0; i < MEMO_LOCKS; i++)
		pthread_mutex_init(&m->locks[i], NULL);
	return m;
}

void
memo_free(struct memo *m)
{
	for (size_t i = 0; i < MEMO_LOCKS; i++)
		pthread_mutex_destroy(&m->locks[i]);
	free(m);
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

uint64_t
memo_key(const struct memo *m, const struct coven_slice *parts, size_t count)
{
	uint64_t h = m->seed;

	for (size_t i = 0; i < count; i++) {
		const char *at = parts[i].at;
		size_t left = parts[i].length;

		h = mix(h, left);
		while (left) {
			uint64_t word = 0;
			size_t step = left < sizeof word ? left : sizeof word;

			memcpy(&word, at, step);
			h = mix(h, word);
			at += step;
			left -= step;
		}
	}
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ h >> 32;
}

static pthread_mutex_t *
lock(struct memo *m, uint64_t key)
{
	pthread_mutex_t *held = &m->locks[key % MEMO_LOCKS];

	pthread_mutex_lock(held);
	return held;
}

/* Its note, if that is not too old. */
static struct note *
find(struct memo *m, uint64_t key, int64_t now_ms)
{
	struct note *set = m->notes[key % MEMO_SETS];

	for (size_t i = 0; i < MEMO_WAYS; i++)
		if (set[i].taken && set[i].key == key &&
		    now_ms - set[i].when_ms < INT64_C(1000) * MEMO_SECONDS)
			return &set[i];
	return NULL;
}

/* Its note, or a new one in the place of the oldest. */
static struct note *
find_or_make(struct memo *m, uint64_t key, int64_t now_ms)
{
	struct note *set = m->notes[key % MEMO_SETS], *oldest = set;
	struct note *found = find(m, key, now_ms);

	if (found)
		return found;
	for (size_t i = 0; i < MEMO_WAYS && oldest->taken; i++)
		if (!set[i].taken || set[i].key == key ||
		    set[i].when_ms < oldest->when_ms)
			oldest = &set[i];
	*oldest = (struct note){ .key = key, .taken = true, .when_ms = now_ms };
	return oldest;
}

static bool
kept(struct memo *m, uint64_t device, int64_t now_ms)
{
	pthread_mutex_t *held = lock(m, device);
	bool is = find(m, device, now_ms) != NULL;

	pthread_mutex_unlock(held);
	return is;
}

bool
memo_came(struct memo *m, uint64_t device, uint64_t attempt, uint64_t request,
	  int64_t now_ms)
{
	pthread_mutex_t *held;
	struct note *n;
	bool alone;

	if (kept(m, device, now_ms))
		return true;
	held = lock(m, attempt);
	n = find_or_make(m, attempt, now_ms);
	if (n->count == 0 || n->request != request) {
		n->request = request;
		n->when_ms = now_ms;
		if (n->count < MEMO_PATIENCE)
			n->count++;
	}
	alone = n->count >= MEMO_PATIENCE;
	pthread_mutex_unlock(held);
	return alone;
}

void
memo_answered(struct memo *m, uint64_t attempt, int64_t now_ms)
{
	pthread_mutex_t *held = lock(m, attempt);
	struct note *n = find(m, attempt, now_ms);

	if (n)
		*n = (struct note){ .taken = false };
	pthread_mutex_unlock(held);
}

void
memo_keep(struct memo *m, uint64_t device, int64_t now_ms)
{
	pthread_mutex_t *held = lock(m, device);

	find_or_make(m, device, now_ms)->when_ms = now_ms;
	pthread_mutex_unlock(held);
}

bool
memo_offer(struct memo *m, uint64_t key, int64_t now_ms, uint32_t *only)
{
	pthread_mutex_t *held = lock(m, key);
	const struct note *n = find(m, key, now_ms);
	bool known = n && now_ms - n->when_ms < INT64_C(1000) * MEMO_OFFER_SECONDS;

	*only = known ? n->only : 0;
	pthread_mutex_unlock(held);
	return known;
}

void
memo_set_offer(struct memo *m, uint64_t key, int64_t now_ms, uint32_t only)
{
	pthread_mutex_t *held = lock(m, key);
	struct note *n = find_or_make(m, key, now_ms);

	n->only = only;
	n->when_ms = now_ms;
	pthread_mutex_unlock(held);
}
