/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uri_canonical: addresses of record, and URIs compared.  RFC 3261 10.3 step 5, 19.1.4.
 */
#include "base/text.h"
#include "sip/lex.h"
#include "sip/uri.h"

/* Unreserved: its escape means the same as itself. */
static bool
is_safe(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != 0 && strchr("-_.!~*'()", c) != NULL);
}

static bool
is_reserved(int c)
{
	return c != 0 && strchr(";/?:@&=+$,", c) != NULL;
}

/* One byte of canonical text at *p: escapes of unreserved bytes are undone, bytes that
 * are neither are escaped, so that equal users are equal bytes.  Returns its length, 1
 * or 3. */
static size_t
canonical(const char **p, const char *end, char out[3])
{
	static const char digits[] = "0123456789ABCDEF";
	int c = lex_escape(*p, end);

	if (c < 0) {
		c = (uint8_t) * (*p)++;
		if (is_safe(c) || is_reserved(c)) {
			out[0] = (char)c;
			return 1;
		}
	} else {
		*p += 3;
		if (is_safe(c)) {
			out[0] = (char)c;
			return 1;
		}
	}
	out[0] = '%';
	out[1] = digits[c >> 4];
	out[2] = digits[c & 15];
	return 3;
}

struct coven_slice
uri_aor(const struct sip_uri *uri, struct arena *arena)
{
	struct coven_slice host = uri->host;
	const char *p = uri->user.at, *end = uri->has_user ? p + uri->user.length : p;
	char *aor, *out;
	size_t i;

	if (!uri->sip)
		return (struct coven_slice){ NULL, 0 };
	aor = out =
		arena_alloc(arena, 3 * uri->user.length + host.length + sizeof "sip:@[]");
	if (aor == NULL)
		return (struct coven_slice){ NULL, 0 };
	memcpy(out, "sip:", 4);
	out += 4;
	while (p < end)
		out += canonical(&p, end, out);
	if (uri->has_user)
		*out++ = '@';
	while (!uri->ipv6 && host.length > 1 && host.at[host.length - 1] == '.')
		host.length--; /* a name at the root is the same name */
	if (uri->ipv6)
		*out++ = '[';
	for (i = 0; i < host.length; i++)
		*out++ = host.at[i] >= 'A' && host.at[i] <= 'Z' ? host.at[i] | 0x20
								: host.at[i];
	if (uri->ipv6)
		*out++ = ']';
	*out = '\0';
	return (struct coven_slice){ aor, (size_t)(out - aor) };
}

/* The same but for escapes of unreserved bytes. */
static bool
same_text(struct coven_slice a, struct coven_slice b, bool alike)
{
	const char *p = a.at, *q = b.at, *p_end, *q_end;
	char left[3], right[3];

	if (a.length == 0 || b.length == 0)
		return a.length == b.length;
	p_end = p + a.length;
	q_end = q + b.length;
	while (p < p_end && q < q_end) {
		size_t n = canonical(&p, p_end, left);

		if (n != canonical(&q, q_end, right))
			return false;
		if (n == 1 && alike &&
		    text_alike((struct coven_slice){ left, 1 },
			       (struct coven_slice){ right, 1 }))
			continue;
		if (memcmp(left, right, n) != 0)
			return false;
	}
	return p == p_end && q == q_end;
}

/* Absent in one only, they make a difference (RFC 3261 19.1.4). */
static bool
param_counts(struct coven_slice name)
{
	return text_is_alike(name, "user") || text_is_alike(name, "ttl") ||
	       text_is_alike(name, "method") || text_is_alike(name, "maddr") ||
	       text_is_alike(name, "transport");
}

/* What a has is the same in b, or does not count. */
static bool
params_match(struct coven_slice a, struct coven_slice b)
{
	struct coven_slice rest = a, name, value, other_name, other;

	while (param_next(&rest, &name, &value)) {
		struct coven_slice others = b;
		bool named = false, found = false;

		while (!found && param_next(&others, &other_name, &other))
			if (same_text(name, other_name, true)) {
				named = true;
				found = same_text(value, other, true);
			}
		if (!found && (named || param_counts(name)))
			return false;
	}
	return true;
}

/* One of "a=b&c=d"; false at the end. */
static bool
next_header(struct coven_slice *rest, struct coven_slice *header)
{
	size_t end;

	if (rest->length == 0)
		return false;
	end = text_find(*rest, '&');
	*header = text_cut(*rest, 0, end);
	*rest = text_cut(*rest, end + 1, rest->length);
	return true;
}

/* Every header of a stands in b. */
static bool
headers_match(struct coven_slice a, struct coven_slice b)
{
	struct coven_slice header, other;

	while (next_header(&a, &header)) {
		struct coven_slice others = b;
		bool found = false;

		while (!found && next_header(&others, &other)) {
			size_t n = text_find(header, '='), k = text_find(other, '=');

			found = same_text(text_cut(header, 0, n), text_cut(other, 0, k),
					  true) &&
				same_text(text_cut(header, n, header.length),
					  text_cut(other, k, other.length), false);
		}
		if (!found)
			return false;
	}
	return true;
}

/* Comparing takes time that grows with the square of what one can send in these. */
static bool
is_bounded(const struct sip_uri *uri)
{
	size_t i, count = 0;

	for (i = 0; i < uri->params.length; i++)
		count += uri->params.at[i] == ';';
	for (i = 0; i < uri->headers.length; i++)
		count += uri->headers.at[i] == '&';
	return count < SIP_PARAMS_MAX;
}

bool
uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (!a->sip || !b->sip)
		return text_alike(a->scheme, b->scheme) && text_same(a->user, b->user) &&
		       text_same(a->params, b->params);
	if (a->sips != b->sips || a->has_user != b->has_user || a->port != b->port ||
	    a->ipv6 != b->ipv6 || !text_alike(a->host, b->host) ||
	    !same_text(a->user, b->user, false) ||
	    !same_text(a->password, b->password, false))
		return false;
	if (!is_bounded(a) || !is_bounded(b))
		return text_same(a->params, b->params) &&
		       text_same(a->headers, b->headers);
	return params_match(a->params, b->params) && params_match(b->params, a->params) &&
	       headers_match(a->headers, b->headers) &&
	       headers_match(b->headers, a->headers);
}
