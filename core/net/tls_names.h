/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_names: the SIP domains that a certificate is for (RFC 5922 7.1).  Pure functions, any thread. */
#ifndef NET_TLS_NAMES_H
#define NET_TLS_NAMES_H

#include "net/tls.h"

#include <openssl/x509.h>

#define TLS_SANS_MAX 1024 /* values of a certificate that are looked at */

/* sip:NAME of type URI, without a user, then DNS names; the common name only where there is no SAN at all.  Wildcards and
 * what is no host name are left out.  Those of type URI come first.  The texts are put into `room`.  Gives their number;
 * *more: there are others. */
size_t tls_names_read(const X509 *certificate, struct net_tls_name *names, size_t max,
                      char room[][NET_TLS_NAME_MAX + 1], bool *more);
/* Is it for this one?  All names of the certificate count.  Case and a dot at the end do not matter. */
bool tls_names_has(const X509 *certificate, struct coven_slice name);
/* Host names by LDH labels, an underscore may begin one; no wildcard, no address. */
bool tls_name_valid(struct coven_slice name);

#endif
