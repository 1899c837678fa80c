/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference editor: everything by the shortest way that is surely right. */
#include "reference.h"

#include "base/text.h"
#include "sip/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct value {
	struct value *next;
	struct coven_slice text;
	bool dead;
};

/* A line of the message stays in the list when all its values are dead: it marks a place. */
struct line {
	struct line *next;
	struct coven_slice name, raw; /* raw: as received, none for an added line */
	struct value *values;
	bool touched;
};

/* -- texts */

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* How many bytes up to and with the first CRLF; 0: none. */
static size_t
one_line(struct coven_slice s)
{
	for (size_t i = 0; i + 1 < s.length; i++)
		if (s.at[i] == '\r' && s.at[i + 1] == '\n')
			return i + 2;
	return 0;
}

static struct coven_slice
keep(struct reference *r, struct coven_slice s)
{
	s = arena_dup(r->arena, s);
	if (!s.at)
		abort();
	return s;
}

static void *
make(struct reference *r, size_t size)
{
	void *room = arena_zero(r->arena, size);

	if (!room)
		abort();
	return room;
}

/* -- headers that are lists or have a compact form: RFC 3261 20 and its extensions */

static const struct {
	const char *name, *compact;
	bool list;
} headers[] = {
	/* clang-format off */
	{ "accept", "", true }, { "allow", "", true }, { "allow-events", "u", true },
	{ "call-id", "i", false }, { "contact", "m", true }, { "content-encoding", "e", true },
	{ "content-length", "l", false }, { "content-type", "c", false }, { "diversion", "", true },
	{ "event", "o", false }, { "from", "f", false }, { "history-info", "", true },
	{ "path", "", true }, { "proxy-require", "", true }, { "reason", "", true },
	{ "record-route", "", true }, { "refer-to", "r", false }, { "referred-by", "b", false },
	{ "require", "", true }, { "route", "", true }, { "service-route", "", true },
	{ "session-expires", "x", false }, { "subject", "s", false }, { "supported", "k", true },
	{ "to", "t", false }, { "unsupported", "", true }, { "via", "v", true },
	{ "warning", "", true },
	/* clang-format on */
};

static bool
spelt(struct coven_slice name, const char *text)
{
	return name.length && strlen(text) == name.length &&
	       !strncasecmp(text, name.at, name.length);
}

/* The row of a header; -1: it has none. */
static int
header_row(struct coven_slice name)
{
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (spelt(name, headers[i].name) || spelt(name, headers[i].compact))
			return (int)i;
	return -1;
}

static bool
one_header(struct coven_slice a, struct coven_slice b)
{
	if (header_row(a) >= 0 || header_row(b) >= 0)
		return header_row(a) == header_row(b);
	return a.length == b.length && !strncasecmp(a.at, b.at, a.length);
}

static bool
is_list(struct coven_slice name)
{
	return header_row(name) >= 0 && headers[header_row(name)].list;
}

/* -- values between commas */

/* Where the first value ends: at a comma outside of quotes and brackets, or at the end.  Behind a
 * bracket that was never opened all is one value. */
static size_t
value_end(struct coven_slice s)
{
	enum { OUTSIDE, QUOTED, BRACKETED } where = OUTSIDE;

	for (size_t i = 0; i < s.length; i++) {
		switch (where) {
		case OUTSIDE:
			if (s.at[i] == ',')
				return i;
			if (s.at[i] == '"')
				where = QUOTED;
			if (s.at[i] == '<')
				where = BRACKETED;
			if (s.at[i] == '>')
				return s.length;
			break;
		case QUOTED:
			if (s.at[i] == '\\')
				i++;
			else if (s.at[i] == '"')
				where = OUTSIDE;
			break;
		case BRACKETED:
			if (s.at[i] == '>')
				where = OUTSIDE;
			break;
		}
	}
	return s.length;
}

static struct value **
append_value(struct reference *r, struct value **tail, struct coven_slice text)
{
	*tail = make(r, sizeof **tail);
	(*tail)->text = text;
	return &(*tail)->next;
}

