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
 * has left is replaced.  inherited: the socket of the covend whose successor we are, taken over whatever comes of it, or -1.
 *  NULL: said on stderr, in one line. */
struct control *control_open(const char *path, struct worker_set *workers, uid_t user, int inherited);
/* The listening socket, for a successor; it stays the control's. */
int control_descriptor(const struct control *c);
/* A socket that was inherited is ours for good: we serve. */
void control_own(struct control *c);
/* A successor has the socket now: no new clients, and its name stays when we end. */
void control_leave(struct control *c);
void control_close(struct control *c); /* when no worker runs, while the loops are still there */

#endif
