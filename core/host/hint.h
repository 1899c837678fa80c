/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hint: of names that would have been right, the one nearest to a name that is wrong. */
#ifndef HOST_HINT_H
#define HOST_HINT_H

#define HINT_TEXT 128

struct hint {
	const char *wrong, *best;
	unsigned distance;
};

void hint_begin(struct hint *h, const char *wrong);
void hint_try(struct hint *h, const char *right);
/* "; did you mean "right"?", or "" when none is near enough to be meant. */
const char *hint_text(const struct hint *h, char room[HINT_TEXT]);

#endif
