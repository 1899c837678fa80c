/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections: framing, keepalives, limits in number and time, and how they end. */
#include "netkit.h"

#include "net/acceptor.h"

#include <sys/resource.h>

/* Enough for the loop to see what was sent, on a clock that stands still. */
#define SOON 5

static int
far_stream(struct kit *k)
{
	return kit_far(k, SOCK_STREAM);
}

static void
test_messages(struct kit *k)
{
	int fd = far_stream(k);
	char room[2000];

	k->answer = "SIP/2.0 200 OK\r\n\r\n";
	kit_put(fd, KIT_MESSAGE);
	kit_get(k, fd, room, sizeof room);
	is_text(room, k->answer, "a message is answered");
	is_bytes(k->bytes, k->length, KIT_MESSAGE, strlen(KIT_MESSAGE), "it came whole");
	ok(k->packet.transport == net_transport(NET_TCP) && k->packet.listener == 1, "by TCP");
	is_int(k->packet.near_end.port, k->port, "at our port");
	k->answer = NULL;

	kit_put(fd, KIT_MESSAGE "\r\n" KIT_HEAD "l: 5\r\n\r\nhello");
	is_int(kit_until(k, &k->messages, 3), 3, "two in one");
	ok(k->length > 5 && !memcmp(k->bytes + k->length - 5, "hello", 5), "the second has a body");

	for (const char *at = KIT_HEAD "l: 3\r\n\r\nabc"; *at; at++) {
		send(fd, at, 1, 0);
		kit_run(k, 1);
	}
	is_int(kit_until(k, &k->messages, 4), 4, "byte by byte");
	ok(!memcmp(k->bytes + k->length - 3, "abc", 3), "whole");
	close(fd);
	is_int(kit_until(k, &k->closed, 1), 1, "the end is told");
	ok(!memcmp(&k->closed_flow, &k->packet.flow, sizeof k->closed_flow), "by name");
	is_text(k->why, "closed by the far end", "and why");
}

static void
test_large(struct kit *k)
{
	static char text[70000];
	int fd = far_stream(k);
	size_t head = (size_t)snprintf(text, sizeof text, KIT_HEAD "l: 65536\r\n\r\n");
	unsigned before = k->messages;

	memset(text + head, 'y', 65536);
	for (size_t at = 0; at < head + 65536; at += 8000) {
		size_t left = head + 65536 - at;

		send(fd, text + at, left < 8000 ? left : 8000, 0);
		kit_run(k, 1);
	}
	is_int(kit_until(k, &k->messages, before + 1), before + 1, "the largest message comes");
	is_bytes(k->bytes, k->length, text, head + 65536, "byte for byte");
	close(fd);
	kit_until(k, &k->closed, k->closed + 1);
}

static void
test_keepalive(struct kit *k)
{
	int fd = far_stream(k);
	char room[100];

	kit_put(fd, "\r\n\r\n");
	kit_get(k, fd, room, sizeof room);
	is_text(room, "\r\n", "a ping has its pong");
	kit_put(fd, "\r\n");
	kit_run(k, SOON);
	is_int(recv(fd, room, sizeof room, MSG_DONTWAIT), -1, "a pong has none");
	kit_put(fd, "\r\n");
	kit_get(k, fd, room, sizeof room);
	is_text(room, "\r\n", "a ping in two pieces has");
	close(fd);
	kit_until(k, &k->closed, k->closed + 1);
}

static void
check_broken(struct kit *k, const char *text, enum net_broken why, const char *name)
{
	int fd = far_stream(k);
	unsigned broken = k->broken, closed = k->closed;
	char room[2000];

	kit_put(fd, text);
	kit_get(k, fd, room, sizeof room);
	is_text(room, "SIP/2.0 400 Bad\r\n\r\n", "%s: the answer comes", name);
	is_int(kit_get(k, fd, room, sizeof room), 0, "then the end");
	is_int(k->broken - broken, 1, "it was told once");
	is_int(k->why_broken, why, "with the reason");
	ok(k->length >= 4 && !memcmp(k->bytes + k->length - 4, "\r\n\r\n", 4), "and the whole head");
	is_int(kit_until(k, &k->closed, closed + 1), closed + 1, "closed() came");
	close(fd);
}

