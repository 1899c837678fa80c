/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire: what stands in DNS messages and records (RFC 1035, 2782, 3403, 6698).  All of it may be hostile: every length
 * is checked, a pointer of a compressed name leads backwards only, and a record must end where its length says. */
#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include <coven/types.h>

enum wire_type {
	WIRE_A = 1, WIRE_NS = 2, WIRE_CNAME = 5, WIRE_SOA = 6, WIRE_PTR = 12, WIRE_MX = 15, WIRE_TXT = 16,
	WIRE_AAAA = 28, WIRE_SRV = 33, WIRE_NAPTR = 35, WIRE_DNAME = 39, WIRE_DNSKEY = 48, WIRE_TLSA = 52
};

#define WIRE_NAME_MAX 255    /* bytes of a name as it stands in messages                */
#define WIRE_HOST_MAX 254    /* characters of one as people write it, without a last dot */
#define WIRE_RECORDS_MAX 256 /* of one answer; what comes behind them is not looked at  */
#define WIRE_ROOM 131072     /* bytes of all rdata of one answer, names not compressed   */

struct wire_name {
	uint8_t length; /* 0: none */
	uint8_t at[WIRE_NAME_MAX];
};

/* Reads the name at *at of a message and moves *at behind it.  -1: not one. */
int wire_name(struct coven_slice packet, size_t *at, struct wire_name *name);
bool wire_name_same(const struct wire_name *a, const struct wire_name *b); /* ASCII case ignored */
/* In small letters, without a last dot; -1: something else than letters, digits, "-" and "_" is in it.  The root is "". */
int wire_name_text(const struct wire_name *name, char text[WIRE_HOST_MAX + 1]);
int wire_name_read(struct coven_slice text, struct wire_name *name); /* -1: not such a name */

/* What a message says to a question. */
struct wire_answer {
	unsigned rcode;
	bool timed;             /* a time to live was there     */
	uint32_t ttl;           /* the smallest of all that count; of "there is none" as RFC 2308 has it */
	bool aliased;           /* CNAMEs lead to `owner`  */
	struct wire_name owner; /* where the records are   */
	size_t count, used;
	struct coven_slice rdata[WIRE_RECORDS_MAX]; /* in room, names not compressed */
	char room[WIRE_ROOM];
};
/* -1: it is malformed where it matters, and nothing of it counts. */
int wire_read(struct coven_slice packet, const struct wire_name *question, uint16_t type, struct wire_answer *answer);

/* Records, from their rdata.  -1: malformed.  Hosts as wire_name_text() gives them. */
struct wire_srv { uint16_t priority, weight, port; char target[WIRE_HOST_MAX + 1]; /* "": there is none */ };
struct wire_naptr {
	uint16_t order, preference;
	struct coven_slice flags, service, regexp;
	char replacement[WIRE_HOST_MAX + 1];
};
struct wire_tlsa { uint8_t usage, selector, matching; struct coven_slice data; };
int wire_srv(struct coven_slice rdata, struct wire_srv *srv);
int wire_naptr(struct coven_slice rdata, struct wire_naptr *naptr);
int wire_tlsa(struct coven_slice rdata, struct wire_tlsa *tlsa);
bool wire_tlsa_usable(const struct wire_tlsa *tlsa); /* known numbers, and data of the length that they say */

#endif
