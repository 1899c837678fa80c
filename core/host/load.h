/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load: from the name of a plugin to its shared object, opened after all that can be known before was looked at. */
#ifndef HOST_LOAD_H
#define HOST_LOAD_H

#include "host/plug.h"

#define LOAD_FILE_MAX (256u << 20) /* bytes of a shared object */

/* Sets p->file, which is the caller's to free.  -1: complained. */
int load_find(struct plug *p, const char *plugin, const char *const *folders, struct complaints *list);
/* Sets p->handle and p->table from p->file.  -1: complained. */
int load_open(struct plug *p, uid_t user, struct complaints *list);
void load_close(struct plug *p);

#endif
