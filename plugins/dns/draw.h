/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draw: the order of SRV targets (RFC 2782): by priority, and among equals by lot, weighted.  The lots come from a
 * number: the same number and records give the same order. */
#ifndef DNS_DRAW_H
#define DNS_DRAW_H

#include "wire.h"

struct draw {
	uint64_t state;
};

uint64_t draw_next(struct draw *d);
uint64_t draw_below(struct draw *d, uint64_t limit); /* 0 to limit - 1; limit at least 1 */
void draw_order(struct draw *d, struct wire_srv *targets, size_t count);
void draw_shuffle(struct draw *d, struct coven_slice *items, size_t count);

#endif
