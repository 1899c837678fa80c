/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof: for which domain the far end of an accepted TLS connection may speak.  It has shown a certificate; the service
 * `tls-policy` says whether that proves one of the domains it names (RFC 5922, 5923).  Until it has said so nothing is read
 * from the connection; what it says is asked again, in the background, when its time is over. */
#ifndef HOST_PROOF_H
#define HOST_PROOF_H

#include "host/state.h"
#include "net/tls.h"

/* On the worker that owns the connection. */
void proof_secured(struct host *h, const struct coven_flow *flow, const struct net_tls_peer *peer);
void proof_closed(struct host *h, const struct coven_flow *flow);
void proof_end(struct host *h); /* all that it still has */

/* The domain that this request's connection is proven for, if it is the one that its From names; else none. */
struct coven_slice proof_of(const struct coven_request *r);
/* What a caller says of himself counts only as far as he has shown it: P-Asserted-Identity of another domain, or of
 * somebody who is nobody, goes (RFC 3325 7). */
void proof_strip(struct coven_request *r);

#endif
