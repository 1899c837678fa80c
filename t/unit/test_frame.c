/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where messages end on a stream: the same answers however the bytes come. */
#include "net/frame.h"

#include "../tap.h"

#include <stdlib.h>

#define HEAD "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n"
#define STORY 4096

/* Feeds `piece` bytes at a time; writes what came out as text: "M<length>",
 * "B<length>", "P" for the second half of a keepalive, "O", "E400", "E413", and
 * "+<rest>" for what was left. */
static void
feed(const char *bytes, size_t length, size_t piece, char story[STORY])
{
	struct frame f = { .seen = 0 };
	size_t at = 0, end = 0, n = 0;
	struct frame_result r = { FRAME_MORE, 0, false };

	story[0] = '\0';
	while (end < length && r.kind < FRAME_OTHER) {
		end = end + piece < length ? end + piece : length;
		do {
			/* A block of its own: a byte too many is seen by the sanitizer. */
			char *copy = malloc(end - at + 1);

			memcpy(copy, bytes + at, end - at);
			r = frame_next(&f, copy, end - at, FRAME_BODY_MAX);
			free(copy);
			if (r.kind == FRAME_MESSAGE || r.kind == FRAME_BLANK) {
				at += r.length;
				n += (size_t)snprintf(story + n, STORY - n, r.ping ? "P " : "%c%zu ",
				                      r.kind == FRAME_MESSAGE ? 'M' : 'B',
				                      r.length);
			}
		} while (r.kind == FRAME_MESSAGE || r.kind == FRAME_BLANK);
	}
	if (r.kind == FRAME_OTHER)
		snprintf(story + n, STORY - n, "O");
	else if (r.kind >= FRAME_BAD)
		snprintf(story + n, STORY - n, "E%d", (int)r.kind);
	else
		snprintf(story + n, STORY - n, "+%zu", length - at);
}

static void
check_bytes(const char *bytes, size_t length, const char *want, const char *name)
{
	static const size_t pieces[] = { 1, 2, 3, 7, SIZE_MAX / 2 };
	char story[STORY];

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		feed(bytes, length, pieces[i], story);
		is_text(story, want, "%s, %s", name,
		        pieces[i] > 7 ? "at once" : pieces[i] == 1 ? "byte by byte" : "in pieces");
	}
}

static void
check(const char *text, const char *want, const char *name)
{
	check_bytes(text, strlen(text), want, name);
}

/* A message whose Content-Length line is `line`, and a body of five bytes.  want NULL:
 * all of it is one message. */
static void
check_line(const char *line, const char *want, const char *name)
{
	char text[512], whole[32];

	snprintf(text, sizeof text, HEAD "%s\r\nTo: x\r\n\r\nhello", line);
	snprintf(whole, sizeof whole, "M%zu +0", strlen(text));
	check(text, want ? want : whole, name);
}

static void
test_messages(void)
{
	check(HEAD "\r\n", "M47 +0", "no Content-Length, no body");
	check(HEAD "Content-Length: 0\r\n\r\n", "M66 +0", "no body");
	check(HEAD "Content-Length: 5\r\n\r\nhello", "M71 +0", "a body");
	check(HEAD "Content-Length: 5\r\n\r\nhell", "+70", "a body that is not whole");
	check(HEAD "Content-Length: 5\r\n\r\nhello" HEAD "\r\n", "M71 M47 +0", "two in one");
	check(HEAD "l: 4\r\n\r\n\r\n\r\n" HEAD "\r\n", "M57 M47 +0", "a body of line ends");
	check(HEAD, "+45", "a head that is not whole");
	check("SIP/2.0 200 OK\r\nl:0\r\n\r\n", "M23 +0", "a response");
	check("l: 5\r\nl: 0\r\n\r\n", "M14 +0", "the first line is no header");
	check_bytes(HEAD "l: 3\r\n\r\n\0\0\0", 56, "M56 +0", "NULs in the body");
	check_bytes(HEAD "X: \0\r\n\r\n", 53, "M53 +0", "NULs in the head are the scanner's affair");
	check("", "+0", "nothing");
}

static void
test_lengths(void)
{
	check_line("Content-Length: 5", NULL, "the plain form");
	check_line("CONTENT-length:5", NULL, "any case, no blank");
	check_line("l: 5", NULL, "compact");
	check_line("L \t:\t 5 \t", NULL, "blanks around the colon and behind");
	check_line("l:\r\n 5", NULL, "folded");
	check_line("Content-Length:\r\n\t\r\n  5\r\n ", NULL, "folded twice, and behind");
	check_line("l: 000000000000000000000000005", NULL, "leading zeros");
	check_line("l: 5\r\nContent-Length: 5", NULL, "doubled and equal");
	check(HEAD "Content-Lengths: 9\r\nll: 9\r\nLanguage: 9\r\nX: l: 5\r\n\r\n", "M96 +0",
	      "names that are like it");
}

