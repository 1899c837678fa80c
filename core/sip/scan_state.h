/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_state: what the parts of the scanner share. */
#ifndef SIP_SCAN_STATE_H
#define SIP_SCAN_STATE_H

#include "sip/lex.h"
#include "sip/scan.h"

#define BIT(id) (1ull << (id))

struct scan {
	struct sip_message *m;
	const char *end;   /* of all that came */
	const char *limit; /* of what may be head */
	const char *p;     /* behind the start line */
	struct sip_fault *fault;
	uint64_t seen;              /* header ids */
	bool hopeless;              /* cannot be answered */
	uint16_t last[SIP_HEADERS]; /* of ids seen: index of the last line; the rest is
				       not initialized */
};

/* The first fault is the one that counts. */
static inline void
scan_refuse(struct scan *s, uint16_t status, const char *why)
{
	if (s->fault->why == NULL) {
		s->fault->status = status;
		s->fault->why = why;
	}
}

static inline struct sip_span
scan_span(const struct scan *s, const char *from, const char *to)
{
	return (struct sip_span){ (uint32_t)(from - s->m->bytes), (uint32_t)(to - from) };
}

/* The start line, read from s->p on, which is behind it then.  -1: this is not SIP. */
int scan_start(struct scan *s);

/* What the lines that were found mean. */
void scan_known(struct scan *s);

/* The number that a header is; -1: absent or refused, with 400 or, when above max, with
 * that status. */
int64_t scan_number(struct scan *s, enum sip_header id, uint64_t max, uint16_t status);

#endif
