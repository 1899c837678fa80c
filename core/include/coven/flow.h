/* SPDX-License-Identifier: MIT
 * coven/flow.h -- what is known of the way a message came, and bytes sent back along it.
 */
#ifndef COVEN_FLOW_H
#define COVEN_FLOW_H

#include <coven/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

enum coven_flow_flag {
	COVEN_FLOW_STREAM = 1, COVEN_FLOW_SECURE = 2,
	COVEN_FLOW_PRIVATE = 8 /* the far address is private, link-local or loopback */
};

/* A copy of what the flow's name tells; true also when the connection has gone.  -1: no flow. */
struct coven_flow_info {
	uint32_t size, flags;
	struct coven_address near_end, far_end;
	struct coven_slice transport; /* "udp", "tcp" */
};
int coven_flow_facts(const struct coven_instance *in, struct coven_flow flow,
                     struct coven_flow_info *info); /* set info->size first */
bool coven_flow_alive(const struct coven_instance *in, struct coven_flow flow); /* datagrams: always */
bool coven_is_private(const struct coven_address *address);
bool coven_is_unicast(const struct coven_address *address); /* can be sent to: not 0/8, multicast, broadcast */

/* Sending: from any worker, any flow; bytes are copied; done comes once, later, on this worker. */
enum coven_sent { COVEN_SENT = 0, COVEN_FLOW_GONE = 1, COVEN_FLOW_FULL = 2 };
typedef void coven_sent_fn(struct coven_instance *in, void *arg, enum coven_sent result);
void coven_flow_send(struct coven_instance *in, struct coven_flow flow, struct coven_slice bytes,
                     coven_sent_fn *done, void *arg);

#ifdef __cplusplus
}
#endif
#endif
