/* SPDX-License-Identifier: GPL-3.0-or-later */
/* choose: which plugins the configuration asks for, and in which order.
 *
 * The base is the default chain (users, store-lmdb, auth-digest, registrar, location, guard), or `plugins_only` as it stands
 * there.  `plugins` adjusts the base: an entry with a known name gives options to it, `enabled = false` switches it off, a
 * new name comes in.  Entries of one name in several files are joined, in one file they are a mistake.
 *
 * Order: `before` and `after` put a plugin next to another one.  A new one without them is asked before those of the base
 * that have a hook in the same phase, for these have the last word in it (location answers 404); new ones among
 * themselves in the order of the file. */
#ifndef HOST_CHOOSE_H
#define HOST_CHOOSE_H

#include "host/conf.h"
#include "host/form.h"
#include "host/plug.h"

struct choice {
	const char *name, *plugin;        /* plugin: file or name of the shared object */
	const struct conf_node **entries; /* all that configure it */
	size_t entry_count;
	const char *before, *after;       /* at most one of them */
	const struct conf_node *place;    /* where that is said */
	bool off, base;
	unsigned phases;                  /* bits 1 << enum coven_phase: set when it is loaded, before choose_order() */
};

struct choices {
	struct choice at[PLUGS_MAX];
	size_t count;
};

/* Every mistake is a complaint; -1: there was one.  What could be read is in c all the same.  Texts are the conf's. */
int choose(struct choices *c, const struct conf_node *root, struct complaints *list);
void choose_free(struct choices *c);
/* Indices of c->at in the order of use; those that are off are among them. */
int choose_order(const struct choices *c, size_t order[PLUGS_MAX], struct complaints *list);

/* The words of an entry that are no options, until NULL. */
const char *const *choose_words(void);

#endif
