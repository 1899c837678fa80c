/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_known: the headers that every message is judged by. */
#include "sip/scan_state.h"
#include "sip/uri.h"
#include "sip/via.h"

/* What a response copies: without them a request cannot be answered. */
#define ANSWER \
	(BIT(SIP_VIA) | BIT(SIP_FROM) | BIT(SIP_TO) | BIT(SIP_CALL_ID) | BIT(SIP_CSEQ))
/* Lists of addresses that servers act on. */
#define ADDRESSES                                                                    \
	(BIT(SIP_ROUTE) | BIT(SIP_RECORD_ROUTE) | BIT(SIP_CONTACT) | BIT(SIP_PATH) | \
	 BIT(SIP_SERVICE_ROUTE))

static const struct sip_field *
first_of(const struct scan *s, enum sip_header id)
{
	return &s->m->fields[s->m->first[id] - 1];
}

/* From or To: its URI and its tag. */
static void
read_party(struct scan *s, enum sip_header id, struct sip_span *whole,
	   struct sip_span *uri, struct sip_span *tag)
{
	const struct sip_field *f = first_of(s, id);
	const char *p = s->m->bytes + f->value.at, *end = p + f->value.length;
	struct lex_address address;
	struct lex_param param;
	int more = -1, count = 0;

	*whole = f->value;
	if (lex_address(p, end, s->limit, &address) < 0)
		goto bad;
	*uri = scan_span(s, address.uri, address.uri_end);
	if (!uri_has_scheme(sip_slice(s->m, *uri)))
		goto bad;
	p = address.params;
	while ((more = lex_param(&p, end, s->limit, &param)) > 0 &&
	       ++count <= SIP_PARAMS_MAX) {
		if (!LEX_IS(param.name, param.name_end, "tag"))
			continue;
		if (tag->at != 0 || param.value == NULL ||
		    param.value == param.value_end || *param.value == '"')
			goto bad;
		*tag = scan_span(s, param.value, param.value_end);
	}
	if (more == 0 && p == end)
		return;
bad:
	scan_refuse(s, 400, sip_header_name(id));
}

static void
read_cseq(struct scan *s)
{
	struct sip_message *m = s->m;
	const struct sip_field *f = first_of(s, SIP_CSEQ);
	const char *p = m->bytes + f->value.at, *end = p + f->value.length, *digits = p,
		   *method;
	struct coven_slice given;
	uint64_t number;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	method = lex_blank(p, end);
	if (lex_number(digits, p, INT32_MAX, &number) < 0 || method == p ||
	    method == end) {
		scan_refuse(s, 400, "CSeq");
		return;
	}
	m->cseq = (uint32_t)number;
	given = (struct coven_slice){ method, (size_t)(end - method) };
	if (m->status != 0) {
		if (lex_token(method, end) != end)
			scan_refuse(s, 400, "CSeq");
		m->method = scan_span(s, method, end);
		m->method_id = (uint8_t)sip_method_id(given);
	} else if (given.length != m->method.length ||
		   memcmp(m->bytes + m->method.at, given.at, given.length) != 0) {
		scan_refuse(s, 400, "CSeq");
	}
}

int64_t
scan_number(struct scan *s, enum sip_header id, uint64_t max, uint16_t status)
{
	const struct sip_field *f;
	const char *p;
	uint64_t number;

	if (!(s->seen & BIT(id)))
		return -1;
	f = first_of(s, id);
	p = s->m->bytes + f->value.at;
	if (lex_number(p, p + f->value.length, UINT32_MAX, &number) < 0) {
		scan_refuse(s, 400, sip_header_name(id));
		return -1;
	}
	if (number > max) {
		scan_refuse(s, status, sip_header_name(id));
		return -1;
	}
	return (int64_t)number;
}

/* One line of an address list, each value with its parameters.  The number of values, -1:
 * malformed. */
