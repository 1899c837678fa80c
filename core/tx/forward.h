/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forward: what the proxy itself changes in a message that it passes on.  RFC 3261 16.6, 16.7, 17.1.1.3, 9.1. */
#ifndef TX_FORWARD_H
#define TX_FORWARD_H

#include "tx/branch.h"

/* The part that all branches share: received and rport in the top Via, Max-Forwards.  Once, before the first branch. */
void forward_prepare(struct coven_request *r);

/* In the request's arena: the ACK for a final response >= 300 (scratch memory), the CANCEL.  None: no memory. */
struct coven_slice forward_ack_failed(struct coven_branch *b, const struct sip_message *response);
struct coven_slice forward_cancel(struct coven_branch *b);

/* The response at hand goes upstream (or up, when the request is our own), without our Via. */
void forward_response(struct coven_branch *b);
/* A 2xx that came again, or from another device behind the same branch: past everything that looks at responses. */
void forward_again(struct coven_branch *b, const struct sip_message *m);

#endif
