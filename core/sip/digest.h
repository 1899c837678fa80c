/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest: credentials read and checked.  RFC 3261 22, RFC 7616, RFC 8760.  By own code: libosipparser2 forgets
 * fields that it does not know and keeps the last of doubled ones. */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include "base/arena.h"
#include <coven/digest.h>

/* Implements coven_digest_read(), coven_digest_ha1() and coven_digest_check() of coven/digest.h. */

#endif
