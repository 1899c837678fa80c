/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve: what the domain itself answers when no plugin does: OPTIONS, and 405 with Allow. */
#ifndef HOST_SERVE_H
#define HOST_SERVE_H

#include "host/state.h"

void serve_domain(struct coven_request *r);
/* All values of a list header, joined by commas, in the request's memory. */
struct coven_slice serve_join(struct coven_request *r, enum sip_header id);

#endif
