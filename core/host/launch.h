/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launch: a branch finds its address, is shown to SEND, and leaves; or it is a name and goes through ROUTE. */
#ifndef HOST_LAUNCH_H
#define HOST_LAUNCH_H

#include "host/state.h"

void launch_branch(void *up, struct coven_branch *b);
/* Its address is known. */
void launch_hop(struct coven_branch *b, const struct branch_hop *hop);
/* A name was given up in ROUTE: the next takes its turn, later. */
void launch_next_name(struct coven_request *r);

#endif
