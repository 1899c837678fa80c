/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock: the two clocks at one moment.  Ends are kept by the one that never jumps. */
#ifndef STORE_CLOCK_H
#define STORE_CLOCK_H

#include <stdint.h>

struct binding_clock {
	int64_t now_ms, wall_ms;
};

#endif
