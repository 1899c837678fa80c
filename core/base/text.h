/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: slices compared, cut and read; and a bounded builder that never overflows. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <coven/types.h>

#define TEXT(literal) ((struct coven_slice){ (literal), sizeof(literal) - 1 })
#define TEXT_ARG(slice) (int)(slice).length, (slice).at ? (slice).at : "" /* for "%.*s" */

struct coven_slice text_of(const char *s); /* of a C string; NULL gives none */
struct coven_slice text_cut(struct coven_slice s, size_t from, size_t to); /* clamped */
struct coven_slice text_trim(struct coven_slice s); /* blanks, tabs, CR and LF off both ends */

static inline bool
text_empty(struct coven_slice s)
{
	return s.length == 0;
}

bool text_same(struct coven_slice a, struct coven_slice b);      /* byte for byte      */
bool text_alike(struct coven_slice a, struct coven_slice b);     /* ASCII case ignored */
bool text_is(struct coven_slice a, const char *s);               /* byte for byte      */
bool text_is_alike(struct coven_slice a, const char *s);         /* ASCII case ignored */
bool text_begins(struct coven_slice s, const char *with);        /* ASCII case ignored */
size_t text_find(struct coven_slice s, char c);                  /* s.length: absent   */
bool text_secret_same(struct coven_slice a, struct coven_slice b); /* time depends on length only */

/* Digits only, the whole slice, at most `max`; -1 else (empty, sign, other bytes, too large). */
int text_number(struct coven_slice s, uint64_t max, uint64_t *value);

/* A builder over room that the caller owns.  Past the end it sets `full` and writes nothing more;
 * text is always NUL-terminated when size > 0. */
struct text_builder {
	char *room;
	size_t size, length;
	bool full;
};
void text_begin(struct text_builder *b, char *room, size_t size);
void text_put(struct text_builder *b, struct coven_slice s);
void text_put_char(struct text_builder *b, char c);
void text_put_number(struct text_builder *b, uint64_t n);
void text_put_hex(struct text_builder *b, const void *bytes, size_t length); /* lower case */
__attribute__((format(printf, 2, 3))) void text_print(struct text_builder *b, const char *fmt, ...);
struct coven_slice text_done(const struct text_builder *b); /* { NULL, 0 } when full */

/* base64url without padding.  Return the length written, or 0 when room is too small or the text
 * is not base64url. */
size_t text_to_base64url(const void *bytes, size_t length, char *room, size_t size);
size_t text_from_base64url(struct coven_slice s, void *room, size_t size);

#endif
