/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of flows, the slots behind them, the choice of a listener, and sending to
 * another worker. */
#include "netkit.h"

#include "net/flow.h"
#include "net/inside.h"

#include <pthread.h>

static struct coven_address
address(const char *text)
{
	struct coven_address a;

	if (address_parse_port(text_of(text), &a))
		printf("# not an address: %s\n", text);
	return a;
}

/* -- names --------------------------------------------------------------------------- */

static void
test_name(void)
{
	struct flow_name name = { .transport = NET_TCP,
		                  .listener = 0xfedc,
		                  .boot = 0x89abcdef,
		                  .far_end = address("[fe80::1%7]:65535"),
		                  .worker = 0x1234,
		                  .slot = 65535,
		                  .generation = 0xffffffff };
	struct coven_flow flow = flow_make(&name), none = { { 0 } };
	struct flow_name back = flow_read(&flow);

	ok(back.transport == name.transport && back.listener == name.listener &&
	           back.boot == name.boot && back.worker == name.worker && back.slot == name.slot &&
	           back.generation == name.generation,
	   "what is in a name comes out");
	ok(address_same(&back.far_end, &name.far_end), "the far end too");
	is_int(flow_read(&none).transport, 0, "zero is none");
}

static struct net_shared *
two_listeners(unsigned workers)
{
	struct net_listener list[] = { kit_listener("udp:127.0.0.1", 5060),
		                       kit_listener("tcp:[::1]", 5070) };

	return net_shared_new(list, 2, workers);
}

static void
test_pack(void)
{
	struct net_shared *s = two_listeners(4), *other = two_listeners(4);
	struct coven_address far = address("192.0.2.7:5064"), far6 = address("[2001:db8::7]:5064");
	struct coven_flow udp, tcp, back;
	struct net_flow_facts facts;
	uint8_t room[NET_FLOW_PACKED];
	uint32_t slot, generation;
	size_t length;

	is_int(net_flow_from(s, 0, &far, &udp), 0, "a name for datagrams");
	is_int(net_flow_from(s, 1, &far6, &back), -1, "not for streams");
	is_int(net_flow_from(s, 0, &far6, &back), -1, "nor across families");
	is_int(net_flow_from(s, 2, &far, &back), -1, "nor from no listener");
	is_int(net_flow_facts(s, &udp, &facts), 0, "it tells");
	ok(facts.transport->id == NET_UDP && address_same(&facts.far_end, &far) &&
	           facts.near_end.port == 5060,
	   "transport and ends");
	ok(net_flow_alive(s, &udp), "and lives for ever");
	is_int(net_flow_facts(other, &udp, &facts), -1, "but not in another process");

	length = net_flow_pack(&udp, room);
	is_int((int)net_flow_unpack(s, room, length, &back), (int)length, "packed and unpacked");
	is_int(flow_read(&back).far_end.family, 0, "without far end");
	is_int((int)net_flow_unpack(other, room, length, &back), (int)length, "after a restart");
	is_int(net_flow_facts(other, &back, &facts), 0, "it still names the listener");
	is_int((int)net_flow_unpack(s, room, length - 1, &back), 0, "too short");

	slots_take(&s->seats[3].slots, &far6, s, &slot, &generation);
	tcp = flow_make(&(struct flow_name){ NET_TCP, 1, s->boot, far6, 3, slot, generation });
	ok(net_flow_alive(s, &tcp), "a stream's name lives");
	length = net_flow_pack(&tcp, room);
	is_int((int)net_flow_unpack(s, room, length, &back), (int)length, "packed and unpacked");
	ok(!memcmp(&back, &tcp, sizeof tcp), "the same name, with its far end");
	is_int((int)net_flow_unpack(other, room, length, &back), (int)length, "after a restart");
	ok(net_flow_facts(other, &back, &facts) == -1 && !net_flow_alive(other, &back),
	   "it names nothing");
	slots_free(&s->seats[3].slots, slot);
	ok(!net_flow_alive(s, &tcp), "nor when it has gone");
	is_int(net_flow_facts(s, &tcp, &facts), 0, "but it still tells");
	ok(facts.worker == 3 && address_same(&facts.far_end, &far6), "all that is in it");
	memset(room, 0xff, sizeof room);
	is_int((int)net_flow_unpack(s, room, sizeof room, &back), 0, "nonsense");
	room[0] = NET_TCP;
	net_flow_unpack(s, room, sizeof room, &back);
	ok(net_flow_facts(s, &back, &facts) == -1 && !net_flow_alive(s, &back), "more nonsense");
	is_int((int)net_flow_pack(&(struct coven_flow){ { 0 } }, room), 0, "none");
	net_shared_free(s);
	net_shared_free(other);
}

