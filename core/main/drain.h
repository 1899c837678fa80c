/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drain: the server's good end.  New requests get 503 and try elsewhere; what is under way goes on; when nobody waits for
 * anything any more, or after DRAIN_MS, it stops. */
#ifndef MAIN_DRAIN_H
#define MAIN_DRAIN_H

#include "main/notify.h"
#include "main/worker.h"

#define DRAIN_MS 32000 /* 64 T1: no transaction lives longer without an answer */

struct drain;
struct drain *drain_new(const struct notify *notify, struct worker_set *workers); /* NULL: errno */
void drain_close(struct drain *d); /* when no worker runs, while the loops are still there; NULL is harmless */
void drain_free(struct drain *d);  /* after the loops, which may have letters for it; NULL is harmless */

/* Worker 0.  The second call ends at once. */
void drain_start(struct drain *d);
/* The same, when a successor has taken our place: systemd is not told, and plugins begin nothing more. */
void drain_leave(struct drain *d);

#endif
