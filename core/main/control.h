/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control: the socket of covenctl.  A line of JSON comes in, {"words":["reg","list"]}, and one goes out (see host/out.h);
 * a client may ask again on the same connection.  Runs on worker 0. */
#ifndef MAIN_CONTROL_H
#define MAIN_CONTROL_H

#include "main/worker.h"

#define CONTROL_CLIENTS_MAX 64
#define CONTROL_LINE_MAX 65536 /* bytes of a request */

struct control;

/* Before worker 0 runs.  The socket is `user`'s, mode 0600, and answers root and `user` alone; one that a killed daemon
 * has left is replaced.  NULL: said on stderr, in one line. */
struct control *control_open(const char *path, struct worker_set *workers, uid_t user);
void control_close(struct control *c); /* when no worker runs, while the loops are still there */

#endif