static int
check_addresses(const struct scan *s, const char *p, const char *end, bool star)
{
	struct lex_address address;
	struct lex_param param;
	int values = 0, more, count;

	for (;; p++) { /* over the comma */
		if (lex_address(p, end, s->limit, &address) < 0)
			return -1;
		if (!address.bracketed && star && address.uri_end - address.uri == 1 &&
		    *address.uri == '*')
			star = false;
		else if (!uri_has_scheme((struct coven_slice){
				 address.uri, (size_t)(address.uri_end - address.uri) }))
			return -1;
		p = address.params;
		count = 0;
		while ((more = lex_param(&p, end, s->limit, &param)) > 0)
			if (++count > SIP_PARAMS_MAX)
				return -1;
		if (more < 0)
			return -1;
		values++;
		if (p == end)
			return values;
	}
}

/* One line of Via values; -1: one is empty or not closed. */
static int
count_vias(const struct scan *s, const char *p, const char *end)
{
	bool broken = false;
	int values = 0;

	for (;; p++) { /* over the comma */
		const char *begin = lex_blank(p, end);

		p = lex_value(begin, end, s->limit, &broken);
		if (broken || p == begin)
			return -1;
		values++;
		if (p == end)
			return values;
	}
}

/* The values of one line; -1: malformed.  Of lists that no server acts on, only the
 * number is bounded: commas in quotes count, too. */
static int
count_line(const struct scan *s, enum sip_header id, const struct sip_field *f)
{
	const struct sip_message *m = s->m;
	const char *p = m->bytes + f->value.at, *end = p + f->value.length;

	if (BIT(id) & ADDRESSES)
		return check_addresses(s, p, end, id == SIP_CONTACT);
	if (id != SIP_VIA)
		return (int)lex_commas(p, end) + 1;
	if (f->value.at == m->via.value.at && f->value.length == m->via.value.length)
		return 1; /* has been read */
	return count_vias(s, p, end);
}

static void
check_list(struct scan *s, enum sip_header id)
{
	const struct sip_message *m = s->m;
	const struct sip_field *f = first_of(s, id);
	int values = 0, more;

	if (!(BIT(id) & (ADDRESSES | BIT(SIP_VIA))) && f->next == 0 &&
	    f->value.length < SIP_VALUES_MAX)
		return; /* not even of commas alone there would be too many */
	for (;; f = &m->fields[f->next - 1]) {
		more = count_line(s, id, f);
		values += more;
		if (more < 0 || values > SIP_VALUES_MAX) {
			scan_refuse(s, 400, sip_header_name(id));
			return;
		}
		if (f->next == 0)
			return;
	}
}

static void
read_via(struct scan *s)
{
	switch (via_read(s->m, first_of(s, SIP_VIA))) {
	case VIA_GOOD: return;
	case VIA_HOPELESS:
		s->hopeless = true;
		/* fall through */
	case VIA_BAD: scan_refuse(s, 400, "Via");
	}
}

/* RFC 3261 allows nearly all that can be seen. */
static bool
is_call_id(const struct scan *s, struct sip_span call_id)
{
	const char *p = s->m->bytes + call_id.at, *end = p + call_id.length;

	return p != end && lex_gap(p, end, s->limit) == end;
}

/* What the lines mean. */
void
scan_known(struct scan *s)
{
	struct sip_message *m = s->m;
	uint64_t lists;
	unsigned id;

	if ((s->seen & ANSWER) != ANSWER) {
		s->hopeless = true;
		scan_refuse(s, 0, "Via, From, To, Call-ID or CSeq missing");
		return;
	}
	read_via(s);
	read_party(s, SIP_FROM, &m->from, &m->from_uri, &m->from_tag);
	read_party(s, SIP_TO, &m->to, &m->to_uri, &m->to_tag);
	m->call_id = first_of(s, SIP_CALL_ID)->value;
	if (!is_call_id(s, m->call_id))
		scan_refuse(s, 400, "Call-ID");
	read_cseq(s);
	m->max_forwards = (int32_t)scan_number(s, SIP_MAX_FORWARDS, 255, 400);
	for (lists = s->seen & sip_header_lists(); lists; lists &= lists - 1) {
		id = (unsigned)__builtin_ctzll(lists);
		check_list(s, (enum sip_header)id);
	}
}
