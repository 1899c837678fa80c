/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes all plugs that the configuration asks for. */
#include "host/uses.h"
#include "host/choose.h"
#include "host/host.h"
#include "host/load.h"

#include <stdlib.h>
#include <string.h>

static void
use_free(struct plug *p)
{
	if (!p || (p->editions && --p->editions))
		return;
	free(p->instances);
	plug_unload(p); /* leaves it zero */
	free(p);
}

/* -- the ones that go on */

static struct plug *
old_use(const struct chain *old, const char *name)
{
	for (size_t i = 0; old && i < old->count; i++)
		if (!strcmp(old->plugs[i]->name, name))
			return old->plugs[i];
	return NULL;
}

static bool
same_file(const struct plug *p, const char *plugin, const char *const *folders)
{
	struct complaints *unheard = complaints_new();
	struct plug found = { .name = p->name };
	struct stat st;
	bool same = unheard && load_find(&found, plugin, folders, unheard) == 0 && !strcmp(found.file, p->file) &&
	            stat(found.file, &st) == 0 && load_same_file(&st, &p->stat);

	free((char *)(uintptr_t)found.file);
	complaints_free(unheard);
	return same;
}

static uint64_t
written(const struct choice *one, const struct keyed *key)
{
	uint64_t both[2] = { 0, 0 };

	for (size_t i = 0; i < one->entry_count; i++) {
		both[1] = conf_hash(one->entries[i], key);
		both[0] = keyed_hash(key, both, sizeof both);
	}
	return both[0];
}

/* -- the new ones */

static int
make_instances(struct plug *p, unsigned workers)
{
	p->instances = calloc(workers, sizeof *p->instances);
	return p->instances ? 0 : -1;
}

static struct plug *
use_new(const struct choice *one, const struct uses *u, struct complaints *list)
{
	struct plug *p = calloc(1, sizeof *p);

	if (p)
		p->name = strdup(one->name);
	if (!p || !p->name) {
		complain(list, NULL, 0, "no memory");
		free(p);
		return NULL;
	}
	if (one->entry_count)
		p->place = (struct option_place){ conf_file(one->entries[0]), conf_line(one->entries[0]) };
	if (plug_load(p, one->plugin, u->folders, u->user, u->old, list)) {
		free(p);
		return NULL;
	}
	p->written = written(one, u->key);
	if (make_instances(p, u->workers)) {
		complain(list, NULL, 0, "no memory for plugin \"%s\"", p->name);
		use_free(p);
		return NULL;
	}
	return p;
}

/* With its options, or as it is already. */
static struct plug *
use_take(const struct choice *one, const struct uses *u, struct complaints *list)
{
	struct plug *old = old_use(u->old, one->name), *p;

	if (old && old->written == written(one, u->key) && same_file(old, one->plugin, u->folders)) {
		old->editions++;
		return old;
	}
	p = use_new(one, u, list);
	if (!p)
		return NULL;
	p->editions = 1;
	if (old && !strcmp(old->table->name, p->table->name))
		p->before = old;
	if (plug_options(p, one->entries, one->entry_count, u->file, list) == 0)
		return p;
	use_free(p);
	return NULL;
}

static unsigned
phases_of(const struct plug *p)
{
	const struct coven_hook *hook = p->table->hooks;
	unsigned phases = 0;

	for (size_t i = 1; hook && hook->phase; i++) {
		phases |= 1u << hook->phase;
		hook = CHAIN_ROW(p->table->hooks, p->table->head.hook, i);
	}
	return phases;
}

/* Goes on after a refusal, so that all mistakes are found; plugs[i] NULL: choice i is off or was refused. */
static int
load_all(struct choices *choices, struct plug **plugs, const struct uses *u, struct complaints *list)
{
	int rc = 0;

	for (size_t i = 0; i < choices->count; i++) {
		struct choice *one = &choices->at[i];

		if (one->off)
			continue;
		plugs[i] = use_take(one, u, list);
		if (plugs[i])
			one->phases = phases_of(plugs[i]);
		else
			rc = -1;
	}
	return rc;
}

static int
build(struct chain *c, const struct choices *choices, struct plug **plugs, struct complaints *list)
{
	size_t order[PLUGS_MAX];

	if (choose_order(choices, order, list))
		return -1;
	for (size_t i = 0; i < choices->count; i++)
		if (plugs[order[i]]) {
			c->plugs[c->count++] = plugs[order[i]];
			plugs[order[i]] = NULL;
		}
	return chain_build(c, list);
}

int
uses_load(struct chain *c, const struct uses *u, struct complaints *list)
{
	struct plug *plugs[PLUGS_MAX] = { NULL };
	struct choices choices;
	int rc = choose(&choices, u->root, list);

	rc |= load_all(&choices, plugs, u, list);
	/* needs of a chain with holes would be complained about for nothing */
	if (!rc)
		rc = build(c, &choices, plugs, list);
	for (size_t i = 0; i < PLUGS_MAX; i++)
		use_free(plugs[i]);
	for (size_t i = 0; i < c->count; i++)
		c->plugs[i]->place.file = NULL; /* the conf's */
	choose_free(&choices);
	if (rc)
		uses_free(c);
	return rc;
}

void
uses_free(struct chain *c)
{
	chain_free(c);
	for (size_t i = c->count; i-- > 0;)
		use_free(c->plugs[i]);
	*c = (struct chain){ .count = 0 };
}
