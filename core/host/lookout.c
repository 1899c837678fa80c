/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Viewers and their letters. */
#include "host/lookout.h"
#include "base/text.h"
#include "host/host.h"
#include "host/out.h"

#include <stdlib.h>

void
lookout_init(struct lookout *l)
{
	pthread_mutex_init(&l->lock, NULL);
	list_init(&l->viewers);
}

/* -- viewers */

static void
count_viewers(struct host_shared *all, bool messages, int more)
{
	struct lookout *l = &all->lookout;

	l->count += (unsigned)more;
	atomic_fetch_add(messages ? &l->messages : &l->events, (unsigned)more);
	if (messages)
		net_shared_tap(all->net, atomic_load(&l->messages) != 0);
}

/* Into a row of its own. */
static void
tell_lost(struct viewer *v)
{
	uint64_t lost = atomic_exchange(&v->lost, 0);

	if (!lost)
		return;
	coven_row(v->out);
	coven_put_number(v->out, "lost", (int64_t)lost);
}

static void
drained(void *arg, struct coven_out *out)
{
	struct viewer *v = arg;

	if (!atomic_load(&v->lost))
		return;
	tell_lost(v);
	out_push(out);
}

static void
end(void *arg, struct coven_out *out)
{
	struct viewer *v = arg;
	struct lookout *l = &v->all->lookout;

	pthread_mutex_lock(&l->lock);
	list_remove(&v->link);
	pthread_mutex_unlock(&l->lock);
	count_viewers(v->all, v->messages, -1);
	tell_lost(v);
	v->kind->free(v);
	coven_end(out, 0);
}

int
viewer_begin(struct viewer *v, struct host_shared *all, struct coven_out *out)
{
	struct lookout *l = &all->lookout;

	if (l->count == LOOKOUT_VIEWERS_MAX) {
		out_error(out, "%d look on already", LOOKOUT_VIEWERS_MAX);
		return -1;
	}
	v->all = all;
	v->out = out;
	v->number = ++l->last;
	pthread_mutex_lock(&l->lock);
	list_append(&l->viewers, &v->link);
	pthread_mutex_unlock(&l->lock);
	count_viewers(all, v->messages, 1);
	out_stream(out, end, drained, v);
	out_push(out); /* the reader learns that it has begun */
	return 0;
}

bool
viewer_row(struct viewer *v)
{
	if (out_waiting(v->out) > LOOKOUT_BYTES_MAX) {
		atomic_fetch_add(&v->lost, 1);
		return false;
	}
	tell_lost(v);
	coven_row(v->out);
	return true;
}

void
viewer_rows_end(struct viewer *v)
{
	out_push(v->out);
}

/* -- letters */

static bool
make_room(struct lookout *l, size_t size)
{
	if (atomic_fetch_add(&l->on_the_way, size) + size <= LOOKOUT_ON_THE_WAY)
		return true;
	atomic_fetch_sub(&l->on_the_way, size);
	return false;
}

static void
drop(void *arg)
{
	struct lookout_letter *letter = arg;

	atomic_fetch_sub(&letter->all->lookout.on_the_way, letter->counts);
	free(letter);
}

static struct viewer *
viewer_of(struct lookout *l, uint64_t number)
{
	LIST_EACH(&l->viewers, at, after) {
		struct viewer *v = CONTAINER(at, struct viewer, link);

		if (v->number == number)
			return v;
	}
	return NULL;
}

/* Worker 0, which alone changes the list. */
static void
arrive(void *arg)
{
	struct lookout_letter *letter = arg;

	for (unsigned i = 0; i < letter->count; i++) {
		struct viewer *v = viewer_of(&letter->all->lookout, letter->to[i]);

		if (v && viewer_row(v)) {
			letter->show(letter, v);
			viewer_rows_end(v);
		}
	}
	drop(letter);
}

/* letter NULL: there is no room, and whoever would have got it has lost it. */
static void
address_to(struct lookout *l, struct lookout_letter *letter, bool messages,
           bool (*wants)(const struct viewer *v, const void *arg), const void *arg)
{
	pthread_mutex_lock(&l->lock);
	LIST_EACH(&l->viewers, at, after) {
		struct viewer *v = CONTAINER(at, struct viewer, link);

		if (v->messages != messages || !wants(v, arg))
			continue;
		if (letter)
			letter->to[letter->count++] = v->number;
		else
			atomic_fetch_add(&v->lost, 1);
	}
	pthread_mutex_unlock(&l->lock);
}

struct lookout_letter *
lookout_letter(struct host_shared *all, size_t size, bool messages,
               bool (*wants)(const struct viewer *v, const void *arg), const void *arg)
{
	struct lookout *l = &all->lookout;
	size_t counts = size > LOOKOUT_LETTER_LEAST ? size : LOOKOUT_LETTER_LEAST;
	struct lookout_letter *letter = NULL;

	if (make_room(l, counts)) {
		letter = calloc(1, size);
		if (!letter)
			atomic_fetch_sub(&l->on_the_way, counts);
	}
	if (letter) {
		letter->all = all;
		letter->counts = counts;
	}
	address_to(l, letter, messages, wants, arg);
	if (letter && !letter->count) {
		drop(letter);
		letter = NULL;
	}
	return letter;
}

void
lookout_send(struct lookout_letter *letter)
{
	if (loop_post(letter->all->hosts[0]->loop, arrive, drop, letter) != 0)
		drop(letter);
}
