/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uses: from the configuration to a chain that is ready: plugins chosen, loaded, put in order, given their options. */
#ifndef HOST_USES_H
#define HOST_USES_H

#include "host/chain.h"
#include "host/conf.h"

struct uses {
	const struct conf_node *root;
	const char *file;           /* named where something is missing */
	const char *const *folders; /* until NULL */
	uid_t user;                 /* see plug_load() */
	unsigned workers;
	const struct keyed *key;    /* the same at every reload: it tells whether an entry has changed */
	const struct chain *old;    /* in force; NULL: none.  Its uses whose entry and file are the same go on. */
};

/* c is zero before.  Every mistake is a complaint, as many as can be found in one go.  The conf may be freed
 * afterwards.  -1: refused, c is zero. */
int uses_load(struct chain *c, const struct uses *u, struct complaints *list);
void uses_free(struct chain *c); /* the chain, and its plugs that no other edition has; harmless when zero */

#endif
