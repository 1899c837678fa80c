/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wish: what a REGISTER wants to have changed. */
#ifndef REGISTRAR_WISH_H
#define REGISTRAR_WISH_H

#include "contact.h"

#include <coven/store.h>

#define WISH_CONTACTS 100    /* more in one request, or for one user, no option allows */
#define WISH_AGENT_BYTES 128 /* so much of a User-Agent is kept */

struct wish_options {
	bool authenticated, date;
	int64_t min_expires, default_expires, max_expires, contacts, contact_size;
};

struct wish {
	struct coven_change *changes; /* of the request's memory; none: a question */
	size_t count;
};

/* 0, or -1 and the fault. */
int wish_read(struct coven_instance *in, struct coven_request *req, struct wish *wish,
	      struct contact_fault *fault);

#endif
