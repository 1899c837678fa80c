/* SPDX-License-Identifier: GPL-3.0-or-later */
/* missing -- calls a function that no covend has: the loader must name it. */
#include <coven/plugin.h>

int coven_that_never_was(struct coven_instance *in);

static enum coven_verdict
start(struct coven_instance *in)
{
	return coven_that_never_was(in) == 0 ? COVEN_DONE : COVEN_FAIL;
}

COVEN_PLUGIN(.name = "missing", .version = "1.0", .summary = "must not be loaded",
	     .start = start);
