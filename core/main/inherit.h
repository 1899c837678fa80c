/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inherit: descriptors that whoever started us has opened for us: systemd (socket activation), or the covend whose successor
 * we are.  sd_listen_fds(3), without its library. */
#ifndef MAIN_INHERIT_H
#define MAIN_INHERIT_H

#include "net/net.h"

/* Names of what is no listening socket of SIP. */
#define INHERIT_CHANNEL "coven-channel" /* to the covend before us */
#define INHERIT_CONTROL "coven-control"
#define INHERIT_DATA_LOCK "coven-data-lock"
#define INHERIT_CONTROL_LOCK "coven-control-lock"
#define INHERIT_SOCKET "coven-socket"

struct inherit {
	int *fds;
	const char **names;
	char *text;
	size_t count;
};

void inherit_open(struct inherit *i); /* the variables are taken out of the environment */
void inherit_close(struct inherit *i); /* with what nobody took */
int inherit_take(struct inherit *i, const char *name); /* the caller's now; -1: none of that name */
/* All that is left goes to the net.  -1: no memory. */
int inherit_sockets(struct inherit *i, struct net_shared *net);

#endif
