/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blame: wrong passwords counted, told and, when they are too many, refused. */
#ifndef AUTH_DIGEST_BLAME_H
#define AUTH_DIGEST_BLAME_H

#include "visit.h"

/* For how many ms is whoever got this visit's nonce still refused for this user?  0: not
 * at all.  Takes the nonce's word for it: a forged one gets its forger refused. */
int64_t blame_left(struct coven_instance *in, const struct visit *visit);

/* The answer was wrong, and the nonce ours. */
void blame_wrong(struct coven_instance *in, struct coven_request *req,
		 const struct visit *visit);

#endif
