/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at the text of a configuration file before libconfig sees it. */
#include "host/lint.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINT_FILE_MAX (64 << 20) /* bytes of one file */
#define LINT_INCLUDE_MAX 8       /* files within files */

struct lint {
	const char *file, *folder;
	struct complaints *list;
	const char *at; /* of a text with a NUL behind it */
	const char *end;
	char *out; /* NULL: the text is an included file, which is read by libconfig
		      itself */
	unsigned line, depth;
	size_t wrong;
};

__attribute__((format(printf, 3, 4))) static void
wrong(struct lint *l, unsigned line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain_list(l->list, l->file, line, fmt, args);
	va_end(args);
	l->wrong++;
}

static void
copy_to(struct lint *l, const char *to)
{
	for (; l->at < to; l->at++) {
		if (*l->at == '\n')
			l->line++;
		if (l->out)
			*l->out++ = *l->at;
	}
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
in_name(char c)
{
	return is_letter(c) || is_digit(c) || c == '*' || c == '_' || c == '-';
}

static void
lint_string(struct lint *l)
{
	const char *at = l->at + 1;

	for (; at < l->end && *at != '"'; at++) {
		if (*at != '\\' || at + 1 == l->end)
			continue;
		at++;
		if (*at == 'x' && l->end - at > 2 && at[1] == '0' && at[2] == '0')
			wrong(l, l->line, "\"\\x00\" in a string would be its end");
	}
	if (at >= l->end) {
		wrong(l, l->line, "the string that begins here has no end");
		at = l->end - 1;
	}
	copy_to(l, at + 1);
}

static void
lint_comment(struct lint *l)
{
	const char *at = l->at;

	if (at[0] == '/' && at[1] == '*') {
		at = strstr(at + 2, "*/");
		if (!at)
			wrong(l, l->line, "the comment that begins here has no end");
		copy_to(l, at ? at + 2 : l->end);
	} else {
		at = memchr(at, '\n', (size_t)(l->end - at));
		copy_to(l, at ? at : l->end);
	}
}

/* Past a number of any kind; *integer tells whether it is one, without an L. */
static const char *
past_number(const char *at, bool *integer)
{
	const char *from;

	*integer = true;
	at += *at == '-' || *at == '+';
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		for (at += 2; is_digit(*at) || (is_letter(*at) && (*at | 32) <= 'f');
		     at++)
			;
	} else {
		while (is_digit(*at))
			at++;
		if (*at == '.') {
			*integer = false;
			for (at++; is_digit(*at); at++)
				;
		}
		if (*at == 'e' || *at == 'E') {
			*integer = false;
			at++;
			at += *at == '-' || *at == '+';
			while (is_digit(*at))
				at++;
		}
	}
	for (from = at; *integer && *at == 'L'; at++)
		;
	*integer = *integer && from == at;
	return at;
}

static bool
fits(const char *at)
{
	bool negative = *at == '-';
	unsigned long long n;

	at += *at == '-' || *at == '+';
	errno = 0;
	n = strtoull(at, NULL, at[0] == '0' && (at[1] | 32) == 'x' ? 16 : 10);
	return !errno && n <= (unsigned long long)INT64_MAX + negative;
}

static void
lint_number(struct lint *l)
{
	bool integer;
	const char *from = l->at, *to = past_number(from, &integer), *more = to;
	char *rest;

	while (in_name(*more) || *more == '.' || (*more == ':' && is_digit(more[1])))
		more++;
	if (more > to) {
		wrong(l, l->line, "must stand in quotes \"%.*s\"",
		      (int)(more - from < 80 ? more - from : 80), from);
		copy_to(l, more);
		return;
	}
	if ((integer || to[-1] == 'L') && !fits(from))
		wrong(l, l->line, "number too large \"%.*s\"",
		      (int)(to - from < 80 ? to - from : 80), from);
	errno = 0;
	if (integer && !l->out && (strtoll(from, &rest, 0) > INT32_MAX || errno))
		wrong(l, l->line,
		      "in an included file such a number needs an L behind it \"%.*s\"",
		      (int)(to - from < 80 ? to - from : 80), from);
	copy_to(l, to);
	if (integer && l->out)
		*l->out++ = 'L';
}

