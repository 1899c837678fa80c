/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set-associative table of pairs that never grows: of a full set the one goes that has
 * been quiet for longest, and one that is refused only when all are. */
#include "guess.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t key; /* 0: free */
	int64_t last_ms, until_ms;
	uint32_t strikes, count, next;
	uint32_t times[GUESS_MOST]; /* low bits: none is older than GUESS_QUIET_MS */
};

struct guess {
	struct guess_rule rule;
	struct tag_key key;
	_Atomic int64_t until_ms; /* the latest end of any refusal: mostly it is over */
	pthread_mutex_t locks[GUESS_LOCKS];
	struct entry entries[GUESS_SETS][GUESS_WAYS];
};

struct guess *
guess_new(const struct guess_rule *rule, const struct tag_key *key)
{
	struct guess *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->rule = *rule;
	g->key = *key;
	for (size_t i = 0; i < GUESS_LOCKS; i++)
		pthread_mutex_init(&g->locks[i], NULL);
	return g;
}

void
guess_free(struct guess *g)
{
	for (size_t i = 0; i < GUESS_LOCKS; i++)
		pthread_mutex_destroy(&g->locks[i]);
	free(g);
}

uint32_t
guess_source(const struct guess *g, const struct coven_address *from)
{
	struct coven_slice parts[2] = {
		{ (const char *)&from->family, sizeof from->family },
		{ (const char *)from->ip, from->family == 4 ? 4 : 8 },
	};

	return (uint32_t)tag_of(&g->key, parts, 2);
}

/* "alice" and "alice@realm" are one account, and one user here. */
static uint64_t
key_of(const struct guess *g, uint32_t source, struct coven_slice user,
       struct coven_slice realm)
{
	const char *at = user.length ? memchr(user.at, '@', user.length) : NULL;
	struct coven_slice parts[3] = {
		{ (const char *)&source, sizeof source },
		{ user.at, at ? (size_t)(at - user.at) : user.length },
		realm,
	};
	uint64_t key = tag_of(&g->key, parts, 3);

	return key ? key : 1;
}

static pthread_mutex_t *
lock(struct guess *g, uint64_t key)
{
	pthread_mutex_t *held = &g->locks[key % GUESS_LOCKS];

	pthread_mutex_lock(held);
	return held;
}

static bool
forgotten(const struct entry *e, int64_t now_ms)
{
	int64_t since = e->last_ms > e->until_ms ? e->last_ms : e->until_ms;

	return e->key == 0 || now_ms - since >= GUESS_QUIET_MS;
}

static struct entry *
find(struct guess *g, uint64_t key, int64_t now_ms)
{
	struct entry *set = g->entries[key % GUESS_SETS];

	for (size_t i = 0; i < GUESS_WAYS; i++)
		if (set[i].key == key && !forgotten(&set[i], now_ms))
			return &set[i];
	return NULL;
}

/* Should `a` go rather than `b`? */
static bool
goes_first(const struct entry *a, const struct entry *b, int64_t now_ms)
{
	bool a_refused = a->until_ms > now_ms, b_refused = b->until_ms > now_ms;

	if (forgotten(a, now_ms) || forgotten(b, now_ms))
		return forgotten(a, now_ms);
	return a_refused != b_refused ? b_refused : a->last_ms < b->last_ms;
}

static struct entry *
make(struct guess *g, uint64_t key, int64_t now_ms)
{
	struct entry *set = g->entries[key % GUESS_SETS], *place = set;

	for (size_t i = 0; i < GUESS_WAYS; i++) {
		if (set[i].key == key) { /* forgotten */
			place = &set[i];
			break;
		}
		if (goes_first(&set[i], place, now_ms))
			place = &set[i];
	}
	*place = (struct entry){ .key = key };
	return place;
}

/* Each time twice as long as the time before. */
static int64_t
penalty(const struct guess *g, uint32_t strikes)
{
	int64_t ms = g->rule.penalty_ms;

	while (strikes-- > 0 && ms < GUESS_PENALTY_MOST_MS)
		ms *= 2;
	return ms < GUESS_PENALTY_MOST_MS ? ms : GUESS_PENALTY_MOST_MS;
}

/* Another one at this time.  Are these too many within the window? */
static bool
too_many(const struct guess_rule *rule, struct entry *e, int64_t now_ms)
{
	uint32_t most = (uint32_t)rule->most, oldest;

	e->last_ms = now_ms;
	e->times[e->next] = (uint32_t)now_ms;
	e->next = (e->next + 1) % most;
	if (e->count < most)
		e->count++;
	oldest = e->times[e->next];
	return e->count == most && (uint32_t)now_ms - oldest <= rule->window_ms;
}

static void
raise_to(_Atomic int64_t *latest, int64_t until_ms)
{
	int64_t was = atomic_load_explicit(latest, memory_order_relaxed);

	while (was < until_ms && !atomic_compare_exchange_weak(latest, &was, until_ms))
		;
}

bool
guess_any(const struct guess *g, int64_t now_ms)
{
	return now_ms < atomic_load_explicit(&g->until_ms, memory_order_relaxed);
}

int64_t
guess_left(struct guess *g, uint32_t source, struct coven_slice user,
	   struct coven_slice realm, int64_t now_ms)
{
	int64_t left = 0;
	pthread_mutex_t *held;
	struct entry *e;
	uint64_t key;

	if (!guess_any(g, now_ms))
		return 0;
	key = key_of(g, source, user, realm);
	held = lock(g, key);
	e = find(g, key, now_ms);
	if (e && e->until_ms > now_ms)
		left = e->until_ms - now_ms;
	pthread_mutex_unlock(held);
	return left;
}

int64_t
guess_wrong(struct guess *g, uint32_t source, struct coven_slice user,
	    struct coven_slice realm, int64_t now_ms)
{
	uint64_t key = key_of(g, source, user, realm);
	pthread_mutex_t *held;
	struct entry *e;
	int64_t ms = 0;

	if (g->rule.most == 0)
		return 0;
	held = lock(g, key);
	e = find(g, key, now_ms);
	if (!e)
		e = make(g, key, now_ms);
	if (too_many(&g->rule, e, now_ms)) {
		ms = penalty(g, e->strikes++);
		e->until_ms = now_ms + ms;
		e->count = 0;
		raise_to(&g->until_ms, e->until_ms);
	}
	pthread_mutex_unlock(held);
	return ms;
}
