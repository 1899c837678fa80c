/* SPDX-License-Identifier: GPL-3.0-or-later */
/* news: events as rows, for `covenctl events`. */
#ifndef HOST_NEWS_H
#define HOST_NEWS_H

#include "host/host.h"

#define NEWS_KINDS_MAX 16 /* words of a filter */
#define NEWS_KIND_MAX 64  /* bytes of one */

/* Any worker: while lookout_wanted(&all->lookout.events), with every event. */
void news_event(struct host *h, const struct coven_event *e);

/* kinds: "binding", "call-begun", ..., or names that plugins give to their own events; none: all.  -1: said in out. */
enum coven_verdict news_begin(struct host_shared *all, struct coven_out *out, size_t count, const struct coven_slice *kinds);

#endif
