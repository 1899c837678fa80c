/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listeners read and opened, and datagrams in and out. */
#include "netkit.h"

#include "net/inside.h"

/* -- listeners ----------------------------------------------------------------------- */

static const char *
parse(const char *text, char room[ADDRESS_TEXT + 4])
{
	struct net_listener list[2];
	size_t count = 0;
	const char *why = "none";
	struct coven_slice printed;

	if (net_listeners_parse(text_of(text), list, 2, &count, &why))
		return why;
	if (count != 1)
		return "not one";
	printed = address_print(&list[0].address, room);
	memmove(room + 4, printed.at, printed.length + 1);
	memcpy(room, list[0].transport->parameter, 3);
	room[3] = ' ';
	return room;
}

static void
test_parse(void)
{
	char room[ADDRESS_TEXT + 4];

	is_text(parse("udp:127.0.0.1:5070", room), "udp 127.0.0.1:5070", "IPv4 and port");
	is_text(parse("TCP:127.0.0.1", room), "tcp 127.0.0.1:5060", "without port");
	is_text(parse("tcp:[::1]:5061", room), "tcp [::1]:5061", "IPv6 and port");
	is_text(parse("udp:[2001:db8::1]", room), "udp [2001:db8::1]:5060", "IPv6 without port");
	is_text(parse("udp:[fe80::1%7]:5061", room), "udp [fe80::1%7]:5061", "a link by its number");
	is_text(parse("udp:[fe80::1%lo]:5061", room), "udp [fe80::1%1]:5061", "a link by its name");
	ok(strstr(parse("udp:[fe80::1%none0]:5061", room), "host"), "a link that is not there");
	ok(strstr(parse("udp:[fe80::1%averyveryverylongname]:5061", room), "host"), "a name that is too long");
	ok(strstr(parse("udp:[fe80::1%]:5061", room), "host"), "no name");
	ok(strstr(parse("sctp:127.0.0.1", room), "transport"), "unknown transport");
	ok(strstr(parse("127.0.0.1:5060", room), "transport"), "no transport");
	ok(strstr(parse("udp", room), "host"), "transport only");
	ok(strstr(parse("udp:", room), "host"), "no host");
	ok(strstr(parse("udp:example.org:5060", room), "host"), "a name");
	ok(strstr(parse("udp:::1:5060", room), "port"), "IPv6 without brackets");
	ok(strstr(parse("udp:[::1", room), "host"), "half a bracket");
	ok(strstr(parse("udp:[::1]x", room), "port"), "something behind the bracket");
	ok(strstr(parse("udp:127.0.0.1:0", room), "port"), "port 0");
	ok(strstr(parse("udp:127.0.0.1:65536", room), "port"), "port 65536");
	ok(strstr(parse("udp:127.0.0.1:", room), "port"), "no port behind the colon");
}

static unsigned
count_of(const char *text, const struct net_listener *list, size_t count)
{
	unsigned found = 0;

	for (size_t i = 0; i < count; i++) {
		char room[ADDRESS_TEXT];

		found += text_is(address_print(&list[i].address, room), text);
	}
	return found;
}

static void
test_wildcards(void)
{
	struct net_listener list[NET_LISTENERS_MAX];
	size_t count = 0, both;
	const char *why = NULL;
	bool clean = true;

	is_int(net_listeners_parse(TEXT("udp:*:5070"), list, NET_LISTENERS_MAX, &count, &why), 0,
	       "a star");
	is_int(count_of("127.0.0.1:5070", list, count), 1, "loopback is in it");
	for (size_t i = 0; i < count; i++)
		clean = clean && !address_is_any(&list[i].address) &&
		        !(list[i].address.ip[0] == 0xfe && list[i].address.family == 6);
	ok(clean, "no wildcard and no link-local address is left");
	both = count;
	is_int(net_listeners_parse(TEXT("udp:0.0.0.0:5070"), list, NET_LISTENERS_MAX, &count, &why),
	       0, "all of IPv4");
	is_int((int)count, (int)both, "what was there is not listed twice");
	is_int(net_listeners_parse(TEXT("tcp:127.0.0.1:5070"), list, count, &count, &why), -1,
	       "a full list");
	is_text(why, "too many listeners", "is told");
	is_int((int)count, (int)both, "and left as it is");
}

/* -- opening ------------------------------------------------------------------------- */

/* Another program that wants the same port, sharing it or not. */
static int
squat(const char *at, int port, bool together)
{
	struct net_listener l = kit_listener(at, port);

	return socket_listen(&l, together);
}

static void
check_busy(const char *at, unsigned workers, bool together)
{
	int port = kit_free_port(), fd = squat(at, port, together);
	struct net_listener list[] = { kit_listener("udp:127.0.0.2", port),
		                       kit_listener(at, port) };
	struct net_shared *shared = net_shared_new(list, 2, workers);
	struct loop *loop = loop_new(true);
	const struct net_listener *where = NULL;

	errno = 0;
	ok(!net_new(shared, loop, 0, &kit_up, NULL, &where), "%s, %u workers, %s: busy", at,
	   workers, together ? "shared" : "not shared");
	is_int(errno, EADDRINUSE, "errno says so");
	ok(where == net_shared_listener(shared, 1), "and which one it is");
	loop_free(loop);
	net_shared_free(shared);
	close(fd);
}

