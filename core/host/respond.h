/* SPDX-License-Identifier: GPL-3.0-or-later */
/* respond: replies of our own: made by a plugin or by the core, shown to REPLY hooks, sent. */
#ifndef HOST_RESPOND_H
#define HOST_RESPOND_H

#include "host/state.h"

/* tx asks: the bytes as built become the bytes to send. */
struct coven_slice respond_reply(void *up, struct coven_request *r, unsigned status, struct coven_slice bytes);
void respond_leave(struct coven_request *r); /* the final reply that a plugin made */

/* Implements coven_reply(), coven_reply_status() and coven_reply_view(). */

#endif
