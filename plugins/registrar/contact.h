/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact: one value of a Contact header, checked. */
#ifndef REGISTRAR_CONTACT_H
#define REGISTRAR_CONTACT_H

#include <coven/plugin.h>

/* Why a contact is refused. */
struct contact_fault {
	int status;
	const char *reason;
};

struct contact {
	struct coven_slice uri;
	struct coven_slice instance; /* "<urn:uuid:...>" without its quotes */
	struct coven_slice words;    /* the other parameters, ";a=b;c", for answers */
	uint32_t q, reg_id; /* q: 0 to 1000; reg_id 0: none */
	int64_t seconds;    /* of its expires parameter; -1: none */
};

/* 0, or -1 and the fault.  Slices are of the value or of the request's memory. */
int contact_read(struct coven_instance *in, struct coven_request *req,
		 struct coven_slice value, size_t longest, struct contact *contact,
		 struct contact_fault *fault);

/* Seconds as RFC 3261 25.1 has them; what is none counts as 3600 (10.2.1.1), what is too
 * large as 2^32 - 1. */
int64_t contact_seconds(struct coven_slice text);

/* May this URI be sent to?  Not for a Contact alone: a Path is asked the same, but may be
 * ourselves. */
bool contact_harmless(struct coven_slice text);

#endif
