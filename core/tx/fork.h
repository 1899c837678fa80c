/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fork: the response context of RFC 3261 16.7: targets by q, branches in parallel, the best response. */
#ifndef TX_FORK_H
#define TX_FORK_H

#include "tx/branch.h"

/* Takes t.  -1: a final response was decided, a 6xx came, REQUEST_TARGETS_MAX, no memory. */
int fork_add(struct coven_request *r, struct coven_target *t);
/* One more branch for the target of one that has failed, or is silent and has given up its breadth.  -1: a final response
 * was decided, no memory. */
int fork_again(struct coven_branch *b);
/* Starts what may start now; when nothing is left and nothing runs, chooses the best and asks up->failed(). */
void fork_run(struct coven_request *r);
/* After up->failed(): new targets run; else the best response leaves. */
void fork_finish(struct coven_request *r);
/* A branch has become final, >= 300; and floor 4 has seen it. */
void fork_weigh(struct coven_branch *b);
void fork_settle(struct coven_branch *b);
/* 2xx, or 6xx, or CANCEL: the others are cancelled. */
void fork_cancel(struct coven_request *r, const struct coven_branch *but, struct coven_slice reason);

#endif
