/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream: the connections of one worker, from accept or connect until the upper floor
 * has been told of their end. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/loop.h"
#include "base/table.h"
#include "net/flow.h"
#include "net/frame.h"
#include "net/net.h"
#include "net/outbox.h"

#define STREAM_SCRATCH 65536 /* bytes of one read of a connection that holds none yet */

enum stream_state {
	STREAM_CONNECTING, /* bytes wait                                    */
	STREAM_SHAKING,    /* there, but its wire is not ready for bytes: they wait, too */
	STREAM_OPEN,
	STREAM_ENDING,     /* its name is dead; closed() is yet to be called */
	STREAM_LINGERING   /* closed() was called; the far end still reads   */
};

struct tls;
struct stream;

/* How bytes go over the descriptor. */
struct stream_wire {
	/* When it is made.  A text that stays: it cannot be. */
	const char *(*prepare)(struct stream *s, const struct net_tls_demand *demand);
	/* Will a stream to the same address do for somebody who demands that? */
	bool (*serves)(const struct stream *s, const struct net_tls_demand *demand);
	void (*begin)(struct stream *s); /* it is connected: stream_opened(), now or later, or stream_end() */
	void (*ready)(void *arg, unsigned events);
	/* Like recv(); *more: others can be had at once. */
	ssize_t (*read)(struct stream *s, char *room, size_t size, bool *more);
	bool (*pending)(const struct stream *s); /* bytes are here that no descriptor will tell of */
	outbox_writer *write;           /* its arg: the stream */
	int (*finish)(struct stream *s); /* our side says no more */
	void (*free)(struct stream *s);
	bool lends; /* another process could go on */
};
extern const struct stream_wire plain_wire, tls_wire;

struct stream {
	struct list link;        /* in streams.all                            */
	struct list dirty;       /* in streams.dirty: written before the loop sleeps */
	struct table_node node;  /* in streams.by_far_end                     */
	struct net *net;
	struct watch *watch;
	int fd;
	enum stream_state state;
	bool accepted, paused, blocked; /* blocked: the kernel takes no more bytes */
	bool identified;                /* has a text in the seat's identities */
	uint8_t read_on, write_on;      /* what the wire waits for to read, to write: WATCH_READ, WATCH_WRITE, or crosswise */
	bool lent;                      /* to a successor: it reads, and writes what we ask it to */
	bool polite;                    /* the far end is to read what was written to it */
	struct coven_flow flow;
	struct coven_address far_end;
	const struct net_transport *transport;
	const struct stream_wire *wire;
	struct tls *tls; /* the wire's */
	uint32_t slot, generation;
	uint16_t listener;
	uint32_t lingered; /* bytes that came after the end */

	struct frame frame;
	bool large; /* the message being read has been given more time */
	char *in; /* bytes of a message that is not whole yet */
	size_t in_length, in_size;
	struct outbox out;

	int64_t active;         /* when bytes came or went last */
	const char *why;        /* it ended                     */
	struct timer deadline;  /* to connect, to shake hands, for a message to be whole, to linger */
	struct timer idle;      /* nothing comes or goes   */
	struct timer stall;     /* the far end reads nothing */
	struct work work;       /* going on after a pause, or the end */
};

struct streams {
	struct list all, dirty;
	struct table by_far_end;
	uint32_t count, secure, max; /* secure: of TLS */
	size_t in_bytes, out_bytes; /* held by all */
	char *scratch;
};

int streams_init(struct net *n); /* -1: no memory */
void streams_done(struct net *n); /* writes what can be written, tells nobody */
void streams_flush(struct net *n);

/* Takes the descriptor over, whatever comes of it.  -1: a limit, or no memory. */
int stream_accept(struct net *n, int fd, uint16_t listener,
                  const struct coven_address *far_end);
/* One of the process before us, with its name; the descriptor is taken over, too.  -1: a limit, or no memory. */
int stream_adopt(struct net *n, int fd, const struct flow_name *name, const struct net_lent *lent);
void stream_lend(struct stream *s, bool lent);
/* The connection to that address, or a new one.  NULL: a limit.  demand: of TLS, or NULL. */
struct stream *stream_to(struct net *n, uint16_t listener, const struct coven_address *far_end,
                         const struct net_tls_demand *demand);
/* NULL: gone, or another worker's. */
struct stream *stream_named(struct net *n, const struct coven_flow *flow);

/* Queues; answers the receipt. */
void stream_send(struct stream *s, struct coven_slice bytes, struct receipt *receipt);
void stream_pause(struct stream *s, bool paused);
/* why: a text that stays.  polite: what is queued is written if the kernel takes it at
 * once. */
void stream_end(struct stream *s, const char *why, bool polite);

/* For wires. */
void stream_opened(struct stream *s);                /* bytes may go both ways */
void stream_ready(void *arg, unsigned events);       /* what the descriptor says */
void stream_watch(struct stream *s);                 /* read_on, write_on have changed */

/* intake.c: reads and hands up messages until there is no more, or the stream ends or
 * is paused. */
void stream_read(struct stream *s);
void stream_read_rest(struct stream *s); /* what was held back by a pause */
void stream_intake_free(struct stream *s);

#endif
