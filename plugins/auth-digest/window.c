/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set-associative table of nonces with the newest count of each and a bit for each of
 * those before. */
#include "window.h"

#include <pthread.h>
#include <stdlib.h>

struct place {
	uint64_t id, bits;    /* bit n: count top - n was used */
	uint32_t issued, top; /* top 0: free */
};

struct set {
	struct place places[WINDOW_WAYS];
	uint32_t floor; /* issue time of the newest nonce that was pushed out */
	bool pushed;
};

struct window {
	pthread_mutex_t locks[WINDOW_LOCKS];
	struct set sets[WINDOW_SETS];
};

struct window *
window_new(void)
{
	struct window *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	for (size_t i = 0; i < WINDOW_LOCKS; i++)
		pthread_mutex_init(&w->locks[i], NULL);
	return w;
}

void
window_free(struct window *w)
{
	for (size_t i = 0; i < WINDOW_LOCKS; i++)
		pthread_mutex_destroy(&w->locks[i]);
	free(w);
}

static struct place *
find(struct set *s, uint64_t id)
{
	for (size_t i = 0; i < WINDOW_WAYS; i++)
		if (s->places[i].top && s->places[i].id == id)
			return &s->places[i];
	return NULL;
}

static bool
used(const struct place *p, uint32_t count)
{
	if (count > p->top)
		return false;
	return p->top - count >= WINDOW_COUNTS || p->bits >> (p->top - count) & 1;
}

static void
mark(struct place *p, uint32_t count)
{
	if (count > p->top) {
		uint32_t ahead = count - p->top;

		p->bits = ahead < WINDOW_COUNTS ? p->bits << ahead : 0;
		p->top = count;
	}
	p->bits |= UINT64_C(1) << (p->top - count);
}

/* A free place, else the oldest nonce's. */
static struct place *
make_room(struct set *s)
{
	struct place *oldest = &s->places[0];

	for (size_t i = 0; i < WINDOW_WAYS; i++) {
		if (s->places[i].top == 0)
			return &s->places[i];
		if (s->places[i].issued < oldest->issued)
			oldest = &s->places[i];
	}
	if (!s->pushed || oldest->issued > s->floor)
		s->floor = oldest->issued;
	s->pushed = true;
	return oldest;
}

static bool
take(struct set *s, const struct nonce *nonce, uint32_t count)
{
	struct place *p = find(s, nonce->id);

	if (p) {
		if (used(p, count))
			return false;
		mark(p, count);
		return true;
	}
	if (s->pushed && nonce->issued <= s->floor)
		return false;
	p = make_room(s);
	*p = (struct place){
		.id = nonce->id, .issued = nonce->issued, .top = count, .bits = 1
	};
	return true;
}

static struct set *
lock(struct window *w, const struct nonce *nonce, pthread_mutex_t **held)
{
	size_t at = nonce->id % WINDOW_SETS;

	*held = &w->locks[at % WINDOW_LOCKS];
	pthread_mutex_lock(*held);
	return &w->sets[at];
}

bool
window_used(struct window *w, const struct nonce *nonce, uint32_t count)
{
	pthread_mutex_t *held;
	struct set *s = lock(w, nonce, &held);
	struct place *p = find(s, nonce->id);
	bool was = p && used(p, count);

	pthread_mutex_unlock(held);
	return was || count == 0;
}

bool
window_take(struct window *w, const struct nonce *nonce, uint32_t count)
{
	pthread_mutex_t *held;
	struct set *s = lock(w, nonce, &held);
	bool taken = count != 0 && take(s, nonce, count);

	pthread_mutex_unlock(held);
	return taken;
}
