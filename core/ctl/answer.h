/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer: what covend says to one request, printed as it comes: as a table, as JSON, or row by row if it has no end. */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include "ctl/line.h"
#include "ctl/sheet.h"

enum { CTL_GOOD = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_NO_SERVER = 3 };

struct capture;

struct answer {
	bool as_json;
	struct capture *capture;  /* where messages go instead; NULL: they are printed */
	const volatile int *stop; /* set by a signal */
	struct sheet sheet;
	bool begun;               /* {"name":[ has been printed */
	bool streams;             /* an empty piece says so before the first row */
	size_t rows;
};

/* Takes the lines that belong to the answer.  An exit code. */
int answer_take(struct answer *a, struct line *l);

#endif
