/* SPDX-License-Identifier: GPL-3.0-or-later */
/* past: the covend whose successor we are, while it finishes what it has begun.  What comes to us and is its own, it gets. */
#ifndef MAIN_PAST_H
#define MAIN_PAST_H

#include "base/loop.h"
#include "main/channel.h"
#include "tx/tx.h"

struct past;

/* All keys of its transactions have come.  fd: the channel, its own now.  NULL: no memory. */
struct past *past_new(int fd, const struct keyed *shared_hash, const uint64_t *keys, size_t count);
/* On worker 0's loop, before it runs.  -1: no memory. */
int past_watch(struct past *p, struct loop *loop, struct net *net);
void past_close(struct past *p); /* when no worker runs, while the loops are still there; NULL is harmless */
void past_free(struct past *p);  /* after the loops; NULL is harmless */

void past_begin(const struct past *p); /* any thread: we read, and it ends with its transactions */
bool past_is_there(const struct past *p); /* any thread; false for NULL */
/* Its keys are ours, too, for one that follows us meanwhile: room for past_count(), which is 0 when it has ended. */
size_t past_count(const struct past *p);
void past_keys(const struct past *p, uint64_t *room);
/* Worker's thread.  True: it has been passed on. */
bool past_takes(struct past *p, const struct tx *tx, const struct sip_message *m, const struct coven_flow *flow);

#endif
