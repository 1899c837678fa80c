/* SPDX-License-Identifier: GPL-3.0-or-later */
/* become: whom root becomes once everything is open, and the folder that is then its own. */
#ifndef MAIN_BECOME_H
#define MAIN_BECOME_H

#include <sys/types.h>

struct become {
	uid_t uid;
	gid_t gid;
	const char *name; /* NULL: stays who it is */
};

/* "" and whoever is not root stay who they are.  -1: no such user. */
int become_find(struct become *b, const char *name);
/* Makes the folder (0700, the user's) when it is missing.  -1: errno. */
int become_folder(const struct become *b, const char *path);
void become_give(const struct become *b, const char *folder, const char *name); /* what root made there */
int become_now(const struct become *b); /* groups, group, user: for good; -1: errno */

#endif
