/* SPDX-License-Identifier: GPL-3.0-or-later */
/* open: how many transactions somebody still waits for: a request without a final response, a refused INVITE without its
 * ACK, an accepted one in its first second, a request that we sent and that has no answer.  What only absorbs repetitions is not counted. */
#ifndef TX_OPEN_H
#define TX_OPEN_H

#include "tx/tx.h"

size_t tx_open(struct tx *tx);
/* Of these, requests that wait for a plugin: nothing of them has left. */
size_t tx_unsent(struct tx *tx);

#endif
