/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cancel: a CANCEL that arrives.  RFC 3261 9.2 and 16.10. */
#ifndef TX_CANCEL_H
#define TX_CANCEL_H

#include "tx/request.h"

void cancel_receive(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow);

#endif
