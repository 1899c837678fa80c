/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply: a response made from a request.  RFC 3261 8.2.6: Via lines in their order, the top one with
 * `received` and `rport` filled in (18.2.1, RFC 3581), From, To with our tag, Call-ID, CSeq. */
#ifndef SIP_REPLY_H
#define SIP_REPLY_H

#include "sip/message.h"

struct reply_line { /* one more header line */
	struct coven_slice name, value;
};

struct reply {
	const struct sip_message *request;     /* perhaps a refused one (see scan.h) */
	const struct coven_address *source;    /* where it came from: for received and rport */
	uint16_t status;
	struct coven_slice reason;             /* none: the usual one */
	struct coven_slice to_tag;             /* put where To has none and status > 100 */
	const struct reply_line *lines;
	size_t line_count;
	struct coven_slice body;               /* with Content-Type among lines */
	bool record_route;                     /* copy Record-Route (a dialog begins) */
};
/* The whole response; none: no memory, or the request lacks what a response must copy. */
struct coven_slice reply_build(const struct reply *r, struct arena *arena);
const char *reply_reason(unsigned status); /* "Trying", "OK", ...; "" for an unknown status */

/* The top Via's value as it is passed on and answered: received always replaced or added with the
 * source's address, rport filled in when present.  None: no memory. */
struct coven_slice reply_via(const struct sip_message *m, const struct coven_address *source, struct arena *arena);

#endif
