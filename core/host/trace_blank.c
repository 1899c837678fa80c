/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goes over the lines of a message, or of what should have been one, and over those of its body in the same way: a body
 * may be SDP, or be a SIP message itself.  When in doubt, more is blanked. */
#include "host/trace_blank.h"
#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BLANK '*'

static void
blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\r' && *from != '\n')
			*from = BLANK;
}

static bool
is_one_of(struct coven_slice name, const char *const *names)
{
	for (; *names; names++)
		if (text_is_alike(name, *names))
			return true;
	return false;
}

/* -- credentials and challenges: NAME="VALUE", NAME=VALUE */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *
behind_value(char *at, const char *end)
{
	if (at < end && *at == '"') {
		for (at++; at < end && *at != '"'; at++)
			if (*at == '\\' && at + 1 < end)
				at++;
		return at < end ? at + 1 : at;
	}
	while (at < end && *at != ',')
		at++;
	return at;
}

static void
blank_value(char *from, char *to)
{
	if (to - from >= 2 && *from == '"' && to[-1] == '"')
		blank(from + 1, to - 1);
	else
		blank(from, to);
}

/* shown: these are shown and no others; hidden: all others are shown. */
static void
blank_parameters(char *at, const char *end, const char *const *shown, const char *const *hidden)
{
	while (at < end) {
		char *name = at, *value;

		while (at < end && *at != '=' && *at != ',')
			at++;
		if (at == end || *at == ',') {
			if (shown) /* a word without a value: who knows what it is */
				blank(name, at);
			at++;
			continue;
		}
		struct coven_slice word = text_trim((struct coven_slice){ name, (size_t)(at - name) });

		for (value = at + 1; value < end && is_blank(*value); value++)
			;
		at = behind_value(value, end);
		if (shown ? !is_one_of(word, shown) : is_one_of(word, hidden))
			blank_value(value, at);
		while (at < end && *at != ',')
			at++;
		at++;
	}
}

/* Behind the colon: "Digest a=b, c=d". */
static void
blank_credentials(char *at, const char *end)
{
	static const char *const shown[] = { "username", "realm", "uri", "algorithm", "qop", "nc", NULL };

	struct coven_slice scheme;

	while (at < end && is_blank(*at))
		at++;
	scheme.at = at;
	while (at < end && !is_blank(*at))
		at++;
	scheme.length = (size_t)(at - scheme.at);
	if (text_is_alike(scheme, "Digest"))
		blank_parameters(at, end, shown, NULL);
	else
		blank(at, end);
}

static void
blank_challenge(char *at, const char *end)
{
	static const char *const hidden[] = { "nonce", "nextnonce", "opaque", "rspauth", "cnonce", "response", NULL };
	char *scheme = at;

	/* "Digest realm=...": the scheme is no part of the first name */
	while (scheme < end && is_blank(*scheme))
		scheme++;
	while (scheme < end && !is_blank(*scheme) && *scheme != '=')
		scheme++;
	blank_parameters(scheme < end && *scheme == '=' ? at : scheme, end, NULL, hidden);
}

/* -- URIs: sip:alice:PASSWORD@example.com */

static void
blank_passwords(char *at, const char *end)
{
	for (; at + 4 < end; at++) {
		char *colon = NULL, *p;

		if (strncasecmp(at, "sip:", 4) != 0 && strncasecmp(at, "ips:", 4) != 0)
			continue;
		for (p = at + 4; p < end && !strchr("@<>\" \t\r\n", *p); p++)
			if (*p == ':' && !colon)
				colon = p;
		if (p < end && *p == '@' && colon)
			blank(colon + 1, p);
	}
}

/* -- lines */

static struct coven_slice
name_of(const char *line, const char *end, char **behind)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));

	*behind = colon ? (char *)line + (colon - line) + 1 : NULL;
	return colon ? text_trim((struct coven_slice){ line, (size_t)(colon - line) }) : (struct coven_slice){ NULL, 0 };
}

static void
blank_sdp(char *line, const char *end)
{
	static const char *const keys[] = { "k=", "a=ice-pwd:", "a=key-mgmt:", "a=crypto:", NULL };
	struct coven_slice whole = { line, (size_t)(end - line) };

	for (size_t i = 0; keys[i]; i++) {
		char *at = line + strlen(keys[i]);

		if (!text_begins(whole, keys[i]))
			continue;
		/* of a=crypto the number and the suite may be seen: "1 AES_CM_128_HMAC_SHA1_80 inline:KEY" */
		for (unsigned words = 0; keys[i][2] == 'c' && words < 2 && at < end; words++) {
			while (at < end && *at != ' ')
				at++;
			while (at < end && *at == ' ')
				at++;
		}
		blank(at, end);
	}
}

static void
blank_line(char *line, const char *end)
{
	static const char *const credentials[] = { "Authorization", "Proxy-Authorization", NULL };
	static const char *const challenges[] = { "WWW-Authenticate", "Proxy-Authenticate", "Authentication-Info",
		                                  "Proxy-Authentication-Info", NULL };
	char *value;
	struct coven_slice name = name_of(line, end, &value);

	if (value && is_one_of(name, credentials))
		blank_credentials(value, end);
	else if (value && is_one_of(name, challenges))
		blank_challenge(value, end);
	else
		blank_passwords(line, end);
	blank_sdp(line, end);
}

void
trace_blank(char *bytes, size_t length)
{
	const char *end = bytes + length;

	for (char *line = bytes, *next; line < end; line = next) {
		next = line;
		do {
			char *stop = memchr(next, '\n', (size_t)(end - next));

			next = stop ? stop + 1 : bytes + length;
		} while (next < end && (*next == ' ' || *next == '\t')); /* folded */
		blank_line(line, next);
	}
}