/* Empty ones between commas are no values, so an empty list has none. */
static struct value *
split(struct reference *r, struct coven_slice name, struct coven_slice text)
{
	struct value *first = NULL, **tail = &first;
	struct coven_slice rest = text;

	if (!is_list(name)) {
		append_value(r, tail, text);
		return first;
	}
	while (rest.length) {
		size_t end = value_end(rest);
		struct coven_slice value = text_trim(text_cut(rest, 0, end));

		if (value.length)
			tail = append_value(r, tail, value);
		rest = text_cut(rest, end < rest.length ? end + 1 : end, rest.length);
	}
	return first;
}

/* Would a comma and a value behind it still be one more value, and none be empty? */
static bool
fits(struct reference *r, struct coven_slice text)
{
	char *room = make(r, text.length + 3);

	if (text.length)
		memcpy(room, text.at, text.length);
	memcpy(room + text.length, ",x", 2);
	for (struct coven_slice s = { room, text.length + 2 };;) {
		size_t end = value_end(s);

		if (!text_trim(text_cut(s, 0, end)).length)
			return false;
		if (end == s.length)
			return s.length == 1 && s.at[0] == 'x';
		s = text_cut(s, end + 1, s.length);
	}
}

/* -- a message taken apart */

/* The first line with what is folded behind it. */
static size_t
folded_line(struct coven_slice s)
{
	size_t length = one_line(s), more;

	while (length && length < s.length && (s.at[length] == ' ' || s.at[length] == '\t')) {
		more = one_line(text_cut(s, length, s.length));
		length = more ? length + more : 0;
	}
	return length;
}

static struct line *
parse_line(struct reference *r, struct coven_slice raw)
{
	const char *colon = memchr(raw.at, ':', raw.length);
	struct line *line = make(r, sizeof *line);
	size_t at;

	if (!colon)
		return NULL;
	at = (size_t)(colon - raw.at);
	line->raw = raw;
	line->name = text_trim(text_cut(raw, 0, at));
	line->values = split(r, line->name, text_trim(text_cut(raw, at + 1, raw.length)));
	return line;
}

static bool
parse_start(struct reference *r, struct coven_slice line)
{
	const char *uri, *behind;

	if (line.length > 8 && !memcmp(line.at, "SIP/2.0 ", 8)) {
		r->before_uri = line;
		return true;
	}
	uri = memchr(line.at, ' ', line.length);
	behind = uri ? memchr(uri + 1, ' ', line.length - (size_t)(uri + 1 - line.at)) : NULL;
	if (!behind)
		return false;
	r->before_uri = text_cut(line, 0, (size_t)(uri + 1 - line.at));
	r->uri = (struct coven_slice){ uri + 1, (size_t)(behind - uri - 1) };
	r->after_uri = text_cut(line, (size_t)(behind - line.at), line.length);
	return true;
}

struct reference *
reference_parse(struct arena *arena, struct coven_slice bytes)
{
	struct reference *r = arena_zero(arena, sizeof *r);
	struct line **tail;
	struct coven_slice length;
	size_t end = one_line(bytes);

	if (!r)
		abort();
	r->arena = arena;
	if (!end || !parse_start(r, text_cut(bytes, 0, end)))
		return NULL;
	bytes = text_cut(bytes, end, bytes.length);
	for (tail = &r->lines; (end = one_line(bytes)) != 2; tail = &(*tail)->next) {
		end = folded_line(bytes);
		*tail = end ? parse_line(r, text_cut(bytes, 0, end)) : NULL;
		if (!*tail)
			return NULL;
		bytes = text_cut(bytes, end, bytes.length);
	}
	r->body = text_cut(bytes, 2, bytes.length);
	length = reference_read(r, (struct coven_slice){ "l", 1 }, 0);
	if (length.at) {
		size_t count = strtoul(keep(r, length).at, NULL, 10);

		if (count > r->body.length)
			return NULL;
		r->body.length = count;
	}
	return r;
}

struct reference *
reference_copy(struct arena *arena, const struct reference *from)
{
	struct reference *r = arena_zero(arena, sizeof *r);
	struct line **tail;

	if (!r)
		abort();
	*r = *from;
	r->arena = arena;
	tail = &r->lines;
	for (const struct line *line = from->lines; line; line = line->next) {
		struct value **value_tail;

		*tail = make(r, sizeof **tail);
		**tail = *line;
		value_tail = &(*tail)->values;
		for (const struct value *v = line->values; v; v = v->next) {
			*value_tail = make(r, sizeof **value_tail);
			**value_tail = *v;
			value_tail = &(*value_tail)->next;
		}
		tail = &(*tail)->next;
	}
	*tail = NULL;
	return r;
}

