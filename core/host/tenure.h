/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenure: an edition on one worker, from the start of its plugins until the last request that began under it has
 * ended. */
#ifndef HOST_TENURE_H
#define HOST_TENURE_H

#include "host/host.h"

struct tenure {
	struct list link; /* in host->tenures, the newest last */
	struct host *host;
	struct edition *edition;
	unsigned requests; /* that began under it and have not ended */
	struct work ending;
};

/* Starts the plugins that do not run yet; done(arg, ok) once, perhaps later.  One at a time. */
void tenure_start(struct host *h, struct edition *e, void (*done)(void *arg, bool ok), void *arg);
/* New requests come under the newest tenure from now on; the one before ends with its last request. */
void tenure_take_over(struct host *h);
/* The newest, which never took over, goes. */
void tenure_give_up(struct host *h);
void tenure_stop_all(struct host *h); /* at the end of the worker */

void tenure_hold(struct tenure *t);
void tenure_drop(struct tenure *t); /* the last one ends it, in a turn of its own, unless it is in force */

#endif