static void
test_bad_lengths(void)
{
	check_line("Content-Length: 2000000000", "E413", "2e9 in full");
	check_line("Content-Length: 2e9", "E400", "2e9");
	check_line("Content-Length: 4294967328", "E413", "2^32+32");
	check_line("Content-Length: 18446744073709551621", "E413", "2^64+5");
	check_line("Content-Length: -1", "E400", "-1");
	check_line("Content-Length: +5", "E400", "+5");
	check_line("Content-Length: 4abc", "E400", "4abc");
	check_line("Content-Length: 0x5", "E400", "0x5");
	check_line("Content-Length: 5, 5", "E400", "a list");
	check_line("Content-Length: 5 5", "E400", "two numbers");
	check_line("Content-Length: 5\r\n 5", "E400", "two numbers, folded");
	check_line("Content-Length: 5;x=y", "E400", "parameters");
	check_line("Content-Length:", "E400", "empty");
	check_line("Content-Length: \r\n ", "E400", "empty, folded");
	check_line("l: 5\r\nContent-Length: 4", "E400", "doubled and different");
	check_line("l: 4\r\nl: 5\r\nl: 4", "E400", "tripled and different");
	check_line("Content-Length: 65537", "E413", "one too many");
	check_line("l: 5\nX: y", "E400", "a bare line feed");
	check("OPTIONS sip:a SIP/2.0\nl: 0\n\n", "E400", "bare line feeds only");
}

static void
test_between(void)
{
	check("\r\n", "B2 +0", "a line end");
	check("\r\n\r\n", "B2 P +0", "a keepalive");
	check("\r\n\r\n\r\n", "B2 P B2 +0", "and a line end");
	check("\r\n\r\n\r\n\r\n", "B2 P B2 P +0", "two keepalives");
	check("\n\r\n\n\r\n", "B1 B2 B1 B2 +0", "bare line feeds are no keepalive");
	check("\r", "+1", "a CR waits");
	check("\rX", "O", "and only for LF");
	check("\r\n" HEAD "\r\n\r\n\r\n" HEAD "\r\n", "B2 M47 B2 P M47 +0", "around messages");
	check("\r\n" HEAD "\r\n\r\n", "B2 M47 B2 +0", "no keepalive has a message inside");
	check(" OPTIONS", "O", "a blank");
	check_bytes("\0\1\0\0", 4, "O", "STUN");
	check("\x80", "O", "beyond ASCII");
	check(HEAD "\r\n{}", "M47 O", "JSON");
}

/* A head of `length` bytes; `end`: with its empty line. */
static char *
long_head(size_t length, bool end)
{
	char *text = malloc(length + 1);
	size_t n = (size_t)snprintf(text, length, HEAD "X: ");

	memset(text + n, 'x', length - n);
	if (end)
		memcpy(text + length - 4, "\r\n\r\n", 4);
	text[length] = '\0';
	return text;
}

static void
check_once(const char *text, size_t length, const char *want, const char *name)
{
	char story[STORY];

	feed(text, length, SIZE_MAX / 2, story);
	is_text(story, want, "%s", name);
	feed(text, length, 911, story);
	is_text(story, want, "%s, in pieces", name);
}

static void
test_limits(void)
{
	char *text = long_head(FRAME_HEAD_MAX, true), *more;

	check_once(text, FRAME_HEAD_MAX, "M32768 +0", "the longest head");
	free(text);
	text = long_head(FRAME_HEAD_MAX + 1, true);
	check_once(text, FRAME_HEAD_MAX + 1, "E413", "one byte more");
	free(text);
	text = long_head(FRAME_HEAD_MAX - 1, false);
	check_once(text, FRAME_HEAD_MAX - 1, "+32767", "still waiting");
	free(text);
	text = long_head(FRAME_HEAD_MAX, false);
	check_once(text, FRAME_HEAD_MAX, "E413", "waiting no more");
	free(text);
	more = calloc(1, 64 + FRAME_BODY_MAX);
	memcpy(more, HEAD "l: 65536\r\n\r\n", 57);
	check_once(more, 57 + FRAME_BODY_MAX, "M65593 +0", "the longest body");
	free(more);
}

/* A head that comes byte by byte costs no more than one that comes at once: no byte is
 * seen twice. */
static void
test_seen(void)
{
	struct frame f = { .seen = 0 };
	char *text = long_head(FRAME_HEAD_MAX, true);
	uint32_t before = 0;
	bool forward = true;

	for (size_t i = 1; i < FRAME_HEAD_MAX; i++) {
		frame_next(&f, text, i, FRAME_BODY_MAX);
		forward = forward && f.seen >= before && f.seen + 2 >= i;
		before = f.seen;
	}
	ok(forward, "what was seen is not looked at again");
	is_int(frame_next(&f, text, FRAME_HEAD_MAX, FRAME_BODY_MAX).kind, FRAME_MESSAGE, "and the message is there");
	is_int(f.seen, 0, "the next one begins anew");
	free(text);
}

int
main(void)
{
	test_messages();
	test_lengths();
	test_bad_lengths();
	test_between();
	test_limits();
	test_seen();
	return done();
}
