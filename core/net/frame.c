/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds where a message ends on a stream: by the empty line and Content-Length, and
 * nothing else. */
#include "net/frame.h"
#include "base/text.h"

#include <string.h>

bool
frame_begins(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("-.!%*_+`'~", c) != NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_length_name(struct coven_slice name)
{
	return text_is_alike(name, "l") || text_is_alike(name, "content-length");
}

/* Digits only, and no more of them than a number just above max has; leading zeros are harmless.  Gives FRAME_BAD, FRAME_LARGE or 0. */
static unsigned
read_length(struct coven_slice digits, uint32_t max, uint32_t *value)
{
	uint32_t n = 0;

	if (text_empty(digits))
		return FRAME_BAD;
	for (size_t i = 0; i < digits.length; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return FRAME_BAD;
		if (n <= max)
			n = n * 10 + (uint32_t)(digits.at[i] - '0');
	}
	*value = n;
	return n > max ? FRAME_LARGE : 0;
}

static void
set_fault(struct frame *f, unsigned fault)
{
	if (!f->fault)
		f->fault = (uint16_t)fault;
}

/* One header with its folded lines, up to and with its last line end. */
static void
read_header(struct frame *f, struct coven_slice header, uint32_t body_max)
{
	uint32_t value = 0;
	unsigned fault;
	size_t colon;

	if (!memchr("cClL", header.at[0], 4))
		return;
	colon = text_find(header, ':');
	if (colon == header.length)
		return;
	if (!is_length_name(text_trim(text_cut(header, 0, colon))))
		return;
	fault = read_length(text_trim(text_cut(header, colon + 1, header.length)), body_max,
	                    &value);
	if (!fault && f->sized && value != f->body)
		fault = FRAME_BAD;
	if (fault)
		set_fault(f, fault);
	f->sized = true;
	f->body = value;
}

/* At the first byte of a line: it goes on with the header before it, or ends that
 * one.  True: wait for another byte. */
static bool
begin_line(struct frame *f, const char *bytes, size_t limit, uint32_t body_max)
{
	char c = bytes[f->seen];

	if (is_blank(c))
		return false;
	/* The first line is no header, whatever it looks like. */
	if (f->line && f->line < f->seen)
		read_header(f, (struct coven_slice){ bytes + f->line, f->seen - f->line },
		            body_max);
	f->line = f->seen;
	if (c == '\r') {
		if (f->seen + 1 == limit)
			return true;
		if (bytes[f->seen + 1] == '\n')
			f->head = f->seen + 2;
	} else if (c == '\n') {
		set_fault(f, FRAME_BAD);
		f->head = f->seen + 1;
	}
	return false;
}

/* Reads on until the empty line; f->head stays 0 when it is not there. */
static void
read_head(struct frame *f, const char *bytes, size_t limit, uint32_t body_max)
{
	while (f->seen < limit) {
		const char *end;

		if (f->seen && bytes[f->seen - 1] == '\n' &&
		    begin_line(f, bytes, limit, body_max))
			return;
		if (f->head)
			return;
		end = memchr(bytes + f->seen, '\n', limit - f->seen);
		if (!end) {
			f->seen = (uint32_t)limit;
			return;
		}
		/* The first byte is a token's, so there is one before. */
		if (end[-1] != '\r')
			set_fault(f, FRAME_BAD);
		f->seen = (uint32_t)(end + 1 - bytes);
	}
}

/* A line end between messages.  A lone CR waits for its LF. */
static struct frame_result
read_blank(struct frame *f, const char *bytes, size_t length)
{
	bool ping = f->blank;

	if (bytes[0] == '\n') {
		f->blank = false;
		return (struct frame_result){ FRAME_BLANK, 1, false };
	}
	if (length < 2)
		return (struct frame_result){ FRAME_MORE, 0, false };
	if (bytes[1] != '\n')
		return (struct frame_result){ FRAME_OTHER, 1, false };
	f->blank = !ping;
	return (struct frame_result){ FRAME_BLANK, 2, ping };
}

static struct frame_result
whole(struct frame *f, size_t length)
{
	size_t wanted = (size_t)f->head + f->body;

	if (f->fault)
		return (struct frame_result){ f->fault, f->head, false };
	if (length < wanted)
		return (struct frame_result){ FRAME_MORE, 0, false };
	*f = (struct frame){ .seen = 0 };
	return (struct frame_result){ FRAME_MESSAGE, wanted, false };
}

struct frame_result
frame_next(struct frame *f, const char *bytes, size_t length, uint32_t body_max)
{
	size_t limit = length < FRAME_HEAD_MAX ? length : FRAME_HEAD_MAX;

	if (length == 0)
		return (struct frame_result){ FRAME_MORE, 0, false };
	if (!f->seen) {
		if (bytes[0] == '\r' || bytes[0] == '\n')
			return read_blank(f, bytes, length);
		if (!frame_begins(bytes[0]))
			return (struct frame_result){ FRAME_OTHER, 1, false };
	}
	if (!f->head)
		read_head(f, bytes, limit, body_max);
	if (f->head)
		return whole(f, length);
	if (limit == FRAME_HEAD_MAX)
		return (struct frame_result){ FRAME_LARGE, limit, false };
	return (struct frame_result){ FRAME_MORE, 0, false };
}
