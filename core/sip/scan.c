/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan: raw bytes to an index of slices in one strict, bounded pass without allocation.
 * RFC 3261 section 7, RFC 4475 for what must be refused. */
#include "sip/scan_state.h"

/* At most once; two of them would let two readers see two messages. */
#define SINGLE                                                                     \
	(BIT(SIP_FROM) | BIT(SIP_TO) | BIT(SIP_CALL_ID) | BIT(SIP_CSEQ) |          \
	 BIT(SIP_MAX_FORWARDS) | BIT(SIP_CONTENT_LENGTH) | BIT(SIP_CONTENT_TYPE) | \
	 BIT(SIP_EXPIRES) | BIT(SIP_EVENT) | BIT(SIP_MAX_BREADTH))
/* Behind the CRLF of the line at p, its folds included.  NULL: the head does not end. */
static inline const char *
line_end(struct scan *s, const char *p)
{
	for (;;) {
		p = lex_control(p, s->limit, s->limit);
		if (s->limit - p < 2)
			return NULL;
		if (p[0] == '\r' && p[1] == '\n') {
			if (s->limit - p == 2 || (p[2] != ' ' && p[2] != '\t'))
				return p + 2;
			p += 3;
			continue;
		}
		/* RFC 4475 intmeth has control bytes behind backslashes */
		if (p[0] == '\0' || p[0] == '\r' || p[0] == '\n' || p[-1] != '\\')
			scan_refuse(s, 400, "control byte in the head");
		p++;
	}
}

/* Finds the name of the line at p.  Behind the colon, or NULL. */
static inline const char *
read_name(struct scan *s, struct sip_field *f, const char *p, const char *end)
{
	const char *name_end, *colon;
	unsigned n;

	if (s->limit - p >= 16) {
		n = lex_first((lex_block)(lex_load(p) == ':'));
		f->id = (uint8_t)sip_header_id((struct coven_slice){ p, n });
		f->name.length = n;
		if (f->id != SIP_OTHER && n < 16)
			return p + n + 1;
	}
	colon = name_end = lex_token(p, end);
	while (colon < end && (*colon == ' ' || *colon == '\t'))
		colon++;
	if (name_end == p || colon == end || *colon != ':')
		return NULL;
	f->name.length = (uint32_t)(name_end - p);
	f->id = (uint8_t)sip_header_id((struct coven_slice){ p, f->name.length });
	return colon + 1;
}

/* Chains the line of that number to those of its id. */
static inline void
link_field(struct scan *s, struct sip_field *f, uint16_t number)
{
	struct sip_message *m = s->m;
	unsigned id = f->id;

	f->next = 0;
	if (id == SIP_OTHER)
		return;
	if (m->first[id] == 0) {
		m->first[id] = number;
		s->seen |= BIT(id);
	} else {
		m->fields[s->last[id]].next = number;
		if (BIT(id) & SINGLE)
			scan_refuse(s, 400, sip_header_name((enum sip_header)id));
	}
	s->last[id] = number - 1;
}

static inline void
read_field(struct scan *s, const char *p, const char *end)
{
	struct sip_message *m = s->m;
	struct sip_field *f = &m->fields[m->field_count];
	const char *stop = end - 2, *value = read_name(s, f, p, stop);
	uint32_t line = (uint32_t)(p - m->bytes);

	if (value == NULL) {
		scan_refuse(s, 400, "header line");
		return;
	}
	value = lex_blank(value, stop);
	stop = lex_trim(value, stop);
	f->line = f->name.at = line;
	f->end = line + (uint32_t)(end - p);
	f->value.at = line + (uint32_t)(value - p);
	f->value.length = (uint32_t)(stop - value);
	if (f->value.length > SIP_VALUE_MAX)
		scan_refuse(s, 400, "header too long");
	m->field_count++;
	link_field(s, f, m->field_count);
}

/* All header lines and the empty one. */
static void
read_fields(struct scan *s)
{
	const char *p = s->p, *limit = s->limit, *end;

	while (limit - p < 2 || p[0] != '\r' || p[1] != '\n') {
		end = line_end(s, p);
		if (end == NULL) {
			if (limit < s->end)
				scan_refuse(s, 413, "head too large");
			else
				scan_refuse(s, 400, "no empty line behind the head");
			s->m->head = (uint32_t)(p - s->m->bytes);
			return;
		}
		if (s->m->field_count == SIP_FIELDS_MAX)
			scan_refuse(s, 400, "too many headers");
		else
			read_field(s, p, end);
		p = end;
	}
	s->m->head = (uint32_t)(p + 2 - s->m->bytes);
}

/* How much of the bytes is body. */
static void
read_body(struct scan *s, bool stream)
{
	struct sip_message *m = s->m;
	uint32_t came = (uint32_t)(s->end - m->bytes) - m->head, body = came;

	m->content_length = scan_number(s, SIP_CONTENT_LENGTH,
					stream ? SIP_BODY_LARGE : came, stream ? 413 : 400);
	if (m->content_length >= 0)
		body = (uint32_t)m->content_length;
	else if (stream)
		body = 0;
	if (stream && body != came)
		scan_refuse(s, 400, "Content-Length");
	if (body > SIP_BODY_LARGE)
		scan_refuse(s, 413, "body too large");
	if (body > came)
		body = came;
	m->body = (struct sip_span){ m->head, body };
	m->length = m->head + body;
}

int
sip_scan(struct sip_message *m, const char *bytes, size_t length, bool stream,
	 struct sip_scratch *scratch, struct sip_fault *fault)
{
	struct scan s;
	size_t most = SIP_HEAD_MAX + SIP_BODY_LARGE;

	memset(m, 0, sizeof *m);
	*fault = (struct sip_fault){ 0, NULL };
	m->bytes = s.p = bytes;
	m->length = (uint32_t)(length < most ? length : most);
	m->fields = scratch->fields;
	m->max_forwards = -1;
	m->content_length = -1;
	s.m = m;
	s.fault = fault;
	s.seen = 0;
	s.hopeless = false;
	s.end = bytes + m->length;
	s.limit = length < SIP_HEAD_MAX ? s.end : bytes + SIP_HEAD_MAX;
	if (length > most)
		scan_refuse(&s, 413, "message too large");
	if (scan_start(&s) < 0) {
		fault->status = 0;
		return -1;
	}
	read_fields(&s);
	scan_known(&s);
	read_body(&s, stream);
	if (fault->why == NULL)
		return 0;
	if (s.hopeless || m->status != 0 || m->method_id == SIP_ACK)
		fault->status = 0;
	return -1;
}