static void lint_all(struct lint *l);

static void
lint_file(struct lint *from, const char *path)
{
	size_t length = 0, before = complaints_count(from->list);
	char *text = lint_read_file(path, &length, from->list);
	struct lint l = {path, from->folder,    from->list, text, text + length, NULL,
			 1,    from->depth + 1, 0};

	if (text)
		lint_all(&l);
	from->wrong += complaints_count(from->list) - before;
	free(text);
}

/* libconfig takes @include at the beginning of a line only, and a name in quotes behind
 * it. */
static void
lint_include(struct lint *l)
{
	const char *name = l->at + strlen("@include"), *end;
	char path[4096];

	name += strspn(name, " \t");
	end = *name == '"' ? strpbrk(name + 1, "\"\n") : NULL;
	if (!l->folder) {
		wrong(l, l->line, "no file can be included here");
	} else if (l->depth >= LINT_INCLUDE_MAX) {
		wrong(l, l->line, "included files are nested too deep");
	} else if (end && *end == '"') {
		snprintf(path, sizeof path, "%s/%.*s", l->folder, (int)(end - name - 1),
			 name + 1);
		lint_file(l, path);
	}
	copy_to(l, end && *end == '"' ? end + 1 : l->at + 1);
}

static void
lint_name(struct lint *l)
{
	const char *to = l->at + 1;

	while (in_name(*to))
		to++;
	copy_to(l, to);
}

static void
lint_all(struct lint *l)
{
	const char *nul = memchr(l->at, '\0', (size_t)(l->end - l->at));

	if (nul) {
		wrong(l, 0, "is not a text file: byte %zu is 0", (size_t)(nul - l->at));
		return;
	}
	while (l->at < l->end) {
		char c = *l->at, next = l->at[1];

		if (c == '"')
			lint_string(l);
		else if (c == '#' || (c == '/' && (next == '/' || next == '*')))
			lint_comment(l);
		else if (c == '@' && !strncmp(l->at, "@include", strlen("@include")))
			lint_include(l);
		else if (is_letter(c) || c == '*' || c == '_')
			lint_name(l);
		else if (is_digit(c) ||
			 ((c == '-' || c == '+' || c == '.') && is_digit(next)))
			lint_number(l);
		else
			copy_to(l, l->at + 1);
	}
}

char *
lint_text(const char *file, struct coven_slice text, const char *folder,
	  struct complaints *list)
{
	size_t bom = text.length >= 3 && !memcmp(text.at, "\xef\xbb\xbf", 3) ? 3 : 0;
	size_t length = text.length - bom;
	char *copy = malloc(length + 1), *out = malloc(length * 2 + 1);
	struct lint l = {file, folder, list, copy, copy + length, out, 1, 0, 0};

	if (!copy || !out) {
		complain(list, file, 0, "no memory");
		l.wrong = 1;
	} else {
		if (length)
			memcpy(copy, text.at + bom, length);
		copy[length] = '\0';
		lint_all(&l);
		*l.out = '\0';
	}
	if (copy)
		explicit_bzero(copy, length); /* there are passwords in it */
	free(copy);
	if (!l.wrong)
		return out;
	free(out);
	return NULL;
}

char *
lint_read_file(const char *path, size_t *length, struct complaints *list)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t n = 0;

	*length = 0;
	if (fd < 0 || fstat(fd, &st) < 0) {
		complain(list, path, 0, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > LINT_FILE_MAX) {
		complain(list, path, 0,
			 S_ISREG(st.st_mode) ? "is too large" : "is not a file");
	} else if (!(text = malloc((size_t)st.st_size + 1))) {
		complain(list, path, 0, "no memory");
	} else {
		while (*length < (size_t)st.st_size &&
		       (n = read(fd, text + *length, (size_t)st.st_size - *length)) > 0)
			*length += (size_t)n;
		text[*length] = '\0';
		if (n < 0) {
			complain(list, path, 0, "%s", strerror(errno));
			free(text);
			text = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return text;
}
