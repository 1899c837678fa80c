/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prove: for which domain may a connection that came in speak?  The certificate names domains; SRV records of such a domain
 * lead to hosts, and a TLSA record of one of these must name the certificate's key; all of it validated.  Where a domain
 * has no such records, a certificate that leads to a trusted authority will do. */
#ifndef DANE_PROVE_H
#define DANE_PROVE_H

#include <coven/tls_policy.h>

#define PROVE_MAX 256          /* certificates that one worker looks at, at once, */
#define PROVE_PER_SOURCE 8     /* and of one address */
#define PROVE_TARGETS 8        /* hosts of one domain */
#define PROVE_LEAST_MS 30000
#define PROVE_PKIX_MS 3600000

void prove(struct coven_instance *in, coven_call call, const struct coven_tls_shown *shown);
void prove_end(struct coven_instance *in); /* all of this worker */

#endif
