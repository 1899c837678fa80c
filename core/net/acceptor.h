/* SPDX-License-Identifier: GPL-3.0-or-later */
/* acceptor: the listening sockets of one worker. */
#ifndef NET_ACCEPTOR_H
#define NET_ACCEPTOR_H

#include "base/loop.h"
#include "net/net.h"

#define ACCEPTOR_TURN 64      /* connections of one socket before others have their turn */
#define ACCEPTOR_PAUSE_MS 100 /* without descriptors; a closed connection ends it, too */
#define ACCEPTOR_LOG_MS 1000  /* refusals are logged no more often */

struct acceptor; /* one socket */
struct acceptors {
	struct acceptor **at; /* by listener, NULL where it is none */
	int reserve;          /* a descriptor to refuse with when there are no others */
	bool started, paused, held;
	int64_t quiet_until; /* no refusal is logged before that */
	unsigned unsaid;     /* those since the last line        */
	struct timer pause;
};

int acceptors_init(struct net *n); /* -1: errno */
int acceptor_open(struct net *n, uint16_t listener, bool together); /* -1: errno */
void acceptors_start(struct net *n);
int acceptor_fd(const struct net *n, uint16_t listener);
void acceptors_hold(struct net *n, bool held); /* those who connect wait in the kernel */
void acceptors_resume(struct net *n); /* a descriptor has become free */
void acceptors_done(struct net *n);

#endif
