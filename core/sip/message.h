/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message: the index of a SIP message: where in its bytes each part stands.  Positions are offsets, so
 * that message and index can be copied to other memory together.  RFC 3261 section 7. */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "base/arena.h"
#include <coven/types.h>

/* Limits; the scanner refuses what goes beyond. */
#define SIP_HEAD_MAX 32768    /* bytes of start line and headers      */
#define SIP_BODY_MAX 65536    /* bytes of body that anybody here makes */
#define SIP_BODY_LARGE (4 * 1024 * 1024) /* and that streams may be allowed to bring, see net/frame.h */
#define SIP_FIELDS_MAX 128    /* header lines                         */
#define SIP_VALUES_MAX 64     /* values of one list header, all lines */
#define SIP_VALUE_MAX 8192    /* bytes of one header line's value     */
#define SIP_PARAMS_MAX 32     /* parameters of one value              */

/* Headers that the core knows by number.  Compact and long forms have the same one; k o x r b s u too. */
enum sip_header {
	SIP_OTHER = 0,
	SIP_VIA, SIP_FROM, SIP_TO, SIP_CALL_ID, SIP_CSEQ, SIP_MAX_FORWARDS, SIP_ROUTE,
	SIP_RECORD_ROUTE, SIP_CONTACT, SIP_CONTENT_LENGTH, SIP_CONTENT_TYPE, SIP_CONTENT_ENCODING,
	SIP_EXPIRES, SIP_MIN_EXPIRES, SIP_AUTHORIZATION, SIP_PROXY_AUTHORIZATION, SIP_WWW_AUTHENTICATE,
	SIP_PROXY_AUTHENTICATE, SIP_SUPPORTED, SIP_REQUIRE, SIP_PROXY_REQUIRE, SIP_UNSUPPORTED, SIP_ALLOW,
	SIP_ACCEPT, SIP_PATH, SIP_SERVICE_ROUTE, SIP_EVENT, SIP_ALLOW_EVENTS, SIP_REASON, SIP_RETRY_AFTER,
	SIP_MAX_BREADTH, SIP_TIMESTAMP, SIP_SUBJECT, SIP_REFER_TO, SIP_REFERRED_BY, SIP_SESSION_EXPIRES,
	SIP_DATE, SIP_USER_AGENT, SIP_SERVER, SIP_WARNING, SIP_DIVERSION, SIP_HISTORY_INFO, SIP_REPLACES,
	SIP_HEADERS
};

enum sip_method {
	SIP_METHOD_OTHER = 0,
	SIP_INVITE, SIP_ACK, SIP_BYE, SIP_CANCEL, SIP_REGISTER, SIP_OPTIONS, SIP_MESSAGE, SIP_SUBSCRIBE,
	SIP_NOTIFY, SIP_PUBLISH, SIP_INFO, SIP_UPDATE, SIP_PRACK, SIP_REFER
};

struct sip_span {
	uint32_t at, length; /* both 0: absent */
};

/* One header line, with its folded continuations. */
struct sip_field {
	uint32_t line, end;   /* from the name's first byte to behind the last CRLF */
	struct sip_span name; /* as written, without blanks and colon               */
	struct sip_span value; /* without blanks around; folds are inside as written */
	uint16_t next;        /* index + 1 of the next line of the same id; 0: none (not for SIP_OTHER) */
	uint8_t id;           /* enum sip_header */
};

/* The top Via, taken apart. */
struct sip_via {
	struct sip_span value;     /* this one value, up to the comma or the end */
	struct sip_span transport; /* "UDP" */
	struct sip_span sent_by;   /* host and port as written */
	struct sip_span host, port;
	struct sip_span branch, received;
	struct sip_span rport;     /* the value, empty for a bare ;rport */
	bool has_rport;
};

struct sip_message {
	const char *bytes;
	uint32_t length;      /* up to the end of the body: what is behind Content-Length is not counted */
	uint32_t head;        /* up to and with the empty line: where the body begins */
	uint32_t first_line;  /* length of the start line with its CRLF: where headers begin */
	struct sip_span body;

	struct sip_span method; /* as written; of a response, from CSeq */
	struct sip_span uri;    /* Request-URI; absent in a response */
	struct sip_span reason; /* of a response */
	uint16_t status;        /* 0: a request */
	uint8_t method_id;      /* enum sip_method; of a response, from CSeq */

	uint16_t field_count;
	uint16_t first[SIP_HEADERS]; /* index + 1 of the first line of an id; 0: none; [SIP_OTHER] unused */
	struct sip_field *fields;

	struct sip_via via;
	struct sip_span call_id, from, to; /* whole values */
	struct sip_span from_uri, to_uri;  /* without the angle brackets */
	struct sip_span from_tag, to_tag;  /* absent: none */
	uint32_t cseq;
	int32_t max_forwards;   /* -1: none */
	int64_t content_length; /* -1: none */
};

static inline struct coven_slice
sip_slice(const struct sip_message *m, struct sip_span span)
{
	if (span.at == 0 && span.length == 0)
		return (struct coven_slice){ NULL, 0 };
	return (struct coven_slice){ m->bytes + span.at, span.length };
}

static inline bool
sip_has(const struct sip_message *m, enum sip_header id)
{
	return m->first[id] != 0;
}

/* Name to number and back; names in any case, compact forms too.  Methods are case-sensitive. */
enum sip_header sip_header_id(struct coven_slice name);
const char *sip_header_name(enum sip_header id); /* the long form, "" for SIP_OTHER */
bool sip_header_is_list(enum sip_header id);     /* values may be joined by commas */
uint64_t sip_header_lists(void);                 /* the same as a set of bits: 1 << id */
enum sip_method sip_method_id(struct coven_slice method);

/* The first line of that header, whole; none when absent.  For headers that occur once. */
struct coven_slice sip_first(const struct sip_message *m, enum sip_header id);

/* Copies bytes and index into the arena.  -1: no memory. */
int sip_copy(struct sip_message *to, const struct sip_message *from, struct arena *arena);

/* Walks the values of a header over all its lines, forms and commas (quotes and angle brackets are
 * understood).  `name` counts for SIP_OTHER only. */
struct sip_walk {
	const struct sip_message *message;
	struct coven_slice name;
	enum sip_header id;
	uint32_t field;   /* of the value at hand: index in fields */
	struct sip_span value;
	bool alone;       /* the only value on its line */
	uint32_t from, at, next_field; /* the walker's own */
};
void sip_walk(struct sip_walk *w, const struct sip_message *m, enum sip_header id, struct coven_slice name);
bool sip_walk_next(struct sip_walk *w);

#endif
