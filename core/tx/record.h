/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: our Record-Route, RFC 3261 16.6 step 4; two of them where transport, listener or family change,
 * since responses are not edited (RFC 5658). */
#ifndef TX_RECORD_H
#define TX_RECORD_H

#include "tx/branch.h"

/* Our address as it stands in Via and Record-Route: an IPv6 scope means nothing to anybody else. */
struct coven_slice record_host(const struct coven_address *a, char room[ADDRESS_TEXT]);
int record_route(struct coven_branch *b, const struct net_flow_facts *to); /* -1: no memory */

#endif
