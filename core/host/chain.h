/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chain: which plugins are used, in which order, and which hooks that makes in each phase. */
#ifndef HOST_CHAIN_H
#define HOST_CHAIN_H

#include "host/plug.h"

/* Row i of a table of a plugin, which may have been built with smaller rows. */
#define CHAIN_ROW(rows, stride, i) ((const void *)((const char *)(rows) + (size_t)(stride) * (i)))

#define CHAIN_PHASES 10 /* enum coven_phase, from 1 */
#define CHAIN_METHODS_MAX 32

struct chain_hook {
	const struct plug *plug;
	coven_hook_fn *call;
	unsigned known;          /* bit 1 << enum sip_method that it wants; all set: every method */
	bool all;
	const char *methods;     /* as the plugin wrote it */
};

struct chain_service {
	const char *name;
	const struct plug *plug;
	const struct coven_service *service;
};

struct chain {
	struct plug *plugs[PLUGS_MAX];
	size_t count;
	struct chain_hook *hooks[CHAIN_PHASES];
	size_t hook_count[CHAIN_PHASES];
	const struct plug *sources[PLUGS_MAX]; /* that look at every packet before it is read */
	size_t source_count;
	struct chain_service *services;
	size_t service_count;
	char allow[512]; /* what the domain itself answers: the Allow header */
};

/* From loaded plugs, in the order of use: fills hooks and services; complains about a name used twice, a service given
 * twice or by nobody, needs in a circle.  Hooks keep that order; then plugs are put so that each stands behind those
 * whose services it needs: the order of open() and start().  -1: refused. */
int chain_build(struct chain *c, struct complaints *list);
void chain_free(struct chain *c); /* not the plugs */
/* The chain of each phase, as `covend -t` prints it. */
void chain_print(const struct chain *c, FILE *to);
const char *chain_phase(enum coven_phase phase); /* "SCREEN" */

/* NULL: nobody gives it, or only in an older version. */
const struct chain_service *chain_service(const struct chain *c, const char *name, uint32_t version);
/* Does some SERVE hook want it? */
bool chain_serves(const struct chain *c, struct coven_slice method);
bool chain_wants(const struct chain_hook *h, unsigned method_id, struct coven_slice method);

#endif
