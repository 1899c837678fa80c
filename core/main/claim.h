/* SPDX-License-Identifier: GPL-3.0-or-later */
/* claim: what one covend has for itself alone: its data folder, and the place of its control socket. */
#ifndef MAIN_CLAIM_H
#define MAIN_CLAIM_H

#include "ctl/places.h"
#include "main/become.h"
#include "main/inherit.h"

struct claim {
	int data, control; /* descriptors of the locks; -1: none */
};

#define CLAIM_NONE { -1, -1 }

/* Makes the folders that are missing, and takes the locks `lock` in the data folder and, if the control socket is
 * elsewhere, SOCKET.lock beside it; locks that were inherited are held already.  -1: said on stderr, in one line. */
int claim_open(struct claim *c, const struct become *b, const struct places *p, const char *data, const char *control,
               struct inherit *inherit);
void claim_sign(const struct claim *c); /* the number in the locks is ours: we serve */
void claim_close(struct claim *c);

#endif
