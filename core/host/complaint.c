/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complaints about a configuration, kept in order of file and line. */
#include "host/complaint.h"

#include <stdlib.h>
#include <string.h>

#define COMPLAINT_TEXT 600 /* bytes of one; the rest is cut */

struct complaint {
	char *file, *text;
	unsigned line;
	size_t order; /* of arrival */
};

struct complaints {
	struct complaint kept[COMPLAINTS_MAX];
	size_t count; /* all that came */
};

struct complaints *
complaints_new(void)
{
	return calloc(1, sizeof(struct complaints));
}

static size_t
kept(const struct complaints *list)
{
	return list->count < COMPLAINTS_MAX ? list->count : COMPLAINTS_MAX;
}

void
complaints_free(struct complaints *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < kept(list); i++) {
		free(list->kept[i].file);
		free(list->kept[i].text);
	}
	free(list);
}

/* Names come from a file: they must not steer the terminal they are printed on. */
static void
make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void
complain_list(struct complaints *list, const char *file, unsigned line, const char *fmt,
	      va_list args)
{
	char text[COMPLAINT_TEXT];
	struct complaint *c;

	if (list->count++ >= COMPLAINTS_MAX)
		return;
	vsnprintf(text, sizeof text, fmt, args);
	make_printable(text);
	c = &list->kept[list->count - 1];
	*c = (struct complaint){file ? strdup(file) : NULL, strdup(text), line,
				list->count};
}

void
complain(struct complaints *list, const char *file, unsigned line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain_list(list, file, line, fmt, args);
	va_end(args);
}

size_t
complaints_count(const struct complaints *list)
{
	return list->count;
}

static int
compare(const void *one, const void *other)
{
	const struct complaint *a = one, *b = other;
	int by_file = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (by_file)
		return by_file;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

void
complaints_each(struct complaints *list, void (*fn)(void *arg, const char *text),
		void *arg)
{
	char line[COMPLAINT_TEXT + 512];

	qsort(list->kept, kept(list), sizeof *list->kept, compare);
	for (size_t i = 0; i < kept(list); i++) {
		const struct complaint *c = &list->kept[i];
		const char *text = c->text ? c->text : "no memory";

		if (!c->file)
			snprintf(line, sizeof line, "%s", text);
		else if (!c->line)
			snprintf(line, sizeof line, "%s: %s", c->file, text);
		else
			snprintf(line, sizeof line, "%s:%u: %s", c->file, c->line, text);
		fn(arg, line);
	}
	if (list->count > COMPLAINTS_MAX) {
		snprintf(line, sizeof line, "and %zu more", list->count - COMPLAINTS_MAX);
		fn(arg, line);
	}
}

static void
print_one(void *arg, const char *text)
{
	fprintf(arg, "%s\n", text);
}

void
complaints_print(struct complaints *list, FILE *out)
{
	complaints_each(list, print_one, out);
}
