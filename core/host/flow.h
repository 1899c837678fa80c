/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow: what plugins may know of flows, and send on them.  Implements coven/flow.h. */
#ifndef HOST_FLOW_H
#define HOST_FLOW_H

#include "host/host.h"

void flow_forget(struct coven_instance *in); /* it stops: what it has sent is answered no more */

#endif
