/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uri: SIP, SIPS and tel URIs taken apart without copying.  RFC 3261 19.1, RFC 3966. */
#include "sip/uri.h"
#include "base/text.h"
#include "sip/lex.h"
#include <string.h>

/* What a byte is in a URI. */
#define PLAIN 1 /* may stand in a SIP URI as it is */
#define HOST 2  /* of a host name or IPv4 address */
#define SCHEME 4
#define VISIBLE 8 /* may stand in any URI */
#define ESCAPE 16 /* % */
#define BAD 0     /* nowhere */

#define GOOD (PLAIN | VISIBLE)
#define LETTER (PLAIN | HOST | SCHEME | VISIBLE)

		/* '#' is reserved for nothing in SIP, and phones dial it unescaped. */
		static const uint8_t classes[256] = {
		[0 ... ' '] = BAD,
		['!'] = GOOD,
		['"'] = BAD,
		['#'] = PLAIN | VISIBLE,
		['$'] = GOOD,
		['%'] = ESCAPE | PLAIN | VISIBLE,
		['&'] = GOOD,
		['\''] = GOOD,
		['('] = GOOD,
		[')'] = GOOD,
		['*'] = GOOD,
		['+'] = GOOD | SCHEME,
		[','] = GOOD,
		['-'] = GOOD | HOST | SCHEME,
		['.'] = GOOD | HOST | SCHEME,
		['/'] = GOOD,
		['0' ... '9'] = LETTER,
		[':'] = GOOD,
		[';'] = GOOD,
		['<'] = BAD,
		['='] = GOOD,
		['>'] = BAD,
		['?'] = GOOD,
		['@'] = GOOD,
		['A' ... 'Z'] = LETTER,
		['['] = GOOD,
		['\\'] = VISIBLE,
		[']'] = GOOD,
		['^'] = VISIBLE,
		['_'] = GOOD | HOST,
		['`'] = VISIBLE,
		['a' ... 'z'] = LETTER,
		['{'] = VISIBLE,
		['|'] = VISIBLE,
		['}'] = VISIBLE,
		['~'] = GOOD,
		[0x7f] = BAD,
		[0x80 ... 0xff] = VISIBLE,
	};

static struct coven_slice
slice(const char *from, const char *to)
{
	return (struct coven_slice){ from, (size_t)(to - from) };
}

