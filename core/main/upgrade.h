/* SPDX-License-Identifier: GPL-3.0-or-later */
/* upgrade: a new covend, of whatever version is installed by now, takes this one's place.  Nobody on the network notices:
 * what comes meanwhile waits in the sockets, which both have; transactions end here; and if the new one cannot start,
 * this one goes on as if nothing had been. */
#ifndef MAIN_UPGRADE_H
#define MAIN_UPGRADE_H

#include "main/claim.h"
#include "main/notify.h"
#include "main/starter.h"
#include "main/worker.h"

struct coven_out;
struct control;
struct upgrade;

struct upgrade_setup {
	struct worker_set *workers;
	struct net_shared *net;
	const struct starter *starter;
	const struct claim *claim;
	const struct notify *notify;
	struct control *control;
};

struct upgrade *upgrade_new(const struct upgrade_setup *setup); /* NULL: errno */
void upgrade_close(struct upgrade *u); /* when no worker runs, while the loops are still there; NULL is harmless */
void upgrade_free(struct upgrade *u);  /* after the loops; NULL is harmless */

/* Worker 0.  The answer comes through `out` when the successor serves, or has failed; NULL: to the log only.  One at a
 * time: another one is refused. */
void upgrade_start(struct upgrade *u, struct coven_out *out);
/* Any worker: bytes for a connection that the successor has.  -1: it cannot be had. */
int upgrade_send(struct upgrade *u, const struct coven_flow *flow, struct coven_slice bytes);
/* Our place has been taken: what is left here is not for the next start. */
bool upgrade_is_done(const struct upgrade *u);

#endif
