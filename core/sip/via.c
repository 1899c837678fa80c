/* SPDX-License-Identifier: GPL-3.0-or-later */
/* via: the top Via taken apart: protocol, sent-by, the parameters a server looks at. */
#include "sip/via.h"
#include "sip/lex.h"

static struct sip_span
span(const struct sip_message *m, const char *from, const char *to)
{
	return (struct sip_span){ (uint32_t)(from - m->bytes), (uint32_t)(to - from) };
}

/* "SIP / 2.0 / UDP": behind it, or NULL.  Another name or version is left to the caller.
 */
static const char *
read_protocol(struct sip_message *m, const char *p, const char *end, bool *ours)
{
	const char *part = p;
	int i;

	*ours = true;
	if (end - p > 8 && memcmp(p, "SIP/2.0/", 8) == 0) {
		part = p + 8;
		p = lex_token(part, end);
		m->via.transport = span(m, part, p);
		return p == part ? NULL : p;
	}
	for (i = 0; i < 3; i++) {
		if (i > 0) {
			p = lex_blank(p, end);
			if (p == end || *p != '/')
				return NULL;
			p = lex_blank(p + 1, end);
		}
		part = p;
		p = lex_token(part, end);
		if (p == part)
			return NULL;
		if (i == 0 && !LEX_IS(part, p, "sip"))
			*ours = false;
		if (i == 1 && (p - part != 3 || memcmp(part, "2.0", 3) != 0))
			*ours = false;
	}
	m->via.transport = span(m, part, p);
	return p;
}

/* Host and port; behind them, or NULL. */
static const char *
read_sent_by(struct sip_message *m, const char *p, const char *end)
{
	const char *host = p, *behind;
	uint64_t number;

	if (p < end && *p == '[') {
		p = lex_host(p + 1, end);
		while (p < end && *p == ':')
			p = lex_host(p + 1, end);
		if (p == end || *p != ']' || p - host < 3)
			return NULL;
		p++;
	} else {
		p = lex_host(p, end);
		if (p == host)
			return NULL;
	}
	m->via.host = m->via.sent_by = span(m, host, p);
	behind = lex_blank(p, end);
	if (behind == end || *behind != ':')
		return p;
	behind = p = lex_blank(behind + 1, end);
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (lex_number(behind, p, 65535, &number) < 0 || number == 0)
		return NULL;
	m->via.port = span(m, behind, p);
	m->via.sent_by = span(m, host, p);
	return p;
}

/* False: given twice, or empty. */
static bool
keep(struct sip_message *m, struct sip_span *where, const struct lex_param *param)
{
	if (where->at != 0 || param->value == NULL || param->value == param->value_end)
		return false;
	*where = span(m, param->value, param->value_end);
	return true;
}

static bool
keep_param(struct sip_message *m, const struct lex_param *param)
{
	if (LEX_IS(param->name, param->name_end, "branch"))
		return keep(m, &m->via.branch, param);
	if (LEX_IS(param->name, param->name_end, "received"))
		return keep(m, &m->via.received, param);
	if (LEX_IS(param->name, param->name_end, "rport")) {
		m->via.has_rport = true;
		if (param->value != NULL)
			return keep(m, &m->via.rport, param);
		if (m->via.rport.at != 0)
			return false;
		m->via.rport = span(m, param->name_end, param->name_end);
		return true;
	}
	return true;
}

/* Up to the comma or the end; NULL: malformed. */
static const char *
read_params(struct sip_message *m, const char *p, const char *end)
{
	struct lex_param param;
	int more, count = 0;

	while ((more = lex_param(&p, end, m->bytes + m->length, &param)) > 0)
		if (++count > SIP_PARAMS_MAX || !keep_param(m, &param))
			return NULL;
	return more < 0 ? NULL : p;
}

enum via_verdict
via_read(struct sip_message *m, const struct sip_field *line)
{
	const char *begin = m->bytes + line->value.at, *end = begin + line->value.length;
	const char *p, *stop;
	bool ours;

	m->via = (struct sip_via){ .value = line->value };
	p = read_protocol(m, begin, end, &ours);
	if (p == NULL || p == end || lex_blank(p, end) == p)
		return VIA_HOPELESS;
	p = read_sent_by(m, lex_blank(p, end), end);
	if (p == NULL)
		return VIA_HOPELESS;
	stop = read_params(m, lex_blank(p, end), end);
	if (stop == NULL) {
		m->via.branch = m->via.received = m->via.rport =
			(struct sip_span){ 0, 0 };
		m->via.has_rport = false;
		return VIA_BAD;
	}
	m->via.value = span(m, begin, lex_trim(p, stop));
	return ours ? VIA_GOOD : VIA_BAD;
}
