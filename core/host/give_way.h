/* SPDX-License-Identifier: GPL-3.0-or-later */
/* give_way: the plugins leave their files to the process that takes our place, or get them back. */
#ifndef HOST_GIVE_WAY_H
#define HOST_GIVE_WAY_H

#include "host/host.h"

/* Worker 0, while workers run.  away: all of them or none.  -1: one cannot; said in the log. */
int host_give_way(struct host_shared *all, bool away);
/* On each worker, when our place has been taken: plugins begin nothing more.  Requests that wait keep their timers, so
 * again until it is true. */
bool host_retire(struct host *h);

#endif
