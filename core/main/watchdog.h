/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watchdog: systemd hears that we live only when every worker's loop has turned since it heard so last. */
#ifndef MAIN_WATCHDOG_H
#define MAIN_WATCHDOG_H

#include "main/notify.h"
#include "main/worker.h"

struct watchdog;

/* us: the time after which systemd loses patience.  Watched by worker 0, in real time.  NULL: errno. */
struct watchdog *watchdog_open(const struct notify *notify, struct worker_set *workers, int64_t us);
void watchdog_close(struct watchdog *d); /* when no worker runs, while the loops are still there; NULL is harmless */

#endif