/* -- reading */

static bool
line_lives(const struct line *line)
{
	for (const struct value *v = line->values; v; v = v->next)
		if (!v->dead)
			return true;
	return !line->values;
}

/* The nth living value of a header, or of all of them when the name is none. */
static struct value *
find(const struct reference *r, struct coven_slice name, size_t nth, struct line **in)
{
	for (struct line *line = r->lines; line; line = line->next) {
		if (name.at && !one_header(line->name, name))
			continue;
		for (struct value *v = line->values; v; v = v->next)
			if (!v->dead && nth-- == 0) {
				*in = line;
				return v;
			}
	}
	return NULL;
}

struct coven_slice
reference_read(const struct reference *r, struct coven_slice name, size_t nth)
{
	struct line *line;
	struct value *v = find(r, name, nth, &line);

	return v ? v->text : (struct coven_slice){ NULL, 0 };
}

size_t
reference_count(const struct reference *r, struct coven_slice name)
{
	struct line *line;
	size_t count = 0;

	while (find(r, name, count, &line))
		count++;
	return count;
}

bool
reference_each(const struct reference *r, size_t nth, struct coven_slice *name,
	       struct coven_slice *value)
{
	struct line *line;
	struct value *v = find(r, (struct coven_slice){ NULL, 0 }, nth, &line);

	if (!v)
		return false;
	*name = line->name;
	*value = v->text;
	return true;
}

/* -- edits */

static bool
breaks(struct coven_slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if ((unsigned char)s.at[i] < ' ' && s.at[i] != '\t')
			return true;
	return s.length > SIP_VALUE_MAX;
}

