/* SPDX-License-Identifier: GPL-3.0-or-later */
/* life: the steps of a request from its arrival to its targets. */
#ifndef HOST_LIFE_H
#define HOST_LIFE_H

#include "host/state.h"

void life_request(void *up, struct coven_request *r);
void life_ack(void *up, struct coven_request *r);
bool life_cancel(void *up, struct coven_request *r, struct coven_request *invite);
void life_cancelled(void *up, struct coven_request *r);
void life_given_up(void *up, struct coven_branch *b);
void life_gone(void *up, struct coven_request *r);

/* After SERVE, or where nobody serves. */
void life_route(struct coven_request *r);
/* What ROUTE came to, for the request itself or for a name: 0: there are more targets than `before`; else the
 * status to answer. */
unsigned life_routed(struct coven_request *r, enum coven_verdict verdict, unsigned before);

#endif
