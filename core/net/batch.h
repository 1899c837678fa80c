/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch: datagrams on their way out, sent with few system calls before the loop sleeps. */
#ifndef NET_BATCH_H
#define NET_BATCH_H

#include "net/udp.h"

#define BATCH_MAX 64                /* datagrams */
#define BATCH_ROOM (4 * 65536)      /* bytes     */

struct batch;
struct batch *batch_new(void); /* NULL: no memory */
void batch_free(struct batch *b); /* what is still in it is not sent */

/* Copies the bytes.  Too long for a datagram is answered as gone. */
void batch_add(struct batch *b, struct udp_socket *s, const struct coven_address *to,
               struct coven_slice bytes, struct receipt *receipt);
void batch_flush(struct batch *b);

#endif
