/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reading: the configuration as it was read at one time, and the edition that is made from it. */
#ifndef MAIN_READING_H
#define MAIN_READING_H

#include "host/host.h"
#include "main/configuration.h"
#include "main/settings.h"

#define READING_FOLDERS_MAX 64

struct reading {
	const char *file;
	struct conf *conf; /* until reading_forget() */
	struct option_set *set;
	const struct settings *settings;
	struct self *self;
	struct tls_set *tls;
	struct host_name *names;
	const char *folders[READING_FOLDERS_MAX + 2]; /* as long as the conf is there */
	uint64_t written[OPTION_ROWS_MAX]; /* by settings_rows(): changes when the text of a key does */
};

/* The folders of key `plugin_path`, if there is one, and the installed one; until NULL.  The texts are the conf's; conf may be NULL. */
void reading_folders(const struct conf *conf, const char *folders[READING_FOLDERS_MAX + 2]);
/* Files and the server's own keys.  NULL: complained. */
struct reading *reading_new(const struct configuration *c, const struct keyed *key, struct complaints *list);
/* The edition, with its plugins loaded and not yet opened; it owns the reading from now on, even when it is NULL
 * (complained). */
struct edition *reading_edition(struct reading *r, struct host_shared *all, uid_t user, struct complaints *list);
/* Of which reading an edition was made. */
const struct reading *reading_of(const struct edition *e);
void reading_forget(struct reading *r); /* wipes the passwords that stood in the files */
void reading_free(struct reading *r);
/* Complains about keys that cannot change while the server runs, and have. */
void reading_compare(const struct reading *r, const struct reading *old, struct complaints *list);

#endif
