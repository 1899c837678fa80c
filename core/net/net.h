/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net: one worker's sockets and connections.  Knows bytes, addresses and where a message ends on a
 * stream; not SIP.  Messages come up through struct net_up, bytes go down by flow.
 *
 * Thread   a net belongs to its worker's loop; functions are for that thread, but those marked.
 * Listeners are described once for all workers (struct net_listener, read-only); each worker opens
 *          its own sockets on them (SO_REUSEPORT; UDP and accepting TCP alike). */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/address.h"
#include "base/loop.h"
#include <coven/types.h>

/* Limits. */
#define NET_LISTENERS_MAX 256
#define NET_DATAGRAM_MAX 65507 /* bytes that IPv4 can carry in one */
#define NET_CONNECTIONS_MAX 65536     /* of one worker */
#define NET_PER_SOURCE_MAX 256        /* connections that one address (IPv6: one /64) may have opened to all workers */
#define NET_QUEUE_MAX (1024 * 1024)   /* bytes that may wait on one connection, or two messages of the largest allowed, */
#define NET_OUTPUT_MAX (256 * 1024 * 1024) /* and on all of one worker */
#define NET_INPUT_MAX (256 * 1024 * 1024)  /* bytes of unfinished messages that one worker holds */
#define NET_HEAD_MS 10000             /* from the first byte of a message to its last; not moved by bytes */
#define NET_BODY_RATE 16              /* bytes a ms of a body beyond NET_BODY_QUICK: so much longer it may take */
#define NET_BODY_QUICK 65536
#define NET_CONNECT_MS 10000
#define NET_FIRST_MS 30000            /* an accepted connection on which nothing ever came */
#define NET_STALL_MS 30000            /* the far end takes none of the bytes that wait for it */
#define NET_IDLE_MS (3600 * 1000)     /* a connection on which nothing came or went */

/* -- transports: a table, so that nothing above asks "is it TCP?" ------------------------------ */
enum net_transport_id { NET_UDP = 1, NET_TCP = 2, NET_TLS = 3 /* WS, WSS: later issues */ };
struct net_transport {
	uint8_t id;
	bool stream, secure;
	const char *via;       /* "UDP": the token in Via      */
	const char *parameter; /* "udp": in ;transport=, lower */
	uint16_t default_port;
};
const struct net_transport *net_transport(unsigned id);                    /* NULL: unknown */
const struct net_transport *net_transport_named(struct coven_slice name); /* any case */

/* -- listeners ----------------------------------------------------------------------------------- */
struct net_listener {
	const struct net_transport *transport;
	struct coven_address address; /* never a wildcard: those were expanded */
};
/* "udp:192.0.2.1:5060", "tcp:[::1]:5060", "udp:*:5060" and "udp:0.0.0.0:5060" (all local IPv4 and IPv6, or
 * IPv4 only, addresses; link-local and temporary IPv6 ones are left out); port optional.
 * Appends to list (at most `max`); 0, or -1 with *why. */
int net_listeners_parse(struct coven_slice text, struct net_listener *list, size_t max, size_t *count,
                        const char **why);

/* -- packets: one whole message as it came ---------------------------------------------------------- */
struct net_packet {
	const char *bytes; /* the net's until net_up.message returns; writable, never NUL-terminated */
	size_t length;
	struct coven_flow flow;
	const struct net_transport *transport;
	struct coven_address near_end, far_end;
	uint16_t listener; /* index of the listener it came by; of an outgoing connection: of the near end's, else 0 */
};

/* Why a stream cannot go on: its framing is broken.  The packet holds what came so far (head at the most);
 * the answer, if any, is sent by net_flow_send() inside the call; then the net closes. */
enum net_broken { NET_BAD_LENGTH = 400, NET_TOO_LARGE = 413 };

struct net_tls_peer; /* these three: net/tls.h */
struct net_tls_demand;
struct tls_set;

