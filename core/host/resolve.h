/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve: from a target to the next hop, as far as no name server is needed: flows, numeric hosts, configured
 * names; other names are questions for the service `resolver`.  RFC 3263 section 4 for transport and port. */
#ifndef HOST_RESOLVE_H
#define HOST_RESOLVE_H

#include "host/state.h"
#include <coven/resolver.h>

#define RESOLVE_BY_NAME 1
/* 0: there it goes; RESOLVE_BY_NAME: a resolver is to be asked, and this is the question, with slices of the branch; else
 * the status by which the branch fails (502: a name, and nobody resolves it; 478 is not used). */
unsigned resolve_hop(struct coven_branch *b, struct branch_hop *hop, struct coven_question *question);
/* Inside a dialog a name may not lead anywhere but to the other side: see resolve.c. */
bool resolve_allows(const struct coven_branch *b, const struct coven_address *address);

#endif
