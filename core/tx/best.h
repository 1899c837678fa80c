/* SPDX-License-Identifier: GPL-3.0-or-later */
/* best: which of the failed branches' responses goes upstream.  RFC 3261 16.7 steps 6 to 9. */
#ifndef TX_BEST_H
#define TX_BEST_H

#include "tx/branch.h"

struct coven_branch *best_of(const struct coven_request *r); /* NULL: there was none */
void best_leaves(struct coven_request *r);

#endif
