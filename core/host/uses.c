/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes all plugs that the configuration asks for. */
#include "host/uses.h"
#include "host/choose.h"

#include <stdlib.h>
#include <string.h>

static void
use_free(struct plug *p)
{
	if (!p)
		return;
	plug_unload(p);
	free(p);
}

static struct plug *
use_new(const struct choice *one, const char *const *folders, uid_t user, struct complaints *list)
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
	if (plug_load(p, one->plugin, folders, user, list)) {
		free(p);
		return NULL;
	}
	return p;
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
load_all(struct choices *choices, struct plug **plugs, const char *file, const char *const *folders, uid_t user,
         struct complaints *list)
{
	int rc = 0;

	for (size_t i = 0; i < choices->count; i++) {
		struct choice *one = &choices->at[i];

		if (one->off)
			continue;
		plugs[i] = use_new(one, folders, user, list);
		if (plugs[i]) {
			one->phases = phases_of(plugs[i]);
			rc |= plug_options(plugs[i], one->entries, one->entry_count, file, list);
		} else {
			rc = -1;
		}
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
uses_load(struct chain *c, const struct conf_node *root, const char *file, const char *const *folders, uid_t user,
          struct complaints *list)
{
	struct plug *plugs[PLUGS_MAX] = { NULL };
	struct choices choices;
	int rc = choose(&choices, root, list);

	rc |= load_all(&choices, plugs, file, folders, user, list);
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
	for (size_t i = 0; i < c->count; i++)
		use_free(c->plugs[i]);
	*c = (struct chain){ .count = 0 };
}