static void
test_busy(void)
{
	for (unsigned workers = 1; workers <= 4; workers += 3)
		for (int together = 0; together < 2; together++) {
			check_busy("udp:127.0.0.1", workers, together);
			check_busy("tcp:127.0.0.1", workers, together);
		}
}

/* Four workers share a port, and a second daemon of four does not get in. */
static void
test_together(void)
{
	int port = kit_free_port(), opened = 0;
	struct net_listener list[] = { kit_listener("udp:127.0.0.1", port),
		                       kit_listener("tcp:127.0.0.1", port) };
	struct net_shared *shared = net_shared_new(list, 2, 4),
			  *second = net_shared_new(list, 2, 4);
	struct loop *loop = loop_new(true);
	struct net *nets[4];
	const struct net_listener *where;

	for (unsigned i = 0; i < 4; i++) {
		nets[i] = net_new(shared, loop, i, &kit_up, NULL, &where);
		opened += nets[i] != NULL;
	}
	is_int(opened, 4, "four workers on one port");
	ok(!net_new(second, loop, 0, &kit_up, NULL, &where) && errno == EADDRINUSE,
	   "a second daemon is refused");
	for (unsigned i = 0; i < 4; i++)
		net_free(nets[i]);
	nets[0] = net_new(second, loop, 0, &kit_up, NULL, &where);
	ok(nets[0], "and gets the port when the first has gone");
	net_free(nets[0]);
	loop_free(loop);
	net_shared_free(shared);
	net_shared_free(second);
}

static void
test_no_address(void)
{
	struct net_listener l = kit_listener("udp:192.0.2.1", 5060);
	struct net_shared *shared = net_shared_new(&l, 1, 1);
	struct loop *loop = loop_new(true);
	const struct net_listener *where;

	ok(!net_new(shared, loop, 0, &kit_up, NULL, &where) && errno == EADDRNOTAVAIL,
	   "an address that is not ours");
	loop_free(loop);
	net_shared_free(shared);
}

/* -- datagrams ----------------------------------------------------------------------- */

static void
test_datagrams(struct kit *k)
{
	int fd = kit_far(k, SOCK_DGRAM);
	struct sockaddr_in self;
	socklen_t length = sizeof self;
	char room[2000];

	getsockname(fd, (struct sockaddr *)&self, &length);
	kit_put(fd, "\r\n\r\n");
	kit_put(fd, "\r\n" KIT_MESSAGE);
	is_int(kit_until(k, &k->messages, 1), 1, "a message came, a keepalive did not");
	is_bytes(k->bytes, k->length, KIT_MESSAGE, strlen(KIT_MESSAGE), "from its first line on");
	is_int(k->packet.far_end.port, ntohs(self.sin_port), "its far end");
	is_int(k->packet.near_end.port, k->port, "its near end");
	ok(k->packet.transport == net_transport(NET_UDP) && k->packet.listener == 0, "by UDP");
	kit_send(k, &k->packet.flow, "SIP/2.0 200 OK\r\n\r\n");
	is_int(k->sent, 0, "nobody is told at once");
	kit_get(k, fd, room, sizeof room);
	is_text(room, "SIP/2.0 200 OK\r\n\r\n", "an answer goes back");
	is_int(kit_until(k, &k->sent, 1), 1, "the sender is told");
	is_int(k->gone + k->full, 0, "nothing else");
	send(fd, "\0\1\0\0", 4, 0);
	is_int(kit_until(k, &k->others, 1), 1, "STUN is other");
	is_int((int)k->length, 4, "whole");
	is_int(k->messages, 1, "and no message");
	close(fd);
}

static void
test_open(struct kit *k)
{
	struct coven_flow flow;
	struct coven_address to = k->packet.far_end, none = { .family = 6, .port = 5060 };

	is_int(net_flow_open(k->net, net_transport(NET_UDP), &to, &flow), 0, "a flow to an address");
	ok(!memcmp(&flow, &k->packet.flow, sizeof flow), "is the one that came from there");
	is_int(net_flow_open(k->net, net_transport(NET_UDP), &none, &flow), -1,
	       "no listener of that family");
	to.port = 0;
	is_int(net_flow_open(k->net, net_transport(NET_UDP), &to, &flow), -1, "no port");
}

/* More than one batch either way, from inside message() and out of it. */
static void
test_many(struct kit *k)
{
	int fd = kit_far(k, SOCK_DGRAM);
	unsigned came = 0, before = k->messages;
	char room[2000];

	k->answer = "SIP/2.0 100 Trying\r\n\r\n";
	k->sent = 0;
	for (int i = 0; i < 200; i++)
		kit_put(fd, KIT_MESSAGE);
	is_int(kit_until(k, &k->messages, before + 200) - before, 200, "200 messages came");
	is_int(kit_until(k, &k->sent, 200), 200, "200 answers were sent");
	while (recv(fd, room, sizeof room, MSG_DONTWAIT) > 0)
		came++;
	is_int(came, 200, "and came");
	k->answer = NULL;
	close(fd);
}

