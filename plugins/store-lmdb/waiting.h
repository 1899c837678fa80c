/* SPDX-License-Identifier: GPL-3.0-or-later */
/* waiting: answers of one worker that wait for the disk, in order. */
#ifndef STORE_LMDB_WAITING_H
#define STORE_LMDB_WAITING_H

#include "bundle.h"

#include "store/copy.h"

#define WAITING_MAX 16384 /* of one worker */
#define WAITING_SPARES 64 /* kept for the next ones */

struct answer {
	struct answer *next;
	coven_call call;
	struct bundle *bundle; /* held */
	int result;	       /* if the disk takes it */
	bool is_bindings;
	struct coven_bindings bindings; /* all of these in `copy` */
	struct coven_records records;
	struct coven_binding cause; /* whom to name to others; size 0: nobody */
	struct copy copy;
};

struct waiting {
	struct answer *first, *last, *spare;
	unsigned count, spares;
};

/* An answer to be filled; NULL: there are too many, or no memory. */
struct answer *waiting_new(struct waiting *w, coven_call call);
/* It is about bindings; cause NULL: nothing was to change. */
void answer_bindings(struct answer *a, const struct coven_binding *cause);
/* Takes the answer, and the bundle; NULL: it need not wait, and leaves now. */
void waiting_add(struct waiting *w, struct coven_instance *in, struct answer *a,
		 int result, struct bundle *bundle);
/* Answers all whose bundles have a result. */
void waiting_answer(struct waiting *w, struct coven_instance *in);
void waiting_free(struct waiting *w);

#endif
