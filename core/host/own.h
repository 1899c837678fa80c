/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own: requests that plugins send themselves.  Implements coven_new_request(), coven_send() and the like. */
#ifndef HOST_OWN_H
#define HOST_OWN_H

#include "host/state.h"

void own_answered(void *up, struct coven_request *r, unsigned status, const struct sip_message *m,
                  struct coven_branch *b);
void own_purge(struct coven_instance *in); /* every `done` that is outstanding runs, with 487 */

#endif
