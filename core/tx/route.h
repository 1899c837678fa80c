/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route: what the Route headers of an arriving request say (RFC 3261 16.4), and whether it is inside a
 * dialog of ours (DESIGN: a To tag, our Route on top, and a token that verifies). */
#ifndef TX_ROUTE_H
#define TX_ROUTE_H

#include "tx/request.h"

/* Strips Route values that name us, restores the Request-URI behind a strict router, sets r->in_dialog and
 * r->dialog. */
void route_arrive(struct coven_request *r);
#define REQUEST_ROUTES_MAX 32
/* The values of a comma-joined list, at most `max`. */
size_t route_split(struct coven_slice text, struct coven_slice *list, size_t max);

/* The top Route value's URI that is left, or none. */
struct coven_slice route_next(const struct edit *e);
/* Does a Via of ours with the same loop hash show that it was here before? */
bool route_loops(struct coven_request *r);

#endif
