/* SPDX-License-Identifier: GPL-3.0-or-later */
/* udp: the datagram sockets of one worker: reading in batches, and what waits for a
 * full socket. */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "base/loop.h"
#include "net/net.h"
#include "net/receipt.h"
#include "net/socket.h"

#define UDP_BATCH 32         /* datagrams of one system call */
#define UDP_TURNS 8          /* system calls of one socket before others have their turn */
#define UDP_WAITING_MAX 1024 /* datagrams that may wait for a socket, */
#define UDP_WAITING_BYTES (1024 * 1024) /* and their bytes */

/* A datagram to be sent: a view of bytes that are somebody else's. */
struct datagram {
	union socket_address to;
	socklen_t to_length;
	struct coven_slice bytes;
	struct receipt *receipt;
};

struct udp_socket {
	struct net *net;
	struct watch *watch;
	struct list waiting; /* struct waiting, in udp.c */
	size_t waiting_bytes;
	unsigned waiting_count;
	int fd;
	uint16_t listener;
	bool paused;
	int64_t since; /* wall ms: what came before we read is not old by our fault */
	bool busy; /* whole batches came in the turn before */
};

/* Where datagrams are read to: one for all sockets of a worker. */
struct udp_inbox;
struct udp_inbox *udp_inbox_new(void); /* NULL: no memory */
void udp_inbox_free(struct udp_inbox *inbox);

/* NULL: errno. */
struct udp_socket *udp_open(struct net *n, uint16_t listener, bool together);
void udp_start(struct udp_socket *s);
void udp_pause(struct udp_socket *s, bool paused); /* what comes waits in the kernel */
void udp_close(struct udp_socket *s); /* NULL is harmless */

/* A copy waits until the socket takes datagrams again; it answers the receipt, also
 * when there is no room. */
void udp_wait(struct udp_socket *s, const struct datagram *d);
static inline bool
udp_is_full(const struct udp_socket *s)
{
	return s->waiting_count > 0;
}

/* What became of a datagram: answers its receipt, counts, and logs `error` (errno)
 * unless it is 0. */
void udp_sent(struct udp_socket *s, struct receipt *receipt, int error);

#endif
