/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advance: the test clock moves on every worker, for `clock advance`. */
#ifndef HOST_ADVANCE_H
#define HOST_ADVANCE_H

#include "host/host.h"

/* Worker 0.  When `done` is called, what had arrived before was handled, all timers due have fired on every worker in
 * their order, and what came of it, also by way of other workers, has left.  -1: no memory. */
int advance_clock(struct host_shared *all, int64_t ms, void (*done)(void *arg, bool whole), void *arg);

#endif
