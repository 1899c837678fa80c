/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plug: one configured use of a plugin: its table of contents, its options, its place in the chains.  Made before
 * the workers start, read-only while they run. */
#ifndef HOST_PLUG_H
#define HOST_PLUG_H

#include "host/option.h"
#include <coven/plugin.h>
#include <sys/stat.h>

#define PLUGS_MAX 128

struct chain;

struct plug {
	const char *name;                 /* of this use; the plugin's own when not given; owned */
	const char *file;                 /* path of the shared object; owned */
	char *mapped;                     /* the name by which the loader knows it: see load.h; owned */
	void *handle;                     /* of dlopen */
	const struct coven_plugin *table; /* checked: sizes fit, rows are known */
	struct option_set *options;       /* NULL: it has none */
	struct option_place place;        /* of its entry, for complaints; file NULL: none */
	void *shared;                     /* coven_set_shared() */
	const struct plug *before;        /* until it is open: the use that it replaces; or NULL */
	bool opened;
	unsigned editions;                /* that have it */
	uint64_t written;                 /* hash of its entries, the same as long as they are */
	struct stat stat;                 /* of the file, when it was loaded */
	struct coven_instance *instances; /* one a worker */
};

/* Loads the shared object NAME.so from one of the folders (searched in order, until NULL), or the file itself when
 * `plugin` has a slash.  Checks, each refusal one complaint: owner and mode (root's or `user`'s, writable by the owner
 * alone), the ABI numbers in the ELF note before anything is mapped, coven_* symbols that are missing (all listed), the
 * form of the table (sizes, known types and phases, name).  Before, name and place may be set, the rest is zero.
 * old: what is loaded already, or NULL.  -1: refused, p is zero again. */
int plug_load(struct plug *p, const char *plugin, const char *const *folders, uid_t user, const struct chain *old,
              struct complaints *list);
void plug_unload(struct plug *p); /* frees what it owns; harmless when not loaded */

/* Reads p->options from its entries by the rows of its table; `file` is named when something required is missing and
 * there is no entry.  -1: complained. */
int plug_options(struct plug *p, const struct conf_node *const *entries, size_t count, const char *file,
                 struct complaints *list);

/* One complaint about this plug, with file and line of its entry; always -1. */
__attribute__((format(printf, 3, 4))) int plug_refuse(const struct plug *p, struct complaints *list, const char *fmt, ...);

#endif
