/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest: credentials read and checked, challenges written.  RFC 3261 22, RFC 7616, RFC 8760.
 * Values are read through libosipparser2 with memory from the thread's arena (see value.h). */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include "base/arena.h"
#include <coven/digest.h>

/* Implements coven_digest_read(), coven_digest_ha1() and coven_digest_check() of coven/digest.h. */

#endif