static void
test_slots(void)
{
	struct slots s;
	struct coven_address a = address("192.0.2.1:1"), b = address("192.0.2.2:2"), got;
	uint32_t slot[3], generation[3];
	int owner = 0;

	slots_init(&s, 2);
	is_int(slots_take(&s, &a, &owner, &slot[0], &generation[0]), 0, "one");
	is_int(slots_take(&s, &b, &owner, &slot[1], &generation[1]), 0, "two");
	is_int(slots_take(&s, &b, &owner, &slot[2], &generation[2]), -1, "and no more");
	slots_free(&s, slot[0]);
	is_int(slots_take(&s, &b, &owner, &slot[2], &generation[2]), 0, "a free one is used again");
	is_int(slot[2], slot[0], "the same place");
	ok(generation[2] != generation[0], "of another generation");
	ok(!slots_owner(&s, slot[0], generation[0]), "the old name is dead");
	ok(slots_owner(&s, slot[2], generation[2]) == &owner, "the new one is not");
	ok(slots_far_end(&s, slot[2], generation[2], &got) && address_same(&got, &b), "its far end");
	ok(!slots_alive(&s, 99, 1) && !slots_alive(&s, 0, 0), "no such slot");
	slots_done(&s);
}

/* -- the choice of a listener -------------------------------------------------------- */

static int
choose(const struct net_shared *s, unsigned transport, const char *to)
{
	struct route_cache *c = route_cache_new();
	struct coven_address a = address(to);
	int first = route_choose(c, s, 0, net_transport(transport), &a);

	if (route_choose(c, s, 1, net_transport(transport), &a) != first)
		printf("# asked again, it differs\n");
	route_cache_free(c);
	return first;
}

static void
test_route(void)
{
	struct net_listener list[] = {
		kit_listener("udp:192.0.2.1", 5060), kit_listener("udp:127.0.0.2", 5060),
		kit_listener("udp:127.0.0.1", 5060), kit_listener("tcp:192.0.2.1", 5060),
		kit_listener("udp:[2001:db8::1]", 5060), kit_listener("udp:[::1]", 5060),
	};
	struct net_shared *s = net_shared_new(list, 6, 1);

	is_int(choose(s, NET_UDP, "127.0.0.1:5060"), 1, "loopback to loopback");
	is_int(choose(s, NET_UDP, "[::1]:5060"), 5, "of the same family");
	is_int(choose(s, NET_TCP, "127.0.0.1:5060"), 3, "the only one of its kind");
	is_int(choose(s, NET_TCP, "[::1]:5060"), -1, "none of its kind");
	is_int(choose(s, NET_UDP, "203.0.113.1:5060"), 0,
	       "when the kernel's address is no listener, the first that is not loopback");
	net_shared_free(s);
}

/* -- two workers --------------------------------------------------------------------- */

#define MANY 3000

struct pair {
	struct kit k; /* worker 0, in the main thread */
	struct loop *loop;
	struct net *net; /* worker 1 */
	pthread_t thread, main;
	struct coven_address to;
	struct coven_flow flow;
	unsigned opened, closed, strange;
	_Atomic unsigned ended;
};

static void
on_closed(void *up, const struct coven_flow *flow, const char *why)
{
	struct pair *p = up;

	atomic_fetch_add(&p->ended, 1);
}

static void
on_message(void *up, const struct net_packet *packet)
{
}

static const struct net_up up1 = { .message = on_message, .closed = on_closed };

static void
told_opened(void *arg)
{
	struct pair *p = arg;

	p->opened++;
}

/* On worker 1. */
static void
open_there(void *arg)
{
	struct pair *p = arg;

	if (net_flow_open(p->net, net_transport(NET_TCP), &p->to, &p->flow))
		printf("# net_flow_open failed\n");
	loop_post(p->k.loop, told_opened, NULL, p);
}

static void
close_there(void *arg)
{
	struct pair *p = arg;

	net_flow_close(p->net, &p->flow, "enough");
}

static void *
run_thread(void *arg)
{
	struct pair *p = arg;

	loop_run(p->loop);
	return NULL;
}

