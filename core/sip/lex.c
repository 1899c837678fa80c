/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lex: tokens, quoted strings, parameters and addresses found in header values. */
#include "sip/lex.h"

#define TOKEN 1   /* of a token */
#define DISPLAY 2 /* of a display name without quotes */
#define HOST 4    /* of a host name or IPv4 address */
#define BOTH (TOKEN | DISPLAY)
#define ALL (BOTH | HOST)

/* Display names without quotes are of tokens; what people write there beyond that, and
 * what is not ASCII, is let through where it cannot be taken for the structure of an
 * address. */
static const uint8_t classes[256] = {
	['\t'] = DISPLAY,    ['\r'] = DISPLAY,    ['\n'] = DISPLAY,
	[' '] = DISPLAY,     ['!'] = BOTH,        ['#'] = DISPLAY,
	['%'] = BOTH,        ['&'] = DISPLAY,     ['\''] = BOTH,
	['('] = DISPLAY,     [')'] = DISPLAY,     ['*'] = BOTH,
	['+'] = BOTH,        ['-'] = ALL,         ['.'] = ALL,
	['/'] = DISPLAY,     ['0' ... '9'] = ALL, ['@'] = DISPLAY,
	['A' ... 'Z'] = ALL, ['_'] = ALL,         ['`'] = BOTH,
	['a' ... 'z'] = ALL, ['~'] = BOTH,        [0x80 ... 0xff] = DISPLAY,
};

static inline const char *
skip(const char *p, const char *end, uint8_t class)
{
	while (p < end && classes[(uint8_t)*p] & class)
		p++;
	return p;
}

const char *
lex_token(const char *p, const char *end)
{
	return skip(p, end, TOKEN);
}

const char *
lex_host(const char *p, const char *end)
{
	return skip(p, end, HOST);
}

int
lex_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
lex_escape(const char *p, const char *end)
{
	int high, low;

	if (end - p < 3 || *p != '%')
		return -1;
	high = lex_hex(p[1]);
	low = lex_hex(p[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

const char *
lex_quoted(const char *p, const char *end, const char *limit)
{
	p = lex_quote(p + 1, end, limit);
	while (end - p > 1 && *p == '\\')
		p = lex_quote(p + 2, end, limit);
	return p < end && *p == '"' ? p + 1 : NULL;
}

const char *
lex_value(const char *p, const char *end, const char *limit, bool *broken)
{
	for (;;) {
		p = lex_special(p, end, limit);
		if (p == end || *p == ',')
			return p;
		if (*p == '"')
			p = lex_quoted(p, end, limit);
		else if (*p == '<' && (p = memchr(p, '>', (size_t)(end - p))) != NULL)
			p++;
		else
			p = NULL; /* an end without its beginning, too */
		if (p == NULL) {
			*broken = true;
			return end;
		}
	}
}

int
lex_number(const char *p, const char *end, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (p >= end)
		return -1;
	for (; p < end; p++) {
		unsigned digit = (unsigned)(uint8_t)*p - '0';

		n = n * 10 + digit;
		if (digit > 9 || n > max)
			return -1;
	}
	*number = n;
	return 0;
}

int
lex_param(const char **at, const char *end, const char *limit, struct lex_param *param)
{
	const char *p = *at;

	if (p == end || *p != ';')
		return p == end || *p == ',' ? 0 : -1;
	p = param->name = lex_blank(p + 1, end);
	p = param->name_end = skip(p, end, TOKEN);
	if (p == param->name)
		return -1;
	param->value = param->value_end = NULL;
	p = lex_blank(p, end);
	if (p < end && *p == '=') {
		p = param->value = lex_blank(p + 1, end);
		p = p < end && *p == '"' ? lex_quoted(p, end, limit)
					 : lex_stop(p, end, limit);
		if (p == NULL)
			return -1;
		param->value_end = p;
		p = lex_blank(p, end);
	}
	if (p < end && *p != ';' && *p != ',')
		return -1;
	*at = p;
	return 1;
}

/* addr-spec without angle brackets: its ';' begin header parameters, and '?' and ',' may
 * not stand in it (RFC 3261 20.10). */
static int
bare_address(const char *p, const char *end, const char *limit,
	     struct lex_address *address)
{
	address->display = address->display_end = NULL;
	address->bracketed = false;
	address->uri = p;
	address->uri_end = lex_stop(p, end, limit);
	address->params = lex_blank(address->uri_end, end);
	return address->uri_end == p || memchr(p, '?', (size_t)(address->uri_end - p))
		       ? -1
		       : 0;
}

int
lex_address(const char *p, const char *end, const char *limit,
	    struct lex_address *address)
{
	const char *open;

	open = p = address->display = lex_blank(p, end);
	if (p == end)
		return -1;
	if (*p != '<') {
		open = *p == '"' ? lex_quoted(p, end, limit) : skip(p, end, DISPLAY);
		if (open == NULL)
			return -1;
		address->display_end = lex_trim(p, open);
		open = lex_blank(open, end);
		if (open == end || *open != '<')
			return *p == '"' ? -1 : bare_address(p, end, limit, address);
	} else {
		address->display = address->display_end = NULL;
	}
	address->bracketed = true;
	address->uri = open + 1;
	address->uri_end = lex_bracket(open + 1, end, limit);
	if (address->uri_end == end || *address->uri_end != '>' ||
	    address->uri_end == address->uri)
		return -1;
	address->params = lex_blank(address->uri_end + 1, end);
	return 0;
}
