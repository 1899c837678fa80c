/* SPDX-License-Identifier: GPL-3.0-or-later */
/* round: one thing done on every worker, each on its own thread, and then something on worker 0. */
#ifndef HOST_ROUND_H
#define HOST_ROUND_H

#include "host/host.h"

/* Worker 0.  When `done` is called, `each` (NULL: nothing) has run on every worker, that worker has finished its turn
 * (letters, work put off, what it had to send) and has looked at its descriptors once more.  whole: false when not every
 * worker could be reached, as when the server ends.  -1: no memory, done is not called. */
int round_run(struct host_shared *all, void (*each)(struct host *h, void *arg), void (*done)(void *arg, bool whole),
              void *arg);

#endif