static void
test_large(struct kit *k)
{
	int fd = kit_far(k, SOCK_DGRAM);
	static char large[65508], room[66000];
	unsigned before = k->messages;

	memset(large, 'x', sizeof large - 1);
	kit_put(fd, large);
	is_int(kit_until(k, &k->messages, before + 1), before + 1, "the largest datagram comes");
	is_int((int)k->length, 65507, "whole");
	for (int i = 0; i < 6; i++)
		kit_send(k, &k->packet.flow, large);
	is_int(kit_get(k, fd, room, sizeof room), 65507, "and goes, six of them in a batch");
	k->gone = 0;
	net_flow_send(k->net, &k->packet.flow, (struct coven_slice){ room, 65536 }, kit_sent, k);
	net_flow_send(k->net, &k->packet.flow, (struct coven_slice){ room, 65535 }, kit_sent, k);
	is_int(kit_until(k, &k->gone, 2), 2, "what is larger does not");
	close(fd);
}

/* Loopback never refuses a datagram for want of room, so they are put into the queue
 * by hand. */
static void
test_waiting(struct kit *k)
{
	struct udp_socket *s = k->net->udp[0];
	struct datagram d = { .bytes = TEXT("first") };
	int fd = kit_far(k, SOCK_DGRAM);
	char room[100];

	kit_put(fd, KIT_MESSAGE);
	kit_until(k, &k->messages, k->messages + 1);
	d.to_length = socket_address(&k->packet.far_end, &d.to);
	k->sent = k->full = 0;
	d.receipt = receipts_take(&k->net->receipts, kit_sent, k);
	udp_wait(s, &d);
	kit_send(k, &k->packet.flow, "second");
	batch_flush(k->net->batch);
	is_int(s->waiting_count, 2, "what comes after one that waits, waits too");
	kit_get(k, fd, room, sizeof room);
	is_text(room, "first", "and leaves after it");
	kit_get(k, fd, room, sizeof room);
	is_text(room, "second", "in order");
	is_int(kit_until(k, &k->sent, 2), 2, "both senders are told");
	ok(!udp_is_full(s) && s->waiting_bytes == 0, "nothing waits");
	for (int i = 0; i < UDP_WAITING_MAX + 3; i++) {
		d.receipt = receipts_take(&k->net->receipts, kit_sent, k);
		udp_wait(s, &d);
	}
	is_int(kit_until(k, &k->full, 3), 3, "the queue is bounded");
	is_int(kit_until(k, &k->sent, UDP_WAITING_MAX + 2), UDP_WAITING_MAX + 2, "and empties");
	close(fd);
}

/* The same by IPv6, which does not let IPv4 in. */
static void
test_v6(struct kit *k)
{
	struct net_listener l = kit_listener("udp:[::1]", k->port);
	struct net_shared *shared = net_shared_new(&l, 1, 1);
	const struct net_listener *where;
	struct net *n = net_new(shared, k->loop, 0, &kit_up, k, &where);
	union socket_address to;
	socklen_t length = socket_address(&l.address, &to);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned before = k->messages;
	struct coven_flow flow;
	char room[100];

	if (!n) {
		skip("no IPv6 here");
	} else {
		net_start(n);
		connect(fd, &to.any, length);
		kit_put(fd, KIT_MESSAGE);
		is_int(kit_until(k, &k->messages, before + 1), before + 1, "a message by IPv6");
		ok(k->packet.far_end.family == 6 && address_is_loopback(&k->packet.far_end),
		   "its far end");
		net_flow_open(n, net_transport(NET_UDP), &k->packet.far_end, &flow);
		ok(!memcmp(&flow, &k->packet.flow, sizeof flow), "the flow to it");
		net_flow_send(n, &flow, TEXT("hello"), NULL, NULL);
		kit_get(k, fd, room, sizeof room);
		is_text(room, "hello", "carries the answer");
		net_free(n);
	}
	close(fd);
	net_shared_free(shared);
	k->messages = before;
}

static void
test_counts(struct kit *k)
{
	struct net_counts counts;

	net_counts(k->net, &counts);
	is_int((int)counts.received, k->messages + k->others, "all were counted");
	ok(counts.sent > 200 && counts.dropped >= 5, "those sent and dropped too");
	is_int(counts.connections, 0, "no connections");
}

int
main(void)
{
	static struct kit k;

	test_parse();
	test_wildcards();
	test_busy();
	test_together();
	test_no_address();
	kit_open(&k, false);
	test_datagrams(&k);
	test_open(&k);
	test_many(&k);
	test_large(&k);
	test_waiting(&k);
	test_v6(&k);
	test_counts(&k);
	kit_close(&k);
	return done();
}
