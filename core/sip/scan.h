/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan: raw bytes to an index, in one strict and bounded pass.  What it accepts may be forwarded as it is;
 * what it refuses it can still answer, when the headers a response copies were found. */
#ifndef SIP_SCAN_H
#define SIP_SCAN_H

#include "sip/message.h"

/* Why a message was refused.  status: what to answer (400, 413, 505), 0: nothing (not SIP, a bad
 * response, an ACK, no usable Via, From, To, Call-ID or CSeq); why: a constant text that names the header. */
struct sip_fault {
	uint16_t status;
	const char *why;
};

/* Room for an index, reused for each packet: no allocation. */
struct sip_scratch {
	struct sip_field fields[SIP_FIELDS_MAX];
};

/* Reads bytes[0..length).  stream: Content-Length has been used for framing and must be exact;
 * else (datagram) bytes behind the body are left out, and a missing Content-Length means all the rest.
 * 0: good.  -1: refused, *fault says why; with a status != 0, m is good enough for reply_build().
 * Both point into bytes and scratch. */
int sip_scan(struct sip_message *m, const char *bytes, size_t length, bool stream,
             struct sip_scratch *scratch, struct sip_fault *fault);

#endif
