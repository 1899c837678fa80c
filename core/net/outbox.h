/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox: bytes waiting to be written to one stream, in order, and who wants to know
 * when they are. */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "net/receipt.h"

#include <sys/uio.h>

struct outbox {
	struct list chunks, receipts;
	size_t bytes;
	uint64_t put, written; /* in all */
};

void outbox_init(struct outbox *o);
/* Copies the bytes and keeps the receipt.  -1: no memory; the receipt stays the
 * caller's. */
int outbox_put(struct outbox *o, struct coven_slice bytes, struct receipt *receipt);
/* Writes some of the pieces, from the first; how much, or -1 and errno: EAGAIN when no more is taken now. */
typedef ssize_t outbox_writer(void *arg, const struct iovec *pieces, size_t count);
/* Writes until all is gone (0), the writer takes no more (1), or it fails (-1,
 * errno); receipts of what was written are answered. */
int outbox_write(struct outbox *o, outbox_writer *write, void *arg, struct receipts *answers);
/* Frees everything; receipts are answered as gone, or dropped where nobody can be told
 * any more. */
void outbox_done(struct outbox *o, struct receipts *answers, bool tell);

#endif
