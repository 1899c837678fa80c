/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that wait for the disk. */
#include "waiting.h"

#include "store/desk.h"

#include <stdlib.h>

struct answer *
waiting_new(struct waiting *w, coven_call call)
{
	struct answer *a = w->spare;
	struct copy copy;

	if (w->count == WAITING_MAX)
		return NULL;
	if (a) {
		w->spare = a->next;
		w->spares--;
	} else {
		a = calloc(1, sizeof *a);
		if (!a)
			return NULL;
	}
	w->count++;
	copy = a->copy;
	*a = (struct answer){ .call = call, .copy = copy };
	return a;
}

static void
forget(struct waiting *w, struct answer *a)
{
	w->count--;
	if (a->bundle)
		bundle_done(a->bundle);
	if (w->spares == WAITING_SPARES) {
		copy_free(&a->copy);
		free(a);
		return;
	}
	copy_reset(&a->copy);
	a->next = w->spare;
	w->spare = a;
	w->spares++;
}

void
answer_bindings(struct answer *a, const struct coven_binding *cause)
{
	a->is_bindings = true;
	if (!cause)
		return;
	a->cause = (struct coven_binding){ .size = sizeof a->cause,
					   .contact = copy_text(&a->copy, cause->contact),
					   .call_id = copy_text(&a->copy, cause->call_id),
					   .flow = cause->flow };
}

/* Others hear of a change when it is sure. */
static void
leave(struct waiting *w, struct coven_instance *in, struct answer *a, int result)
{
	if (!a->is_bindings) {
		coven_store_answer_records(in, a->call, result,
					   result == COVEN_STORE_REFUSED ? NULL
									 : &a->records);
	} else {
		if (result == COVEN_STORE_OK && a->cause.size)
			desk_tell(in, a->bindings.aor, a->bindings.count, &a->cause);
		coven_store_answer(in, a->call, result,
				   result == COVEN_STORE_REFUSED ? NULL : &a->bindings);
	}
	forget(w, a);
}

void
waiting_add(struct waiting *w, struct coven_instance *in, struct answer *a, int result,
	    struct bundle *bundle)
{
	if (!bundle) {
		leave(w, in, a, result);
		return;
	}
	a->bundle = bundle;
	a->result = result;
	a->next = NULL;
	if (w->last)
		w->last->next = a;
	else
		w->first = a;
	w->last = a;
}

void
waiting_answer(struct waiting *w, struct coven_instance *in)
{
	while (w->first) {
		struct answer *a = w->first;
		int result = atomic_load(&a->bundle->result);

		if (result == BUNDLE_WAITS)
			return;
		w->first = a->next;
		if (!w->first)
			w->last = NULL;
		leave(w, in, a, result == COVEN_STORE_OK ? a->result : result);
	}
}

void
waiting_free(struct waiting *w)
{
	struct answer *a = w->first;

	while (a) {
		struct answer *next = a->next;

		forget(w, a);
		a = next;
	}
	for (a = w->spare; a;) {
		struct answer *next = a->next;

		copy_free(&a->copy);
		free(a);
		a = next;
	}
	*w = (struct waiting){ .first = NULL };
}
