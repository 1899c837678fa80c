/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake: from bytes to the transaction layer of the worker that owns the message: scanned where it came, handed
 * over at most once. */
#ifndef MAIN_INTAKE_H
#define MAIN_INTAKE_H

#include "main/worker.h"

extern const struct net_up intake_up; /* its argument is the struct worker */
void intake_close(struct worker *w);

#endif
