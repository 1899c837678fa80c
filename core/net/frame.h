/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frame: where a message ends on a stream, found without looking at a byte twice.  RFC
 * 3261 18.3. */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include <coven/types.h>

#define FRAME_HEAD_MAX 32768
#define FRAME_BODY_MAX 65536              /* unless somebody allows more, */
#define FRAME_BODY_LARGE (4 * 1024 * 1024) /* which is this at most */

enum frame_kind {
	FRAME_MORE = 0,    /* not whole yet                              */
	FRAME_MESSAGE = 1, /* `length` bytes are one message             */
	FRAME_BLANK = 2,   /* one line end between messages; `ping`: a second CRLF */
	FRAME_OTHER = 3,   /* the first byte cannot begin SIP            */
	FRAME_BAD = 400,   /* `length` bytes are a whole head whose Content-Length is no good */
	FRAME_LARGE = 413  /* the same for a body, or a head, beyond the limits */
};

/* Zero at the start of a stream; frame_next() keeps it after that. */
struct frame {
	uint32_t seen;  /* bytes looked at                                 */
	uint32_t line;  /* where the header being read begins              */
	uint32_t head;  /* length of the head, 0: not found yet            */
	uint32_t body;  /* Content-Length                                  */
	uint16_t fault; /* FRAME_BAD or FRAME_LARGE: told once the head is whole, for the answer */
	bool sized;     /* Content-Length was seen                         */
	bool blank;     /* a CRLF came last: one more makes it a keepalive */
};

struct frame_result {
	enum frame_kind kind;
	size_t length;
	bool ping;
};

/* bytes: all that came since what was taken last (FRAME_MESSAGE and FRAME_BLANK take
 * `length` bytes). What comes out does not depend on the pieces in which the bytes
 * came.  A missing Content-Length means no body; two that differ, signs, words and
 * bare line feeds are bad, and a body beyond body_max is too large. */
struct frame_result frame_next(struct frame *f, const char *bytes, size_t length,
                               uint32_t body_max);

/* A token of RFC 3261 25.1 can begin with it, so a method or "SIP/2.0" can. */
bool frame_begins(char c);

#endif
