/* SPDX-License-Identifier: GPL-3.0-or-later */
/* socket: descriptors opened, bound and set up.  All are non-blocking and closed on
 * exec. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/net.h"
#include <sys/socket.h>
#include <netinet/in.h>

/* Room for an address of ours, a quarter of sockaddr_storage. */
union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
socklen_t socket_address(const struct coven_address *a, union socket_address *room);

/* A socket bound to a listener's address, a stream's listening already; `together`:
 * with those of the other workers.  -1: errno. */
int socket_listen(const struct net_listener *l, bool together);

/* 0: nobody has that port, shared or not; -1: errno.  The kernel lets anybody of our
 * user in who asks for SO_REUSEPORT, so a second daemon would share the port unseen:
 * only a socket without it tells. */
int socket_probe(const struct net_listener *l);

/* A stream socket that comes from `near_end` (whose port does not count), on its way
 * to `far_end`. -1: errno. */
int socket_connect(const struct coven_address *near_end,
                   const struct coven_address *far_end);

/* The address from which the kernel would reach `far_end`, without port.  -1: errno. */
int socket_near(const struct coven_address *far_end, struct coven_address *near_end);

#endif
