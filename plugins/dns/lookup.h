/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookup: the commands "covenctl dns ...". */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include "desk.h"

#define LOOKUP_USAGE "lookup URI [TYPE] | flush | status"
#define LOOKUP_HELP "where a call to a URI would go, by DNS; forget what is known; figures"

enum coven_verdict lookup_command(struct coven_instance *in, struct coven_out *out, size_t count,
                                  const struct coven_slice *words);

#endif