static void
test_broken(struct kit *k)
{
	unsigned closed = k->closed, before = k->messages;
	int fd;
	char room[100];

	check_broken(k, KIT_HEAD "l: -1\r\nTo: x\r\n\r\nhello", NET_BAD_LENGTH, "-1");
	check_broken(k, KIT_HEAD "l: 2000000000\r\n\r\n", NET_TOO_LARGE, "2e9");
	is_int(k->messages, before, "none of them is a message");
	fd = far_stream(k);
	closed = k->closed;
	send(fd, "\0\1\0\0hello", 9, 0);
	is_int(kit_get(k, fd, room, sizeof room), 0, "what is not SIP is closed");
	is_int(kit_until(k, &k->closed, closed + 1), closed + 1, "and told");
	is_int(k->others, 1, "after it was handed up");
	close(fd);
}

/* Closing inside message(): the bytes stay until it returns, what is behind is not
 * looked at. */
static void
test_close_inside(struct kit *k)
{
	int fd = far_stream(k);
	unsigned messages = k->messages, closed = k->closed;
	char room[100];

	kit_put(fd, KIT_HEAD);
	kit_run(k, SOON);
	k->answer = "SIP/2.0 603 Decline\r\n\r\n";
	k->close = true;
	kit_put(fd, "\r\n" KIT_MESSAGE KIT_MESSAGE);
	kit_get(k, fd, room, sizeof room);
	is_text(room, k->answer, "the last words come");
	k->answer = NULL;
	k->close = false;
	is_int(kit_get(k, fd, room, sizeof room), 0, "and the end");
	is_int(kit_until(k, &k->closed, closed + 1), closed + 1, "told once");
	is_text(k->why, "enough", "with our reason");
	is_int(k->messages - messages, 1, "what came behind is gone");
	ok(!net_flow_alive(k->shared, &k->closed_flow), "the name is dead");
	k->gone = 0;
	kit_send(k, &k->closed_flow, "x");
	is_int(kit_until(k, &k->gone, 1), 1, "and sending to it says so");
	net_flow_close(k->net, &k->closed_flow, "again");
	kit_run(k, SOON);
	is_int(k->closed, closed + 1, "closing it again is harmless");
	close(fd);
}

static void
test_pause(struct kit *k)
{
	int fd = far_stream(k);
	unsigned before = k->messages;

	k->pause = true;
	kit_put(fd, KIT_MESSAGE KIT_MESSAGE KIT_HEAD);
	is_int(kit_until(k, &k->messages, before + 1), before + 1, "one message comes");
	kit_run(k, SOON);
	is_int(k->messages, before + 1, "the next waits");
	loop_advance(k->loop, NET_HEAD_MS * 2);
	net_flow_pause(k->net, &k->packet.flow, false);
	is_int(kit_until(k, &k->messages, before + 2), before + 2, "until resumed");
	k->pause = false;
	net_flow_pause(k->net, &k->packet.flow, false);
	kit_put(fd, "\r\n");
	is_int(kit_until(k, &k->messages, before + 3), before + 3, "the rest is put together");
	close(fd);
	kit_until(k, &k->closed, k->closed + 1);
}

/* -- time ---------------------------------------------------------------------------- */

static void
test_slow(struct kit *k)
{
	int fd = far_stream(k);
	unsigned closed = k->closed;
	char room[100];

	kit_put(fd, "O");
	kit_run(k, SOON);
	for (int i = 0; i < 9; i++) {
		loop_advance(k->loop, NET_HEAD_MS / 10);
		kit_put(fd, "P");
		kit_run(k, SOON);
	}
	loop_advance(k->loop, NET_HEAD_MS / 10 - 1);
	is_int(k->closed, closed, "a slow message has its time");
	loop_advance(k->loop, 1);
	is_int(k->closed, closed + 1, "which bytes do not move");
	is_text(k->why, "message not whole in time", "the reason");
	is_int(kit_get(k, fd, room, sizeof room), 0, "the far end sees it");
	close(fd);
}

