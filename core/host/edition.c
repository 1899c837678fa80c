/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Editions: made, opened, ended. */
#include "host/edition.h"
#include "host/host.h"
#include "host/round.h"
#include "host/uses.h"
#include <stdlib.h>

struct edition *
edition_new(struct host_shared *all, struct chain *c)
{
	struct edition *e = calloc(1, sizeof *e);

	if (!e) {
		uses_free(c);
		return NULL;
	}
	e->all = all;
	e->chain = *c;
	*c = (struct chain){ .count = 0 };
	list_append(&all->editions, &e->link);
	return e;
}

/* -- opened */

static void
close_one(struct edition *e, struct plug *p)
{
	struct coven_instance in = { .plug = p, .all = e->all, .edition = e };

	if (p->opened && p->table->close)
		p->table->close(&in);
	p->opened = false;
}

static int
open_one(struct edition *e, struct plug *p)
{
	struct coven_instance in = { .plug = p, .all = e->all, .edition = e };
	struct complaints *list = e->all->complaints;
	size_t before = list ? complaints_count(list) : 0;
	int rc = p->table->open ? p->table->open(&in) : 0;

	if (rc != 0 && list && complaints_count(list) == before)
		complain(list, NULL, 0, "plugin \"%s\": it could not open", p->name);
	if (p->options)
		option_wipe_secrets(p->options); /* who needed them has them */
	p->opened = rc == 0;
	p->before = NULL;
	return rc;
}

/* Those that can are closed again when one cannot; the others are asked all the same, so that every mistake is
 * said at once. */
int
edition_open(struct edition *e)
{
	bool fresh[PLUGS_MAX] = { false }, good = true;

	for (size_t i = 0; i < e->chain.count; i++) {
		struct plug *p = e->chain.plugs[i];

		fresh[i] = !p->opened;
		if (fresh[i])
			good = open_one(e, p) == 0 && good;
	}
	for (size_t i = e->chain.count; !good && i-- > 0;)
		if (fresh[i])
			close_one(e, e->chain.plugs[i]);
	return good ? 0 : -1;
}

/* -- ended */

static void
free_now(struct edition *e)
{
	uses_free(&e->chain);
	if (e->dispose)
		e->dispose(e->arg);
	free(e);
}

/* Behind every letter that was written before the plugs were closed.  A server that ends meanwhile ends the same way: the
 * letters have been dropped. */
static void
letters_gone(void *arg, bool whole)
{
	(void)whole;
	free_now(arg);
}

void
edition_end(struct edition *e, bool workers_run)
{
	list_remove(&e->link);
	for (size_t i = e->chain.count; i-- > 0;)
		if (e->chain.plugs[i]->editions == 1)
			close_one(e, e->chain.plugs[i]);
	if (!workers_run || round_run(e->all, NULL, letters_gone, e) != 0)
		free_now(e);
}
