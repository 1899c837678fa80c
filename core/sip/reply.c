/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply: a response made from a request, written into one piece of memory.  RFC 3261 8.2.6,
 * 18.2.1, RFC 3581. */
#include "sip/reply.h"
#include "base/address.h"
#include "base/text.h"
#include "sip/lex.h"

#define VIA_MORE (2 * ADDRESS_TEXT) /* what received and rport may add */
#define LINE_MORE 64                /* start line or Content-Length without what varies */

const char *
reply_reason(unsigned status)
{
	switch (status) {
	case 100: return "Trying";
	case 180: return "Ringing";
	case 181: return "Call Is Being Forwarded";
	case 182: return "Queued";
	case 183: return "Session Progress";
	case 199: return "Early Dialog Terminated";
	case 200: return "OK";
	case 202: return "Accepted";
	case 204: return "No Notification";
	case 300: return "Multiple Choices";
	case 301: return "Moved Permanently";
	case 302: return "Moved Temporarily";
	case 305: return "Use Proxy";
	case 380: return "Alternative Service";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 402: return "Payment Required";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 406: return "Not Acceptable";
	case 407: return "Proxy Authentication Required";
	case 408: return "Request Timeout";
	case 410: return "Gone";
	case 412: return "Conditional Request Failed";
	case 413: return "Request Entity Too Large";
	case 414: return "Request-URI Too Long";
	case 415: return "Unsupported Media Type";
	case 416: return "Unsupported URI Scheme";
	case 417: return "Unknown Resource-Priority";
	case 420: return "Bad Extension";
	case 421: return "Extension Required";
	case 422: return "Session Interval Too Small";
	case 423: return "Interval Too Brief";
	case 424: return "Bad Location Information";
	case 428: return "Use Identity Header";
	case 429: return "Provide Referrer Identity";
	case 430: return "Flow Failed";
	case 433: return "Anonymity Disallowed";
	case 436: return "Bad Identity-Info";
	case 437: return "Unsupported Certificate";
	case 438: return "Invalid Identity Header";
	case 439: return "First Hop Lacks Outbound Support";
	case 440: return "Max-Breadth Exceeded";
	case 469: return "Bad Info Package";
	case 470: return "Consent Needed";
	case 480: return "Temporarily Unavailable";
	case 481: return "Call/Transaction Does Not Exist";
	case 482: return "Loop Detected";
	case 483: return "Too Many Hops";
	case 484: return "Address Incomplete";
	case 485: return "Ambiguous";
	case 486: return "Busy Here";
	case 487: return "Request Terminated";
	case 488: return "Not Acceptable Here";
	case 489: return "Bad Event";
	case 491: return "Request Pending";
	case 493: return "Undecipherable";
	case 494: return "Security Agreement Required";
	case 500: return "Server Internal Error";
	case 501: return "Not Implemented";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	case 504: return "Server Time-out";
	case 505: return "Version Not Supported";
	case 513: return "Message Too Large";
	case 555: return "Push Notification Service Not Supported";
	case 580: return "Precondition Failure";
	case 600: return "Busy Everywhere";
	case 603: return "Decline";
	case 604: return "Does Not Exist Anywhere";
	case 606: return "Not Acceptable";
	case 607: return "Unwanted";
	case 608: return "Rejected";
	}
	return "";
}

static inline char *
put(char *out, const char *bytes, size_t length)
{
	memcpy(out, bytes, length);
	return out + length;
}

#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static char *
put_number(char *out, size_t number)
{
	char digits[20], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	return put(out, p, (size_t)(digits + sizeof digits - p));
}

/* The same without what could end a line. */
static char *
put_cleaned(char *out, const char *bytes, size_t length)
{
	char *end = put(out, bytes, length);

	while ((out += lex_control(out, end, end) - out) < end) {
		if (end - out > 2 && out[0] == '\r' && out[1] == '\n' &&
		    (out[2] == ' ' || out[2] == '\t'))
			out += 3;
		else
			*out++ = '?';
	}
	return end;
}

/* Bytes of the request from `from` to `to`: a refused one may hold anything. */
static char *
put_clean(char *out, const struct sip_message *m, const char *from, const char *to)
{
	size_t length = (size_t)(to - from);

	if (lex_control(from, to, m->bytes + m->length) == to)
		return put(out, from, length);
	return put_cleaned(out, from, length);
}

static inline const char *
span_end(const struct sip_message *m, struct sip_span span)
{
	return m->bytes + span.at + span.length;
}

/* The top Via's value up to `end`, with received and rport. */
static char *
put_via(char *out, const struct sip_message *m, const struct coven_address *source,
	const char *from, const char *end)
{
	char room[ADDRESS_TEXT];
	struct coven_slice host = address_print_host(source, room);
	const char *sent_by_end = span_end(m, m->via.sent_by);
	bool received_done = m->via.received.at == 0, rport_done = !m->via.has_rport;

	if (host.length && *host.at == '[') /* RFC 3261 has it without brackets here */
		host = text_cut(host, 1, host.length - 1);
	if (received_done) {
		out = put_clean(out, m, from, sent_by_end);
		out = PUT(out, ";received=");
		out = put(out, host.at, host.length);
		from = sent_by_end;
	}
	while (!received_done || !rport_done) {
		bool rport = !rport_done &&
			     (received_done || m->via.rport.at < m->via.received.at);
		struct sip_span old = rport ? m->via.rport : m->via.received;

		out = put_clean(out, m, from, m->bytes + old.at);
		if (rport && old.length == 0)
			*out++ = '=';
		out = rport ? put_number(out, source->port)
			    : put(out, host.at, host.length);
		from = span_end(m, old);
		*(rport ? &rport_done : &received_done) = true;
	}
	return put_clean(out, m, from, end);
}

