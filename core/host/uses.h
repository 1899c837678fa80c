/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uses: from the configuration to a chain that is ready: plugins chosen, loaded, put in order, given their options. */
#ifndef HOST_USES_H
#define HOST_USES_H

#include "host/chain.h"
#include "host/conf.h"

/* c is zero before.  Every mistake is a complaint, as many as can be found in one go; `file` is named where something is
 * missing; folders end by NULL; user: see plug_load().  The conf may be freed afterwards.  -1: refused, c is zero. */
int uses_load(struct chain *c, const struct conf_node *root, const char *file, const char *const *folders, uid_t user,
              struct complaints *list);
void uses_free(struct chain *c); /* after host_close(): the chain and its plugs; harmless when zero */

#endif