static void
test_silent(struct kit *k)
{
	int silent = far_stream(k), speaking = far_stream(k);
	unsigned closed = k->closed;

	kit_put(speaking, "\r\n");
	kit_run(k, SOON);
	loop_advance(k->loop, NET_FIRST_MS);
	is_int(k->closed, closed + 1, "who never says anything is let go");
	is_text(k->why, "silent", "the reason");
	loop_advance(k->loop, NET_IDLE_MS / 2);
	kit_put(speaking, "\r\n");
	kit_run(k, SOON);
	loop_advance(k->loop, NET_IDLE_MS - 1);
	is_int(k->closed, closed + 1, "an hour runs from the last byte");
	loop_advance(k->loop, 1);
	is_int(k->closed, closed + 2, "and ends");
	is_text(k->why, "idle", "the reason");
	close(silent);
	close(speaking);
	kit_run(k, SOON);
}

static void
test_full(struct kit *k)
{
	static char text[65536];
	int fd = far_stream(k);
	unsigned closed = k->closed, puts = 0;

	kit_put(fd, KIT_MESSAGE);
	kit_until(k, &k->messages, k->messages + 1);
	memset(text, 'z', sizeof text);
	k->sent = k->full = k->gone = 0;
	for (; !k->full && puts < 1000; puts++) {
		net_flow_send(k->net, &k->packet.flow, (struct coven_slice){ text, sizeof text },
		              kit_sent, k);
		kit_run(k, 1);
	}
	is_int(k->full, 1, "a queue that nobody empties is full after %u KB", puts * 64);
	is_int(k->closed, closed, "the connection stays");
	loop_advance(k->loop, NET_STALL_MS);
	is_int(k->closed, closed + 1, "but not for long");
	is_text(k->why, "the far end reads nothing", "the reason");
	is_int(k->sent + k->full + k->gone, puts, "every sender was told");
	is_int(k->gone, NET_QUEUE_MAX / sizeof text, "those that waited, that it has gone");
	close(fd);
}

/* -- number -------------------------------------------------------------------------- */

static unsigned
connections(struct kit *k)
{
	struct net_counts counts;

	net_counts(k->net, &counts);
	return counts.connections;
}

static void
test_per_source(struct kit *k)
{
	static int fds[NET_PER_SOURCE_MAX + 4];
	unsigned refused = 0, rounds = 0;
	struct net_counts counts;
	char room[10];

	for (int i = 0; i < NET_PER_SOURCE_MAX + 4; i++)
		fds[i] = far_stream(k);
	do {
		kit_run(k, 1);
		net_counts(k->net, &counts);
	} while (counts.refused_connections < 4 && ++rounds < KIT_TICKS);
	is_int(connections(k), NET_PER_SOURCE_MAX, "one address has its limit");
	for (int i = 0; i < NET_PER_SOURCE_MAX + 4; i++)
		refused += recv(fds[i], room, sizeof room, MSG_DONTWAIT) == 0;
	is_int(refused, 4, "the others are closed");
	is_int((int)counts.refused_connections, 4, "and counted");
	for (int i = 0; i < NET_PER_SOURCE_MAX + 4; i++)
		close(fds[i]);
	for (rounds = 0; connections(k) && rounds < KIT_TICKS; rounds++)
		kit_run(k, 1);
	is_int(connections(k), 0, "all have gone");
	fds[0] = far_stream(k);
	kit_run(k, SOON);
	is_int(connections(k), 1, "and there is room again");
	close(fds[0]);
	kit_run(k, SOON);
}

/* Takes every descriptor that is left but `spare`. */
static int
take_descriptors(int *fds, int max, int spare)
{
	int count = 0;

	while (count < max && (fds[count] = dup(0)) >= 0)
		count++;
	while (spare-- && count)
		close(fds[--count]);
	return count;
}

/* How many of the far ends have been closed on. */
static unsigned
ends(const int *fds, int count)
{
	unsigned closed = 0;
	char room[10];

	for (int i = 0; i < count; i++)
		closed += recv(fds[i], room, sizeof room, MSG_DONTWAIT) == 0;
	return closed;
}

