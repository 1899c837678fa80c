/* SPDX-License-Identifier: GPL-3.0-or-later */
/* receipt: the answer that a sender waits for, given later and never on the sender's
 * stack. */
#ifndef NET_RECEIPT_H
#define NET_RECEIPT_H

#include "base/loop.h"
#include "net/net.h"

#define RECEIPTS_KEPT 256 /* for when there is no memory, and to spare malloc its work */

struct receipt {
	struct list link;
	net_sent_fn *done;
	void *arg;
	uint64_t end; /* of a stream: where its last byte stands in all that was written */
	enum net_sent result;
};

struct receipts {
	struct loop *loop;
	struct list answered, kept;
	unsigned kept_count;
	struct work work;
};

int receipts_init(struct receipts *r, struct loop *loop); /* -1: no memory */
void receipts_done(struct receipts *r); /* those not answered yet never are */

/* For all three a receipt that is NULL is harmless.  NULL: `done` is NULL, or there is no memory at all, and then nobody will be told. */
struct receipt *receipts_take(struct receipts *r, net_sent_fn *done, void *arg);
void receipts_answer(struct receipts *r, struct receipt *receipt, enum net_sent result);
void receipts_drop(struct receipts *r, struct receipt *receipt); /* without an answer */

#endif
