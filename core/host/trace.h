/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace: messages as they pass, for `covenctl trace`: those that the filter wants, without their secrets. */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include "base/address.h"
#include "host/host.h"

#define TRACE_WORDS_MAX 8    /* of a filter; a message must fit all of them */
#define TRACE_WORD_MAX 256   /* bytes */
#define TRACE_BYTES_MAX 98304 /* of a message; the rest is not shown */

/* An address (with a port: that too), a method, a Call-ID, or the user, user@domain or domain of one who is named in
 * From, To or the Request-URI. */
struct trace_word {
	enum { TRACE_ADDRESS, TRACE_METHOD, TRACE_NAME } kind;
	struct coven_address address;
	char text[TRACE_WORD_MAX];
};
struct trace_filter {
	size_t count;
	struct trace_word words[TRACE_WORDS_MAX];
};
int trace_filter_read(struct trace_filter *f, size_t count, const struct coven_slice *words); /* -1: too many, too long */
/* m: NULL if it cannot be read: then only an address can fit. */
bool trace_filter_fits(const struct trace_filter *f, const struct sip_message *m, const struct coven_address *peer);

/* Any worker: while lookout_wanted(&all->lookout.messages), with every message that comes or leaves. */
void trace_message(struct host *h, const struct coven_flow *flow, struct coven_slice bytes, bool leaves);

/* bytes: rows have the message in hex, for a file, not as text. */
enum coven_verdict trace_begin(struct host_shared *all, struct coven_out *out, const struct trace_filter *f, bool bytes);

#endif
