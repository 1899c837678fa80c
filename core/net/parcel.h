/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parcel: bytes sent to a connection of another worker, and the answer on its way back. */
#ifndef NET_PARCEL_H
#define NET_PARCEL_H

#include "base/loop.h"
#include "net/net.h"

#define PARCEL_RETRY_MS 10 /* until an answer that found a full box is posted again */

struct parcels {
	struct list unposted; /* answers that found the sender's box full */
	struct timer retry;
};

void parcels_init(struct net *n);
void parcels_done(struct net *n);

/* Copies the bytes and posts them to the owner; `done` comes later on this net's thread. */
void parcel_send(struct net *n, unsigned worker, const struct coven_flow *flow,
                 struct coven_slice bytes, net_sent_fn *done, void *arg);

#endif