struct net_up {
	/* A datagram or one framed message. Neither empty nor only CRLF: keepalives are answered below
	 * (CRLFCRLF by CRLF on streams, RFC 5626 4.4.1; on UDP they are dropped).  The message counts as taken:
	 * who has no room for it now keeps a copy, and calls net_flow_pause(), which stops what is behind it. */
	void (*message)(void *up, const struct net_packet *packet);
	/* First byte cannot begin SIP (not a token character): STUN and other strangers. NULL: dropped.  A stream
	 * closes after it: nobody can tell where the next message begins. */
	void (*other)(void *up, const struct net_packet *packet);
	void (*broken)(void *up, const struct net_packet *packet, enum net_broken why);
	/* A connection has ended, for whatever reason; called on its own worker, once, never inside
	 * net_flow_send(), net_flow_open() or another of these.  why: a text that stays until it returns.  Of TLS:
	 * "certificate: ..." if the far end has not proven what was demanded (nothing was sent to it then), "handshake: ..."
	 * if none came about. */
	void (*closed)(void *up, const struct coven_flow *flow, const char *why);
	/* What is to leave on a connection that has been lent.  -1: it cannot.  NULL: it never can. */
	int (*lent)(void *up, const struct coven_flow *flow, struct coven_slice bytes);
	/* TLS: the handshake is over, and what was demanded is proven; before anything that comes on the connection.  Who has
	 * to find out more calls net_flow_pause(), and nothing is read meanwhile.  NULL: nobody wants to know. */
	void (*secured)(void *up, const struct coven_flow *flow, const struct net_tls_peer *peer);
	/* While net_shared_tap() says so: bytes that are about to leave, on the worker that sends them. */
	void (*leaves)(void *up, const struct coven_flow *flow, struct coven_slice bytes);
};

/* -- the net ---------------------------------------------------------------------------------------- */
struct net;
struct net_shared; /* what all nets of a process share: boot number, listeners, the other nets */

struct net_shared *net_shared_new(const struct net_listener *listeners, size_t count, unsigned workers);
void net_shared_free(struct net_shared *s); /* after all nets and their loops */
const struct net_listener *net_shared_listener(const struct net_shared *s, unsigned index); /* NULL: none */
size_t net_shared_count(const struct net_shared *s);
/* Before any net: listening sockets that were opened for us.  Those that fit are used instead of new ones; all of them are
 * the net's now.  -1: no memory. */
int net_shared_inherit(struct net_shared *s, const int *fds, size_t count);
/* When all nets are open: what nobody took is closed.  -1: there were more for a listener than we have workers, and what
 * waits in them would be lost. */
int net_shared_settle(struct net_shared *s);
/* What may be chosen; before any net.  The numbers above apply where nobody does. */
struct net_limits {
	uint32_t body;       /* bytes of the body of a stream's message, at most FRAME_BODY_LARGE */
	uint32_t per_source; /* connections */
};
void net_shared_limit(struct net_shared *s, const struct net_limits *limits);
/* Any thread, at any time: the certificates of handshakes that begin from now on; connections go on with those that they
 * have.  It takes a reference of its own.  NULL: none; handshakes fail. */
void net_shared_set_tls(struct net_shared *s, struct tls_set *set);
uint32_t net_shared_boot(const struct net_shared *s);
/* Before any net: flows are named as those of the process that had the listeners before. */
void net_shared_follow(struct net_shared *s, uint32_t boot, uint32_t base);
uint32_t net_shared_base(const struct net_shared *s); /* what the next one is to be given: see above */
void net_shared_tap(struct net_shared *s, bool on); /* any thread */

/* Opens and binds everything for worker `worker`; does not read before net_start().  NULL: *where is the listener
 * that failed, errno why. */
struct net *net_new(struct net_shared *s, struct loop *loop, unsigned worker, const struct net_up *up, void *arg,
                    const struct net_listener **where);
void net_start(struct net *n);
/* Once started: nothing is read from listening sockets, and nobody accepted; connections go on. */
void net_pause(struct net *n, bool paused);
/* A connection of another process: its name says the rest. */
struct net_lent {
	struct coven_flow flow;
	bool accepted, spoken; /* who opened it; has anything come? */
};
/* The connections of this worker that can go, on its thread: offered one by one; those taken (0) are neither read nor
 * written here any more, and what is to leave on them goes to up->lent.  The descriptor stays the net's. */
void net_lend(struct net *n, int (*give)(void *arg, const struct net_lent *lent, int fd), void *arg);
void net_unlend(struct net *n); /* they are ours again */
/* In the other process, before its loops run: takes the descriptor, whatever comes of it.  -1: it cannot be had.  Then,
 * when all are there, net_shared_adopted(). */
int net_shared_adopt(struct net_shared *s, const struct net_lent *lent, int fd);
void net_shared_adopted(struct net_shared *s);
/* The listening sockets, in the order of the listeners; they stay the net's.  Gives their number. */
size_t net_sockets(const struct net *n, int *fds, size_t max);
/* Writes what can be written at once and closes everything; closed() is not called, nor are senders answered.
 * All nets may go while others still send to them; their slots stay in net_shared. */
void net_free(struct net *n);

