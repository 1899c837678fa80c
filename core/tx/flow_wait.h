/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow_wait: which branches wait for an answer on a stream, so that its end is told to them and to no others. */
#ifndef TX_FLOW_WAIT_H
#define TX_FLOW_WAIT_H

#include "tx/branch.h"

void flow_wait_add(struct coven_branch *b);    /* b->flow; harmless for datagrams */
void flow_wait_remove(struct coven_branch *b); /* harmless when it does not wait */
void flow_wait_closed(struct tx *tx, const struct coven_flow *flow);

#endif
