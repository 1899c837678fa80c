/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock: timers and descriptors of plugins.  Implements coven_after(), coven_cancel(), coven_watch(), coven_unwatch(). */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include "host/host.h"

void clock_purge(struct coven_instance *in); /* nothing of it fires any more */

#endif
