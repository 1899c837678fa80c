/* SPDX-License-Identifier: GPL-3.0-or-later */
/* via: the top Via taken apart.  RFC 3261 section 20.42, RFC 3581. */
#ifndef SIP_VIA_H
#define SIP_VIA_H

#include "sip/message.h"

enum via_verdict {
	VIA_GOOD,
	VIA_BAD,      /* malformed, but it says where it came from: it can be answered */
	VIA_HOPELESS, /* not even that */
};
/* Fills m->via from the first value of that line.  Of a bad one, m->via.value is the
 * whole line. */
enum via_verdict via_read(struct sip_message *m, const struct sip_field *line);

#endif
