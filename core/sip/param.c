/* SPDX-License-Identifier: GPL-3.0-or-later */
/* param: name-addr values and lists of parameters taken apart. */
#include "base/text.h"
#include "sip/lex.h"
#include "sip/uri.h"

static struct coven_slice
slice(const char *from, const char *to)
{
	return (struct coven_slice){ from, (size_t)(to - from) };
}

int
name_addr_parse(struct coven_slice value, struct sip_name_addr *na)
{
	const char *p = value.at, *end;
	struct lex_address address;
	struct lex_param param;
	int more, count = 0;

	memset(na, 0, sizeof *na);
	if (value.length == 0)
		return -1;
	end = lex_trim(p, p + value.length);
	if (lex_address(p, end, end, &address) < 0)
		return -1;
	if (address.display)
		na->display = slice(address.display, address.display_end);
	na->uri = slice(address.uri, address.uri_end);
	na->bracketed = address.bracketed;
	p = address.params;
	if (p < end && *p == ';')
		na->params = slice(p + 1, end);
	while ((more = lex_param(&p, end, end, &param)) > 0)
		if (++count > SIP_PARAMS_MAX)
			return -1;
	return more == 0 && p == end ? 0 : -1;
}

/* Where the parameter at p ends: at its ';' or the end.  Quotes are understood. */
static const char *
param_end(const char *p, const char *end)
{
	for (; p < end && *p != ';'; p++)
		if (*p == '"') {
			p = lex_quoted(p, end, end);
			if (p == NULL)
				return end;
			p--;
		}
	return p;
}

bool
param_next(struct coven_slice *rest, struct coven_slice *name, struct coven_slice *value)
{
	const char *p = rest->at, *end, *stop, *equals;

	if (rest->length == 0)
		return false;
	end = p + rest->length;
	stop = param_end(p, end);
	*rest = stop == end ? slice(end, end) : slice(stop + 1, end);
	equals = memchr(p, '=', (size_t)(stop - p));
	if (equals == NULL)
		equals = stop;
	*name = text_trim(slice(p, equals));
	*value = equals == stop ? slice(stop, stop) : text_trim(slice(equals + 1, stop));
	return true;
}

struct coven_slice
param_find(struct coven_slice params, const char *name)
{
	struct coven_slice rest = params, each, value;

	while (param_next(&rest, &each, &value))
		if (text_is_alike(each, name))
			return value;
	return (struct coven_slice){ NULL, 0 };
}