/* Counters, for covenctl; read by any thread (relaxed atomics). */
struct net_counts {
	uint64_t received, sent, dropped, refused_connections;
	uint64_t handshakes, resumed, failed_handshakes; /* of TLS; resumed ones are among the first */
	uint32_t connections, secure;                   /* now; secure: those of TLS, among the first */
};
void net_counts(const struct net *n, struct net_counts *counts);

/* How far this worker is behind with its datagrams, as of the batch that it has read last. */
struct net_backlog {
	unsigned fill; /* per mille of the socket's buffer   */
	unsigned age;  /* ms that the oldest of them waited  */
};
void net_backlog(const struct net *n, struct net_backlog *backlog);

/* -- flows ------------------------------------------------------------------------------------------ */
/* Sending: any worker's net, any flow.  The bytes are copied.  `done` comes once, later, on this net's
 * thread: written to the socket, connection gone, or queue full; NULL: nobody wants to know.  A UDP flow is sent
 * from this worker's own socket of the same listener, in a batch, before the loop sleeps. */
enum net_sent { NET_SENT = 0, NET_GONE = 1, NET_FULL = 2 };
typedef void net_sent_fn(void *arg, enum net_sent result);
void net_flow_send(struct net *n, const struct coven_flow *flow, struct coven_slice bytes,
                   net_sent_fn *done, void *arg);

/* The flow to an address: for UDP a name only; for streams the open connection of this worker to it if there is
 * one, else a new one that is usable at once (bytes wait until it is up; failure comes by closed()).  The near end
 * is the listener that the kernel's routes choose for that far end (loopback for loopback).  -1: no listener of that
 * transport and family, or a limit. */
int net_flow_open(struct net *n, const struct net_transport *transport, const struct coven_address *to,
                  struct coven_flow *flow);
/* The same for TLS, with what the far end has to prove before anything is sent to it; everything is copied.  A connection
 * that is there is used again only if it was begun with the same demand, or has proven as much for the same names
 * (RFC 5923).  -1 as above, or the demand is beyond its limits. */
int net_flow_open_tls(struct net *n, const struct coven_address *to, const struct net_tls_demand *demand,
                      struct coven_flow *flow);
/* A connection of this worker that can take bytes now; false: it is being made, or has gone.  Datagrams: always. */
bool net_flow_is_up(struct net *n, const struct coven_flow *flow);
/* A name for a datagram from a certain listener.  -1: that is none for datagrams, or of another family. */
int net_flow_from(const struct net_shared *s, unsigned listener, const struct coven_address *to,
                  struct coven_flow *flow);
/* This worker's streams only; others, and what has gone, are left alone.  What is queued is written if the
 * kernel takes it at once.  why: a constant text, which closed() gets. */
void net_flow_close(struct net *n, const struct coven_flow *flow, const char *why);

/* What a flow's name tells by itself: any thread, never wrong, also when the connection has gone. */
struct net_flow_facts {
	const struct net_transport *transport;
	unsigned worker;                        /* streams: who owns it */
	uint16_t listener;                      /* whose address goes into Via and Record-Route */
	struct coven_address near_end, far_end; /* near_end: the listener's */
};
int net_flow_facts(const struct net_shared *s, const struct coven_flow *flow, struct net_flow_facts *facts); /* -1: none, or of another boot */
bool net_flow_alive(const struct net_shared *s, const struct coven_flow *flow); /* any thread, a hint: UDP always */

/* Flows in few bytes, for tokens: kind, listener and, for streams, boot, worker, slot and generation; the far end of
 * a datagram flow is not kept (net_flow_from() gives it one).  Both return the bytes used, 0: no.  A stream's far end
 * is looked up if it is alive, and the name is then the same as it was; a name of another boot, or of a
 * listener that is no more, comes out too, and net_flow_facts() says -1. */
#define NET_FLOW_PACKED 16
size_t net_flow_pack(const struct coven_flow *flow, uint8_t room[NET_FLOW_PACKED]);
size_t net_flow_unpack(const struct net_shared *s, const uint8_t *bytes, size_t length, struct coven_flow *flow);

/* Who the far end of a connection is proven to be: a text of its owner's making, read by any thread; it goes with the
 * connection.  -1: gone, or too long, or no memory.  An empty one is taken away. */
#define NET_IDENTITY_MAX 255
int net_flow_set_identity(struct net *n, const struct coven_flow *flow, struct coven_slice text);
/* Copied into the room; empty: none. */
struct coven_slice net_flow_identity(struct net_shared *s, const struct coven_flow *flow, char room[NET_IDENTITY_MAX]);

/* A stream's owner stops reading from it until resumed (its messages found a full ring). */
void net_flow_pause(struct net *n, const struct coven_flow *flow, bool paused);

#endif
