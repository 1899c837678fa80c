/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: a certificate beside a TLSA record, and the values of SRV and TLSA records as they stand in DNS. */
#ifndef DANE_MATCH_H
#define DANE_MATCH_H

#include <coven/tls_policy.h>

#define MATCH_NAME 256

/* Does the record (rdata of type 52) name this certificate?  Usage 3, or 1 of one that is trusted: usages 0 and 2 are
 * about chains, which are not known here. */
bool match_record(struct coven_slice rdata, const struct coven_tls_shown *shown);
/* "_5061._tcp.target" of the rdata of an SRV record.  Gives the length, 0: it is none, or its target is ".". */
size_t match_target(struct coven_slice rdata, char room[MATCH_NAME]);

#endif
