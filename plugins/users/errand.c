/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of what is on its way, so that none of it is lost. */
#include "errand.h"

#include <stdlib.h>
#include <string.h>

void *
errand_new(struct errands *all, size_t size)
{
	struct errand *e = calloc(1, size);

	if (!e)
		return NULL;
	e->size = size;
	e->next = all->first;
	e->back = &all->first;
	if (e->next)
		e->next->back = &e->next;
	all->first = e;
	return e;
}

void
errand_end(void *errand)
{
	struct errand *e = errand;

	*e->back = e->next;
	if (e->next)
		e->next->back = e->back;
	explicit_bzero(e, e->size);
	free(e);
}

void
errand_end_all(struct errands *all)
{
	while (all->first)
		errand_end(all->first);
}
