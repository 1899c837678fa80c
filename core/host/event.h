/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event: typed news between plugins.  Implements coven_emit(). */
#ifndef HOST_EVENT_H
#define HOST_EVENT_H

#include "host/host.h"

int event_emit(struct host_shared *all, struct host *here, const struct coven_event *e);

#endif
