/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve: from a target to the next hop, as far as no name server is needed: flows, numeric hosts, configured
 * names.  RFC 3263 section 4 for transport and port. */
#ifndef HOST_RESOLVE_H
#define HOST_RESOLVE_H

#include "host/state.h"

/* 0, or the status by which the branch fails (502: a name, and nobody resolves it; 478 is not used). */
unsigned resolve_hop(struct coven_branch *b, struct branch_hop *hop);

#endif
