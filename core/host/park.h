/* SPDX-License-Identifier: GPL-3.0-or-later */
/* park: requests that wait, named by tickets. */
#ifndef HOST_PARK_H
#define HOST_PARK_H

#include "host/phase.h"

void park_forget(struct run *run); /* the ticket dies without a word: the hook did not wait after all */
void park_cancel(struct run *run); /* the ticket dies, the plugin is told */

void park_end(struct list *link);  /* of host->parked: at the end of the worker */

/* Implements coven_park(), coven_parked() and coven_resume() of coven/plugin.h. */

#endif
