/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields between commas, with quotes around those that need them. */
#include "csv.h"

#include <string.h>

/* Behind the closing quote, or NULL; "" inside stands for ". */
static const char *
take_quoted(const char *at, const char *end, char **to)
{
	for (;;) {
		const char *quote = memchr(at, '"', (size_t)(end - at));

		if (!quote)
			return NULL;
		memcpy(*to, at, (size_t)(quote - at));
		*to += quote - at;
		at = quote + 1;
		if (at == end || *at != '"')
			return at;
		*(*to)++ = *at++;
	}
}

static const char *
take_plain(const char *at, const char *end, char **to)
{
	const char *comma = memchr(at, ',', (size_t)(end - at));
	size_t length = (size_t)((comma ? comma : end) - at);

	memcpy(*to, at, length);
	*to += length;
	return at + length;
}

const char *
csv_read(struct csv *c, struct coven_slice line)
{
	const char *at = line.at, *end;
	char *to = c->room;

	c->count = 0;
	if (line.length == 0)
		return "the line is empty";
	if (line.length > sizeof c->room)
		return "the line is longer than 1024 bytes";
	end = at + line.length;
	for (;;) {
		char *from = to;

		if (c->count == CSV_FIELDS_MAX)
			return "the line has more than 32 fields";
		at = at < end && *at == '"' ? take_quoted(at + 1, end, &to)
					    : take_plain(at, end, &to);
		if (!at)
			return "a quote is not closed";
		c->fields[c->count++] = (struct coven_slice){ from, (size_t)(to - from) };
		if (at == end)
			return NULL;
		if (*at++ != ',')
			return "something stands behind a closing quote";
	}
}
