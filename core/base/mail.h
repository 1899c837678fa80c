/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail: a letter box that any thread may fill and one thread empties: a bounded queue under a mutex
 * that is held for a few instructions only. */
#ifndef BASE_MAIL_H
#define BASE_MAIL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct letter {
	void (*fn)(void *arg);
	void (*drop)(void *arg); /* NULL: nothing to free */
	void *arg;
};

/* Senders append to `in`; the reader takes the whole of it at once, so that both never meet. */
struct mail {
	pthread_mutex_t lock;
	struct letter *in, *out;
	size_t in_count, in_room, out_count, out_room, out_at;
	_Atomic bool waiting; /* `in` is not empty: asked without the lock */
	bool closed;
};

void mail_init(struct mail *m);
/* Calls `drop` of all letters left; nobody may post any more. */
void mail_done(struct mail *m);
/* Any thread.  -1: full, closed or no memory; *first: the reader has to be woken. */
int mail_post(struct mail *m, struct letter letter, bool *first, size_t max);
/* The reader's thread: the oldest letter, false when there is none. */
bool mail_take(struct mail *m, struct letter *letter);
/* The reader's: how many had waited when it last opened the box, 0: they are all read. */
size_t mail_waiting(const struct mail *m);
bool mail_empty(const struct mail *m);

#endif
