/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest name by Damerau-Levenshtein distance (optimal string alignment). */
#include "host/hint.h"

#include <stdio.h>
#include <string.h>

#define HINT_LENGTH 40 /* longer names have no hint */

void
hint_begin(struct hint *h, const char *wrong)
{
	*h = (struct hint){.wrong = wrong};
}

/* Case, and which of - and _, are no difference. */
static char
plain(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c == '-' ? '_' : c;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
distance(const char *a, size_t m, const char *b, size_t n)
{
	unsigned rows[3][HINT_LENGTH + 1], *before = rows[0], *last = rows[1],
					   *row = rows[2];

	for (size_t j = 0; j <= n; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			char x = plain(a[i - 1]), y = plain(b[j - 1]);

			row[j] = least(least(last[j], row[j - 1]) + 1,
				       last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == plain(b[j - 2]) &&
			    plain(a[i - 2]) == y)
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[n];
}

void
hint_try(struct hint *h, const char *right)
{
	size_t m = strlen(h->wrong), n = strlen(right);
	unsigned d;

	if (m > HINT_LENGTH || n > HINT_LENGTH)
		return;
	d = distance(h->wrong, m, right, n);
	if (!h->best || d < h->distance) {
		h->best = right;
		h->distance = d;
	}
}

const char *
hint_text(const struct hint *h, char room[HINT_TEXT])
{
	size_t length = strlen(h->wrong);

	room[0] = '\0';
	if (h->best && h->distance <= 1 + length / 4 && h->distance < length)
		snprintf(room, HINT_TEXT, "; did you mean \"%s\"?", h->best);
	return room;
}
