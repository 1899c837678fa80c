/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow: what stands in the name of a flow.  Pure functions, any thread. */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include <coven/types.h>

/* Two names of one thing are the same bytes: what a kind does not use is zero. */
struct flow_name {
	uint8_t transport; /* enum net_transport_id, 0: none */
	uint16_t listener;
	uint32_t boot;
	struct coven_address far_end;
	uint16_t worker;           /* streams: the owner,        */
	uint32_t slot, generation; /* its slot, and which use of it */
};

struct coven_flow flow_make(const struct flow_name *name);
struct flow_name flow_read(const struct coven_flow *flow);

#endif
