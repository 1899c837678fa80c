/* SPDX-License-Identifier: GPL-3.0-or-later */
/* needy -- needs a service that nobody gives. */
#include <coven/plugin.h>

static const struct coven_need needs[] = { { "weather", 3 }, { NULL, 0 } };

COVEN_PLUGIN(.name = "needy", .version = "1.0", .summary = "must not be loaded",
	     .needs = needs);
