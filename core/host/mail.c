/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail: functions called for an instance on another worker, or from a helper thread. */
#include "host/mail.h"
#include "host/host.h"
#include "host/slow.h"
#include "base/text.h"
#include <pthread.h>
#include <stdlib.h>

#define MAIL_BOX_MAX 4096 /* letters of one mailbox that wait */

struct letter {
	struct coven_instance *in;
	struct coven_mailbox *box; /* held; NULL: from coven_call_worker() */
	coven_fn *fn;
	void (*drop)(void *arg);
	void *arg;
};

/* Outlives its instance: counted; `in` becomes NULL when the instance stops. */
struct coven_mailbox {
	struct list link; /* in instance->mailboxes; touched on its worker only */
	pthread_mutex_t lock;
	struct coven_instance *in;
	unsigned references, waiting;
};

static void
drop(void *arg)
{
	struct letter *l = arg;

	if (l->drop)
		l->drop(l->arg);
	if (l->box)
		coven_mailbox_done(l->box);
	free(l);
}

/* On the instance's worker. */
static void
deliver(void *arg)
{
	struct letter *l = arg;
	struct coven_instance *in = l->in;
	int64_t began;

	if (l->box) {
		pthread_mutex_lock(&l->box->lock);
		in = l->box->in;
		l->box->waiting--;
		pthread_mutex_unlock(&l->box->lock);
	}
	if (!in || !in->started) {
		drop(l);
		return;
	}
	began = slow_begin();
	l->fn(in, l->arg);
	slow_end(in, "a letter", began);
	l->drop = NULL;
	drop(l);
}

unsigned
coven_owner(const struct coven_instance *in, struct coven_slice key)
{
	return tx_owner_of(&in->all->shared_hash, key, in->all->workers);
}

int
coven_call_worker(struct coven_instance *in, unsigned worker, coven_fn *fn, void *arg)
{
	struct host *h = worker < in->all->workers ? in->all->hosts[worker] : NULL;
	struct letter *l = h ? calloc(1, sizeof *l) : NULL;

	if (!l)
		return -1;
	*l = (struct letter){ .in = host_instance(h, in->plug), .fn = fn, .arg = arg };
	if (loop_post(h->loop, deliver, drop, l) == 0)
		return 0;
	free(l);
	return -1;
}

struct coven_mailbox *
coven_mailbox_new(struct coven_instance *in)
{
	struct coven_mailbox *box = calloc(1, sizeof *box);

	if (!box)
		return NULL;
	pthread_mutex_init(&box->lock, NULL);
	box->in = in;
	box->references = 2; /* the caller's, and the instance's */
	list_append(&in->mailboxes, &box->link);
	return box;
}

struct coven_mailbox *
coven_mailbox_share(struct coven_mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	box->references++;
	pthread_mutex_unlock(&box->lock);
	return box;
}

void
coven_mailbox_done(struct coven_mailbox *box)
{
	bool last;

	pthread_mutex_lock(&box->lock);
	last = --box->references == 0;
	pthread_mutex_unlock(&box->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&box->lock);
	free(box);
}

int
coven_post(struct coven_mailbox *box, coven_fn *fn, void (*dispose)(void *arg), void *arg)
{
	struct letter *l = calloc(1, sizeof *l);
	int posted = -1;

	if (l)
		*l = (struct letter){ .box = box, .fn = fn, .drop = dispose, .arg = arg };
	pthread_mutex_lock(&box->lock);
	if (l && box->in && box->waiting < MAIL_BOX_MAX) {
		l->in = box->in;
		box->references++;
		box->waiting++;
		posted = loop_post(box->in->host->loop, deliver, drop, l);
		if (posted != 0) {
			box->references--;
			box->waiting--;
		}
	}
	pthread_mutex_unlock(&box->lock);
	if (posted == 0)
		return 0;
	free(l);
	if (dispose)
		dispose(arg);
	return -1;
}

void
mail_close(struct coven_instance *in)
{
	while (!list_empty(&in->mailboxes)) {
		struct coven_mailbox *box = CONTAINER(in->mailboxes.next, struct coven_mailbox, link);
		list_remove(&box->link);
		pthread_mutex_lock(&box->lock);
		box->in = NULL;
		pthread_mutex_unlock(&box->lock);
		coven_mailbox_done(box);
	}
}