static bool
name_good(struct coven_slice name)
{
	static const char token[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~";

	for (size_t i = 0; i < name.length; i++)
		if (!memchr(token, name.at[i], sizeof token - 1))
			return false;
	return name.length > 0 && name.length <= SIP_VALUE_MAX;
}

int
reference_uri(struct reference *r, struct coven_slice uri)
{
	if (!r->uri.at || !uri.length || breaks(uri))
		return -1;
	for (size_t i = 0; i < uri.length; i++)
		if (blank(uri.at[i]) || uri.at[i] == 0x7f)
			return -1;
	r->uri = keep(r, uri);
	return 0;
}

/* The place for a new line: in front of the header's first line or behind its last, else at the
 * ends of the head. */
static struct line **
place(struct reference *r, struct coven_slice name, bool top)
{
	struct line **found = NULL, **at;

	for (at = &r->lines; *at; at = &(*at)->next)
		if (one_header((*at)->name, name)) {
			if (top)
				return at;
			found = &(*at)->next;
		}
	return found ? found : top ? &r->lines : at;
}

int
reference_add(struct reference *r, struct coven_slice name, struct coven_slice value, bool top)
{
	struct coven_slice length = { "l", 1 };
	struct line *line, **at;
	size_t lines = 0;

	if (!name_good(name) || breaks(value))
		return -1;
	if (is_list(name) && text_trim(value).length && !fits(r, value))
		return -1;
	for (line = r->lines; line; line = line->next)
		lines += line_lives(line);
	lines += !one_header(name, length) && !reference_count(r, length);
	if (lines + 1 > SIP_FIELDS_MAX || reference_count(r, name) + 1 > SIP_VALUES_MAX)
		return -1;
	line = make(r, sizeof *line);
	line->name = keep(r, name);
	append_value(r, &line->values, keep(r, text_trim(value)));
	at = place(r, name, top);
	line->next = *at;
	*at = line;
	return 0;
}

int
reference_replace(struct reference *r, struct coven_slice name, size_t nth,
		  struct coven_slice value)
{
	struct line *line;
	struct value *v = find(r, name, nth, &line);

	if (!v || breaks(value) || (is_list(name) && !fits(r, value)))
		return -1;
	v->text = keep(r, text_trim(value));
	line->touched = true;
	return 0;
}

int
reference_remove(struct reference *r, struct coven_slice name, size_t nth)
{
	struct line *line, **at;
	struct value *v = find(r, name, nth, &line);

	if (!v)
		return -1;
	v->dead = true;
	line->touched = true;
	if (line->raw.at)
		return 0;
	for (at = &r->lines; *at != line; at = &(*at)->next)
		continue;
	*at = line->next;
	return 0;
}

int
reference_body(struct reference *r, struct coven_slice body)
{
	struct coven_slice name = { "Content-Length", 14 }, value;
	char room[32];

	if (body.length > SIP_BODY_MAX)
		return -1;
	value.at = room;
	value.length = (size_t)snprintf(room, sizeof room, "%zu", body.length);
	if (reference_replace(r, name, 0, value) < 0 && reference_add(r, name, value, false) < 0)
		return -1;
	r->body = keep(r, body);
	return 0;
}

/* -- the message as it leaves, read again */

/* Values are compared as they are after a line was read again: one given with commas has become
 * several. */
static bool
same_values(struct reference *r, const struct line *line, const struct line *got)
{
	const struct value *g = got->values;

	for (const struct value *v = line->values; v; v = v->next) {
		if (v->dead)
			continue;
		for (struct value *part = split(r, line->name, v->text); part;
		     part = part->next, g = g->next)
			if (!g || !text_same(part->text, g->text))
				return false;
	}
	return !g;
}

/* How often there is nothing where a list could have a value. */
static unsigned
gaps(struct coven_slice name, struct coven_slice raw)
{
	const char *colon = memchr(raw.at, ':', raw.length);
	struct coven_slice s = text_cut(raw, (size_t)(colon + 1 - raw.at), raw.length);
	unsigned count = 0;

	while (is_list(name) && s.length) {
		size_t end = value_end(s);

		count += !text_trim(text_cut(s, 0, end)).length;
		s = text_cut(s, end < s.length ? end + 1 : end, s.length);
	}
	return count;
}

static const char *
line_differs(struct reference *r, const struct line *line, const struct line *got)
{
	if (!got)
		return "a line is missing";
	if (!text_same(line->name, got->name))
		return "another line stands there, or its name is spelt otherwise";
	if (line->raw.at && !line->touched && !text_same(line->raw, got->raw))
		return "a line that nobody touched has changed";
	if (!line->raw.at && got->raw.length != line->name.length + line->values->text.length + 4)
		return "an added line is not \"name: value\"";
	if (line->raw.at && gaps(got->name, got->raw) > gaps(line->name, line->raw))
		return "a comma is left over";
	if (!same_values(r, line, got))
		return "the values of a line differ";
	return NULL;
}

/* At the end, and even if there are SIP_FIELDS_MAX lines already. */
static void
add_length(struct reference *r, struct coven_slice name)
{
	struct line **at = &r->lines;
	char room[32];
	int size = snprintf(room, sizeof room, "%zu", r->body.length);

	while (*at)
		at = &(*at)->next;
	*at = make(r, sizeof **at);
	(*at)->name = name;
	append_value(r, &(*at)->values, keep(r, (struct coven_slice){ room, (size_t)size }));
}

const char *
reference_differs(const struct reference *r, struct coven_slice rendered)
{
	struct coven_slice length = { "Content-Length", 14 };
	struct reference *got = reference_parse(r->arena, rendered),
			 *want = reference_copy(r->arena, r);
	const struct line *line, *g;
	const char *wrong;

	if (!got)
		return "the message cannot be read";
	if (!reference_count(r, length))
		add_length(want, length);
	if (!text_same(got->before_uri, r->before_uri) || !text_same(got->uri, r->uri) ||
	    !text_same(got->after_uri, r->after_uri))
		return "the start line differs";
	for (line = want->lines, g = got->lines; line; line = line->next) {
		if (!line_lives(line))
			continue;
		wrong = line_differs(want, line, g);
		if (wrong)
			return wrong;
		g = g->next;
	}
	if (g)
		return "a line too many";
	if (got->body.at + got->body.length != rendered.at + rendered.length)
		return "something stands behind the body";
	return text_same(got->body, r->body) ? NULL : "the body differs";
}