struct coven_slice
reply_via(const struct sip_message *m, const struct coven_address *source,
	  struct arena *arena)
{
	char *value, *end;

	if (m->via.sent_by.length == 0)
		return (struct coven_slice){ NULL, 0 };
	value = arena_alloc(arena, m->via.value.length + VIA_MORE);
	if (value == NULL)
		return (struct coven_slice){ NULL, 0 };
	end = put_via(value, m, source, m->bytes + m->via.value.at,
		      span_end(m, m->via.value));
	return (struct coven_slice){ value, (size_t)(end - value) };
}

/* The lines of one header as they came, from the one with that number on. */
static char *
put_lines(char *out, const struct sip_message *m, uint16_t number)
{
	for (; number != 0; number = m->fields[number - 1].next) {
		const struct sip_field *f = &m->fields[number - 1];

		out = put_clean(out, m, m->bytes + f->line, m->bytes + f->end - 2);
		out = PUT(out, "\r\n");
	}
	return out;
}

/* The first line only: a refused request may have two. */
static char *
put_line(char *out, const struct sip_message *m, enum sip_header id,
	 struct coven_slice tag)
{
	const struct sip_field *f = &m->fields[m->first[id] - 1];

	out = put_clean(out, m, m->bytes + f->line, span_end(m, f->value));
	if (tag.length) {
		out = PUT(out, ";tag=");
		out = put(out, tag.at, tag.length);
	}
	return PUT(out, "\r\n");
}

static char *
put_vias(char *out, const struct reply *r)
{
	const struct sip_message *m = r->request;
	const struct sip_field *top = &m->fields[m->first[SIP_VIA] - 1];

	out = put_via(out, m, r->source, m->bytes + top->line, m->bytes + top->end - 2);
	out = PUT(out, "\r\n");
	return put_lines(out, m, top->next);
}

/* Bytes that a reply can have at most. */
static size_t
room_for(const struct reply *r, struct coven_slice reason)
{
	const struct sip_message *m = r->request;
	size_t i, size = reason.length + r->to_tag.length + r->body.length + VIA_MORE +
			 3 * LINE_MORE;

	for (i = 0; i < m->field_count; i++) {
		const struct sip_field *f = &m->fields[i];

		if ((f->id >= SIP_VIA && f->id <= SIP_CSEQ) ||
		    f->id == SIP_RECORD_ROUTE || f->id == SIP_TIMESTAMP)
			size += f->end - f->line;
	}
	for (i = 0; i < r->line_count; i++)
		size += r->lines[i].name.length + r->lines[i].value.length + 4;
	return size;
}

static bool
can_be_answered(const struct sip_message *m)
{
	return m->status == 0 && m->via.sent_by.length && sip_has(m, SIP_VIA) &&
	       sip_has(m, SIP_FROM) && sip_has(m, SIP_TO) && sip_has(m, SIP_CALL_ID) &&
	       sip_has(m, SIP_CSEQ);
}

/* Start line and the headers that every response copies. */
static char *
put_head(char *out, const struct reply *r, struct coven_slice reason)
{
	const struct sip_message *m = r->request;
	struct coven_slice none = { NULL, 0 };
	bool tagged = r->status == 100 || m->to_tag.length != 0;

	out = PUT(out, "SIP/2.0 ");
	out = put_number(out, r->status);
	*out++ = ' ';
	out = put_cleaned(out, reason.at, reason.length);
	out = PUT(out, "\r\n");
	out = put_vias(out, r);
	out = put_line(out, m, SIP_FROM, none);
	out = put_line(out, m, SIP_TO, tagged ? none : r->to_tag);
	out = put_line(out, m, SIP_CALL_ID, none);
	out = put_line(out, m, SIP_CSEQ, none);
	if (r->record_route)
		out = put_lines(out, m, m->first[SIP_RECORD_ROUTE]);
	if (r->status == 100 && sip_has(m, SIP_TIMESTAMP))
		out = put_line(out, m, SIP_TIMESTAMP, none);
	return out;
}

struct coven_slice
reply_build(const struct reply *r, struct arena *arena)
{
	struct coven_slice reason =
		r->reason.at ? r->reason : text_of(reply_reason(r->status));
	char *bytes, *out;
	size_t i;

	if (!can_be_answered(r->request))
		return (struct coven_slice){ NULL, 0 };
	bytes = arena_alloc(arena, room_for(r, reason));
	if (bytes == NULL)
		return (struct coven_slice){ NULL, 0 };
	out = put_head(bytes, r, reason);
	for (i = 0; i < r->line_count; i++) {
		out = put_cleaned(out, r->lines[i].name.at, r->lines[i].name.length);
		out = PUT(out, ": ");
		out = put_cleaned(out, r->lines[i].value.at, r->lines[i].value.length);
		out = PUT(out, "\r\n");
	}
	out = PUT(out, "Content-Length: ");
	out = put_number(out, r->body.length);
	out = PUT(out, "\r\n\r\n");
	if (r->body.length)
		out = put(out, r->body.at, r->body.length);
	return (struct coven_slice){ bytes, (size_t)(out - bytes) };
}
