/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ub_loop: lets libunbound wait for descriptors and time on a libev loop.
 *
 * libunbound's own loops call event_set() and its like by names that libev exports, too, for a larger struct: they
 * must never run in a process that has libev.  With this base they do not. */
#ifndef DNS_UB_LOOP_H
#define DNS_UB_LOOP_H

#include <ev.h>
#include <sys/time.h>
#include <unbound.h>
#include <unbound-event.h>

/* For ub_ctx_create_ub_event(); it must outlive the context.  NULL: no memory. */
struct ub_event_base *ub_loop_new(struct ev_loop *loop);
void ub_loop_free(struct ub_event_base *base);

#endif
