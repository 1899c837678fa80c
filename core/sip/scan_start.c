/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_start: the start line.  RFC 3261 7.1, 7.2. */
#include "sip/scan_state.h"
#include "sip/uri.h"

/* "SIP/2.0": true; the rest is a fault. */
static bool
is_version(struct scan *s, const char *p, const char *end)
{
	const char *at = p + 4;
	int part;

	if (end - p == 7 && memcmp(p, "SIP/2.0", 7) == 0)
		return true;
	for (part = 0; part < 2; part++) {
		const char *digits = at;

		while (at < end && *at >= '0' && *at <= '9')
			at++;
		if (at == digits || (part == 0 && (at == end || *at++ != '.')))
			break;
	}
	if (part == 2 && at == end)
		scan_refuse(s, 505, "SIP version");
	else
		scan_refuse(s, 400, "start line");
	return false;
}

/* "SIP/2.0 200 OK" */
static int
read_status(struct scan *s, const char *p, const char *end)
{
	struct sip_message *m = s->m;
	uint64_t status;

	if (end - p < 12 || memcmp(p, "SIP/2.0 ", 8) != 0 || p[11] != ' ' ||
	    lex_number(p + 8, p + 11, 699, &status) < 0 || status < 100) {
		scan_refuse(s, 0, "status line");
		return -1;
	}
	m->status = (uint16_t)status;
	m->reason = scan_span(s, p + 12, end);
	return 0;
}

static void
read_uri(struct scan *s, const char *p, const char *end)
{
	struct sip_uri uri;
	struct coven_slice text = { p, (size_t)(end - p) };

	s->m->uri = scan_span(s, p, end);
	if (uri_parse(text, &uri) < 0 || (uri.sip && uri.headers.at != NULL))
		scan_refuse(s, 400, "Request-URI");
}

/* "INVITE sip:bob@example.com SIP/2.0" */
static int
read_request(struct scan *s, const char *p, const char *end)
{
	const char *method = lex_token(p, end), *version = end, *tail = end, *uri;

	while (tail > p && (tail[-1] == ' ' || tail[-1] == '\t'))
		tail--;
	version = tail;
	while (version > p && version[-1] != ' ')
		version--;
	if (method == p || method >= version || *method != ' ' || tail - version < 5 ||
	    !lex_spells(version, "sip/", 4)) {
		scan_refuse(s, 0, "start line");
		return -1;
	}
	s->m->method = scan_span(s, p, method);
	s->m->method_id = (uint8_t)sip_method_id(sip_slice(s->m, s->m->method));
	uri = method + 1;
	if (version <= uri) { /* a method and a version only */
		scan_refuse(s, 400, "start line");
		return 0;
	}
	if (is_version(s, version, tail) && tail != end)
		scan_refuse(s, 400, "start line");
	read_uri(s, uri, version - 1);
	return 0;
}

int
scan_start(struct scan *s)
{
	const char *p = s->p, *end = lex_control(p, s->limit, s->limit);

	while (end < s->limit && *end != '\r' && *end != '\n') {
		scan_refuse(s, 400, "control byte in the head");
		end = lex_control(end + 1, s->limit, s->limit);
	}
	if (s->limit - end < 2 || end[0] != '\r' || end[1] != '\n') {
		scan_refuse(s, 0, "start line");
		return -1;
	}
	if (end - p >= 8 && memcmp(p, "SIP/", 4) == 0 ? read_status(s, p, end) < 0
						      : read_request(s, p, end) < 0)
		return -1;
	s->p = end + 2;
	s->m->first_line = (uint32_t)(s->p - p);
	return 0;
}
