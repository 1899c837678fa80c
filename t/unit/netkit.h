/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of net/ share: a net of one worker that writes down what comes up,
 * far ends made of plain sockets, and a loop that runs until something has happened. */
#ifndef T_UNIT_NETKIT_H
#define T_UNIT_NETKIT_H

#include "../tap.h"
#include "base/text.h"
#include "net/net.h"
#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define KIT_TICKS 1000 /* of 5 ms: the longest wait */
#define KIT_HEAD "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n"
#define KIT_MESSAGE KIT_HEAD "\r\n"

struct kit {
	struct loop *loop;
	struct net_shared *shared;
	struct net *net;
	struct watch *tick;
	int tick_fd;
	unsigned ticks;
	int port;

	/* What came up: counts, and the last of each. */
	unsigned messages, others, broken, closed, sent, gone, full;
	enum net_broken why_broken;
	struct net_packet packet;
	char bytes[100000];
	size_t length;
	struct coven_flow closed_flow;
	const char *why;

	/* What to do inside message(): answer with this, close, or pause. */
	const char *answer;
	bool close, pause;
};

static inline void
kit_keep(struct kit *k, const struct net_packet *packet)
{
	k->packet = *packet;
	k->length = packet->length < sizeof k->bytes ? packet->length : sizeof k->bytes;
	memcpy(k->bytes, packet->bytes, k->length);
}

static inline void
kit_sent(void *arg, enum net_sent result)
{
	struct kit *k = arg;

	k->sent += result == NET_SENT;
	k->gone += result == NET_GONE;
	k->full += result == NET_FULL;
}

static inline void
kit_send(struct kit *k, const struct coven_flow *flow, const char *text)
{
	net_flow_send(k->net, flow, text_of(text), kit_sent, k);
}

static inline void
kit_message(void *up, const struct net_packet *packet)
{
	struct kit *k = up;

	k->messages++;
	if (k->answer)
		kit_send(k, &packet->flow, k->answer);
	if (k->close)
		net_flow_close(k->net, &packet->flow, "enough");
	if (k->pause)
		net_flow_pause(k->net, &packet->flow, true);
	kit_keep(k, packet); /* last: the bytes are ours until we return */
}

static inline void
kit_other(void *up, const struct net_packet *packet)
{
	struct kit *k = up;

	k->others++;
	kit_keep(k, packet);
}

static inline void
kit_broken(void *up, const struct net_packet *packet, enum net_broken why)
{
	struct kit *k = up;

	k->broken++;
	k->why_broken = why;
	kit_keep(k, packet);
	kit_send(k, &packet->flow, "SIP/2.0 400 Bad\r\n\r\n");
}

static inline void
kit_closed(void *up, const struct coven_flow *flow, const char *why)
{
	struct kit *k = up;

	k->closed++;
	k->closed_flow = *flow;
	k->why = why;
}

static const struct net_up kit_up = {
	.message = kit_message, .other = kit_other, .broken = kit_broken, .closed = kit_closed,
};

static inline void
kit_tick(void *arg, unsigned events)
{
	struct kit *k = arg;
	uint64_t n;

	if (read(k->tick_fd, &n, sizeof n) == sizeof n)
		k->ticks++;
	loop_stop(k->loop);
}

/* A port of 127.0.0.1 that nobody has, for both transports. */
static inline int
kit_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof a;
	int udp, tcp, rc;

	do {
		udp = socket(AF_INET, SOCK_DGRAM, 0);
		tcp = socket(AF_INET, SOCK_STREAM, 0);
		a.sin_port = 0;
		rc = bind(udp, (struct sockaddr *)&a, sizeof a);
		rc = rc ? rc : getsockname(udp, (struct sockaddr *)&a, &length);
		rc = rc ? rc : bind(tcp, (struct sockaddr *)&a, sizeof a);
		close(udp);
		close(tcp);
	} while (rc);
	return ntohs(a.sin_port);
}

static inline struct net_listener
kit_listener(const char *where, int port)
{
	struct net_listener listener = { NULL, { .family = 0 } };
	char text[64];
	size_t count = 0;
	const char *why = "";

	snprintf(text, sizeof text, "%s:%d", where, port);
	if (net_listeners_parse(text_of(text), &listener, 1, &count, &why) || count != 1)
		printf("# %s: %s\n", text, why);
	return listener;
}

/* One worker with UDP and TCP on one port of 127.0.0.1. */
static inline void
kit_open(struct kit *k, bool test_clock)
{
	const struct net_listener *where;
	struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } };

	memset(k, 0, sizeof *k);
	k->port = kit_free_port();
	struct net_listener listeners[] = { kit_listener("udp:127.0.0.1", k->port),
	                                    kit_listener("tcp:127.0.0.1", k->port) };

	k->loop = loop_new(test_clock);
	k->shared = net_shared_new(listeners, 2, 1);
	k->net = net_new(k->shared, k->loop, 0, &kit_up, k, &where);
	if (!k->net) {
		printf("Bail out! net_new: %s\n", strerror(errno));
		exit(1);
	}
	net_start(k->net);
	k->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	timerfd_settime(k->tick_fd, 0, &every, NULL);
	k->tick = watch_new(k->loop, k->tick_fd, kit_tick, k);
	watch_set(k->tick, WATCH_READ);
}

static inline void
kit_close(struct kit *k)
{
	watch_free(k->tick);
	close(k->tick_fd);
	net_free(k->net);
	loop_free(k->loop);
	net_shared_free(k->shared);
}

/* Runs the loop for some ticks. */
static inline void
kit_run(struct kit *k, unsigned ticks)
{
	for (k->ticks = 0; k->ticks < ticks;)
		loop_run(k->loop);
}

/* Runs until the counter has reached `wanted`; what came is checked by is_int(). */
static inline unsigned
kit_until(struct kit *k, const unsigned *counter, unsigned wanted)
{
	for (k->ticks = 0; k->ticks < KIT_TICKS && *counter < wanted;)
		loop_run(k->loop);
	return *counter;
}

/* A far end that is connected to the net's port; reads of it wait 2 s at most. */
static inline int
kit_far(const struct kit *k, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		                 .sin_port = htons((uint16_t)k->port) };
	struct timeval limit = { 2, 0 };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&a, sizeof a)) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline void
kit_put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		printf("# send: %s\n", strerror(errno));
}

/* Runs the loop until the far end has something to read, and reads it.  -1: nothing
 * came, 0: end. */
static inline ssize_t
kit_get(struct kit *k, int fd, char *room, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (k->ticks = 0; k->ticks < KIT_TICKS && poll(&p, 1, 0) == 0;)
		loop_run(k->loop);
	n = recv(fd, room, size - 1, MSG_DONTWAIT);
	room[n > 0 ? n : 0] = '\0';
	return n;
}

#endif
