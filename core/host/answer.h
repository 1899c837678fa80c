/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer: responses of branches are shown to RECV; branches that failed to BRANCH_FAILED; a request that failed
 * to FAILED. */
#ifndef HOST_ANSWER_H
#define HOST_ANSWER_H

#include "host/state.h"

void answer_response(void *up, struct coven_branch *b, const struct sip_message *m);
void answer_branch_failed(void *up, struct coven_branch *b);
void answer_failed(void *up, struct coven_request *r);

#endif
