/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge: which of the addresses found may be used, and what is demanded there.  Nothing but a table of cases.
 *
 * As soon as one target of a domain has secure TLSA records, the others without are of no use, TLS or not, whatever the
 * policy says: or else whoever can drop packets could choose the weaker way.  Only a policy `plain`, which somebody has
 * written for that very domain, is stronger. */
#ifndef DANE_JUDGE_H
#define DANE_JUDGE_H

#include <coven/tls_policy.h>

enum policy { POLICY_DANE = 0, POLICY_DANE_OR_PKIX = 1, POLICY_PKIX = 2, POLICY_OPPORTUNISTIC = 3, POLICY_PLAIN = 4 };

/* Writes one coven_tls_level a hop.  Gives why hops were refused, a constant text; NULL: none were. */
const char *judge(enum policy policy, const struct coven_tls_way *way, uint8_t *levels);

#endif