static const char *
find(const char *p, const char *end, char c)
{
	return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

/* Every escape is whole, and none means NUL, CR or LF: somebody behind us may undo it. */
static bool
escapes_are_good(const char *p, const char *end)
{
	while ((p = find(p, end, '%')) != NULL) {
		int c = lex_escape(p, end);

		if (c <= 0 || c == '\r' || c == '\n')
			return false;
		p += 3;
	}
	return true;
}

static const char *
scheme_end(const char *p, const char *end)
{
	const char *colon = p;

	if (end - p > 4 && lex_spells(p, "sip:", 4))
		return p + 3;
	if (p == end || !(((*p | 0x20) >= 'a') && ((*p | 0x20) <= 'z')))
		return NULL;
	while (colon < end && classes[(uint8_t)*colon] & SCHEME)
		colon++;
	return colon + 1 < end && *colon == ':' ? colon : NULL;
}

bool
uri_has_scheme(struct coven_slice text)
{
	return text.length && scheme_end(text.at, text.at + text.length) != NULL;
}

/* Host and port at p; behind them, or NULL. */
static const char *
read_host(const char *p, const char *end, struct sip_uri *uri)
{
	const char *host = p, *digits;
	uint64_t port;

	if (p < end && *p == '[') {
		for (host = ++p; p < end && (lex_hex(*p) >= 0 || *p == ':' || *p == '.');
		     p++)
			uri->ipv6 |= *p == ':';
		if (p == end || *p != ']' || !uri->ipv6)
			return NULL;
		uri->host = slice(host, p++);
	} else {
		while (p < end && classes[(uint8_t)*p] & HOST)
			p++;
		uri->host = slice(host, p);
	}
	if (uri->host.length == 0)
		return NULL;
	if (p == end || *p != ':')
		return p;
	for (digits = ++p; p < end && *p >= '0' && *p <= '9'; p++)
		;
	if (text_number(slice(digits, p), 65535, &port) < 0 || port == 0)
		return NULL;
	uri->port = (uint16_t)port;
	return p;
}

static int
read_user(const char *p, const char *end, struct sip_uri *uri)
{
	const char *colon = find(p, end, ':');

	uri->has_user = true;
	uri->user = slice(p, colon ? colon : end);
	if (colon)
		uri->password = slice(colon + 1, end);
	return uri->user.length ? 0 : -1;
}

/* May all bytes stand in a SIP URI?  Sixteen at a time where there are so many, the last
 * ones twice. */
static bool
is_plain(const char *p, const char *end, bool *escaped)
{
	lex_block bad = { 0 }, percent = { 0 };
	uint8_t seen = 0, each = PLAIN;

	if (end - p < 16) {
		for (; p < end; p++) {
			seen |= classes[(uint8_t)*p];
			each &= classes[(uint8_t)*p];
		}
		*escaped = seen & ESCAPE;
		return each;
	}
	for (; p < end; p = end - p < 32 && end - p > 16 ? end - 16 : p + 16) {
		lex_block block = lex_load(p);

		bad |= (lex_block)(block <= ' ') | (lex_block)(block == '"') |
		       (lex_block)((block | 2) == '>') | (lex_block)((block | 2) == '^') |
		       (lex_block)(block == '`') |
		       ((lex_block)(block > 'z') & (lex_block)(block != '~'));
		percent |= (lex_block)(block == '%');
	}
	*escaped = lex_first(percent) < 16;
	return lex_first(bad) == 16;
}

/* What follows "sip:"; it is not empty. */
static int
read_sip(const char *p, const char *end, struct sip_uri *uri)
{
	const char *at;
	bool escaped;

	if (!is_plain(p, end, &escaped))
		return -1;
	at = find(p, end, '@');
	if (at) {
		if (read_user(p, at, uri) < 0 || find(at + 1, end, '@'))
			return -1;
		p = at + 1;
	}
	p = read_host(p, end, uri);
	if (p == NULL)
		return -1;
	if (p < end && *p == ';') {
		at = find(p, end, '?');
		uri->params = slice(p + 1, at ? at : end);
		p = at ? at : end;
	}
	if (p < end && *p != '?')
		return -1;
	if (p < end)
		uri->headers = slice(p + 1, end);
	return escaped && !escapes_are_good(uri->scheme.at, end) ? -1 : 0;
}

/* What follows another scheme: all of it is "user"; of tel the number, with its
 * parameters. */
static int
read_other(const char *p, const char *end, struct sip_uri *uri)
{
	const char *semicolon = uri->tel ? find(p, end, ';') : NULL, *c;
	unsigned each = VISIBLE;

	for (c = p; c < end; c++)
		each &= classes[(uint8_t)*c];
	if (!(each & VISIBLE))
		return -1;
	uri->user = slice(p, semicolon ? semicolon : end);
	if (semicolon)
		uri->params = slice(semicolon + 1, end);
	uri->has_user = uri->tel;
	return uri->user.length ? 0 : -1;
}

int
uri_parse(struct coven_slice text, struct sip_uri *uri)
{
	const char *p = text.at, *end, *colon;

	memset(uri, 0, sizeof *uri);
	if (text.length == 0)
		return -1;
	end = p + text.length;
	colon = scheme_end(p, end);
	if (colon == NULL)
		return -1;
	uri->scheme = slice(p, colon);
	if (colon - p == 3 || colon - p == 4) {
		bool sip = lex_spells(p, "sip", 3);

		uri->sips = sip && colon - p == 4 && (p[3] | 0x20) == 's';
		uri->sip = sip && (uri->sips || colon - p == 3);
		uri->tel = LEX_IS(p, colon, "tel");
	}
	return uri->sip ? read_sip(colon + 1, end, uri) : read_other(colon + 1, end, uri);
}

struct coven_slice
uri_param(const struct sip_uri *uri, const char *name)
{
	return param_find(uri->params, name);
}