static void
pair_open(struct pair *p)
{
	const struct net_listener *where;
	struct net_listener list[2];
	int port = kit_free_port();

	kit_open(&p->k, false);
	net_free(p->k.net);
	net_shared_free(p->k.shared);
	list[0] = kit_listener("udp:127.0.0.1", port);
	list[1] = kit_listener("tcp:127.0.0.1", port);
	p->loop = loop_new(false);
	p->k.shared = net_shared_new(list, 2, 2);
	p->k.net = net_new(p->k.shared, p->k.loop, 0, &kit_up, &p->k, &where);
	p->net = net_new(p->k.shared, p->loop, 1, &up1, p, &where);
	net_start(p->k.net);
	net_start(p->net);
	p->main = pthread_self();
}

static void
pair_run(struct pair *p)
{
	pthread_create(&p->thread, NULL, run_thread, p);
}

static void
pair_stop(struct pair *p)
{
	loop_stop(p->loop);
	pthread_join(p->thread, NULL);
}

static void
sent(void *arg, enum net_sent result)
{
	struct pair *p = arg;

	p->strange += !pthread_equal(pthread_self(), p->main);
	kit_sent(&p->k, result);
}

static void
send_text(struct pair *p, const char *text)
{
	net_flow_send(p->k.net, &p->flow, text_of(text), sent, p);
}

/* Reads `want` bytes; they must be "0000000 ", "0000001 " and so on. */
static bool
in_order(struct kit *k, int fd, size_t want)
{
	static char room[8 * MANY + 1];
	size_t got = 0;
	ssize_t n;

	while (got < want && (n = kit_get(k, fd, room + got, sizeof room - got)) > 0)
		got += (size_t)n;
	for (size_t i = 0; i < got / 8; i++)
		if (strtoul(room + 8 * i, NULL, 10) != i)
			return false;
	return got == want;
}

static void
test_across(struct pair *p)
{
	struct net_listener far = kit_listener("tcp:127.0.0.1", kit_free_port());
	int listening = socket_listen(&far, false), fd;
	char text[16];

	p->to = far.address;
	pair_run(p);
	loop_post(p->loop, open_there, NULL, p);
	is_int(kit_until(&p->k, &p->opened, 1), 1, "worker 1 has a connection");
	fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	for (int i = 0; i < 200 && fd < 0; i++) {
		kit_run(&p->k, 1);
		fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	ok(net_flow_alive(p->k.shared, &p->flow), "which any worker sees");
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "%07d ", i);
		send_text(p, text);
	}
	is_int(p->k.sent, 0, "nothing is told at once");
	ok(in_order(&p->k, fd, 8 * MANY), "%d sends of worker 0 come in order", MANY);
	is_int(kit_until(&p->k, &p->k.sent, MANY), MANY, "and are told");
	loop_post(p->loop, close_there, NULL, p);
	for (int i = 0; i < 200 && !p->ended; i++)
		kit_run(&p->k, 1);
	is_int(p->ended, 1, "it was closed on its own worker");
	send_text(p, "x");
	is_int(kit_until(&p->k, &p->k.gone, 1), 1, "and sending says so");
	is_int(p->strange, 0, "answers come on the sender's thread");
	pair_stop(p);
	close(fd);
	close(listening);
}

/* A worker that does not open its letters. */
static void
test_stuck(struct pair *p)
{
	struct net_listener far = kit_listener("tcp:127.0.0.1", kit_free_port());
	int listening = socket_listen(&far, false);
	unsigned posted = 0;

	p->to = far.address;
	open_there(p);
	p->k.sent = p->k.gone = p->k.full = 0;
	for (; posted < LOOP_MAIL_MAX + 5; posted++)
		send_text(p, "x");
	is_int(kit_until(&p->k, &p->k.full, 5), 5, "a full box is told");
	net_free(p->net);
	loop_free(p->loop);
	p->k.full = 0;
	for (unsigned n = 0; n < KIT_TICKS && p->k.gone < LOOP_MAIL_MAX; n++)
		kit_run(&p->k, 1);
	is_int(p->k.gone, LOOP_MAIL_MAX, "who was never read is told when the worker goes");
	send_text(p, "x");
	is_int(kit_until(&p->k, &p->k.gone, LOOP_MAIL_MAX + 1), LOOP_MAIL_MAX + 1, "so are others");
	close(listening);
}

int
main(void)
{
	static struct pair p;

	test_name();
	test_pack();
	test_slots();
	test_route();
	pair_open(&p);
	test_across(&p);
	test_stuck(&p);
	kit_close(&p.k);
	return done();
}
