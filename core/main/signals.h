/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signals: SIGTERM and SIGINT stop the server, a second one at once; SIGHUP reloads its configuration,
 * SIGUSR2 starts a successor; read by worker 0's loop like any descriptor. */
#ifndef MAIN_SIGNALS_H
#define MAIN_SIGNALS_H

#include "main/worker.h"

void signals_block(void); /* first of all, so that every thread inherits it */
struct signals;
struct signals *signals_open(struct worker_set *workers); /* NULL: errno */
void signals_close(struct signals *s);

#endif
