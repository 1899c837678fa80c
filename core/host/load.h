/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load: from the name of a plugin to its shared object, opened after all that can be known before was looked at. */
#ifndef HOST_LOAD_H
#define HOST_LOAD_H

#include "host/plug.h"

#define LOAD_FILE_MAX (256u << 20) /* bytes of a shared object */
#define LOAD_NAMES_MAX 256         /* of one file that was replaced again and again */

/* Sets p->file, which is the caller's to free.  -1: complained. */
int load_find(struct plug *p, const char *plugin, const char *const *folders, struct complaints *list);
/* Sets p->handle, p->mapped, p->stat and p->table from p->file.  The loader of the C library knows a shared object by the
 * name it was opened with, and opens none twice: one that was replaced since it was loaded would be the old one for
 * ever.  So it is given another name for each file that there is behind p->file; old: what is loaded, or NULL.
 * -1: complained. */
int load_open(struct plug *p, uid_t user, const struct chain *old, struct complaints *list);
void load_close(struct plug *p);
bool load_same_file(const struct stat *a, const struct stat *b);

#endif