static void
test_descriptors(struct kit *k)
{
	struct rlimit limit, small;
	int fds[8], taken[256], udp = kit_far(k, SOCK_DGRAM), count, more;
	unsigned before = k->messages;

	getrlimit(RLIMIT_NOFILE, &limit);
	small = limit;
	small.rlim_cur = 128;
	setrlimit(RLIMIT_NOFILE, &small);
	for (int i = 0; i < 8; i++)
		fds[i] = far_stream(k);
	count = take_descriptors(taken, 256, 2);
	kit_run(k, SOON);
	is_int(ends(fds, 8), 6, "without descriptors connections are refused at once");
	is_int(connections(k), 2, "two had one");
	kit_put(udp, KIT_MESSAGE);
	is_int(kit_until(k, &k->messages, before + 1), before + 1, "datagrams go on");
	while (count > 4)
		close(taken[--count]);
	more = far_stream(k);
	kit_put(more, KIT_MESSAGE);
	is_int(kit_until(k, &k->messages, before + 2), before + 2, "so do connections, later");
	while (count)
		close(taken[--count]);
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < 8; i++)
		close(fds[i]);
	close(more);
	close(udp);
	kit_run(k, SOON);
	is_int(connections(k), 0, "all have gone");
}

/* -- outgoing ------------------------------------------------------------------------ */

static int
open_listening(struct coven_address *a)
{
	struct net_listener l = kit_listener("tcp:127.0.0.1", kit_free_port());

	*a = l.address;
	return socket_listen(&l, false);
}

static void
test_outgoing(struct kit *k)
{
	const struct net_transport *tcp = net_transport(NET_TCP);
	struct coven_address to;
	struct coven_flow flow, again;
	int listening = open_listening(&to), fd;
	unsigned messages = k->messages, closed = k->closed;
	char room[100];

	k->sent = k->gone = 0;
	is_int(net_flow_open(k->net, tcp, &to, &flow), 0, "a connection is begun");
	kit_send(k, &flow, KIT_MESSAGE);
	is_int(net_flow_open(k->net, tcp, &to, &again), 0, "and asked for again");
	ok(!memcmp(&flow, &again, sizeof flow), "it is the same");
	ok(net_flow_alive(k->shared, &flow), "it can be used at once");
	kit_run(k, SOON);
	fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
	kit_get(k, fd, room, sizeof room);
	is_text(room, KIT_MESSAGE, "what waited was sent");
	is_int(kit_until(k, &k->sent, 1), 1, "and told");
	kit_put(fd, KIT_MESSAGE);
	is_int(kit_until(k, &k->messages, messages + 1), messages + 1, "the answer comes");
	ok(!memcmp(&k->packet.flow, &flow, sizeof flow), "by the same flow");
	is_int(k->packet.near_end.port, k->port, "whose near end is our listener");
	close(fd);
	is_int(kit_until(k, &k->closed, closed + 1), closed + 1, "its end is told");
	close(listening);
}

static void
test_refused(struct kit *k)
{
	const struct net_transport *tcp = net_transport(NET_TCP);
	struct coven_address to;
	struct coven_flow flow;
	unsigned closed = k->closed;

	close(open_listening(&to));
	k->gone = 0;
	is_int(net_flow_open(k->net, tcp, &to, &flow), 0, "nobody listens there");
	kit_send(k, &flow, KIT_MESSAGE);
	is_int(k->closed, closed, "which is told later");
	is_int(kit_until(k, &k->closed, closed + 1), closed + 1, "by closed()");
	is_text(k->why, "Connection refused", "the reason");
	is_int(kit_until(k, &k->gone, 1), 1, "and to the sender");
	ok(!memcmp(&k->closed_flow, &flow, sizeof flow), "by name");
}

int
main(void)
{
	static struct kit k;

	kit_open(&k, true);
	test_messages(&k);
	test_large(&k);
	test_keepalive(&k);
	test_broken(&k);
	test_close_inside(&k);
	test_pause(&k);
	test_slow(&k);
	test_silent(&k);
	test_full(&k);
	test_per_source(&k);
	test_descriptors(&k);
	test_outgoing(&k);
	test_refused(&k);
	kit_close(&k);
	return done();
}
