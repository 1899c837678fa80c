/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_tx -- does a transaction cost the same among ten and among 100,000 live ones?
 * Usage: bench_tx [OPERATIONS [LIVE]].  Prints nanoseconds an operation for growing numbers of live INVITE transactions:
 * `find` is a retransmission that finds its transaction, `miss` a stray
 * response that finds none, `timer` one timer started and stopped among theirs, `new` a transaction made and ended.
 * Caches make the nanoseconds grow, not the work: for instructions, run two OPERATIONS with one LIVE under callgrind and
 * divide the difference. */
#include "base/random.h"
#include "base/text.h"
#include "sip/scan.h"
#include "tx/branch.h"
#include "tx/request.h"
#include "tx/tx.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
	struct loop *loop;
	struct net_shared *shared;
	struct net *net;
	struct self *self;
	struct tx *tx;
	struct coven_flow flow;
	struct sip_scratch scratch;
	char text[1024];
	struct coven_request *newest;
};

/* -- upwards: a transaction is made, and stays ----------------------------------------------------- */

static void
on_request(void *up, struct coven_request *r)
{
	struct bench *b = up;

	b->newest = r;
	if (request_adopt(r) == 0)
		r->state = REQUEST_ACCEPTED; /* absorbs what comes again, so that nothing is sent */
}

static void
on_one(void *up, struct coven_request *r)
{
	(void)up;
	(void)r;
}

static bool
on_cancel(void *up, struct coven_request *r, struct coven_request *invite)
{
	(void)up;
	(void)r;
	(void)invite;
	return false;
}

static const struct tx_up up = { .request = on_request, .ack = on_one, .cancel = on_cancel, .gone = on_one };

static void
on_packet(void *arg, const struct net_packet *packet)
{
	(void)arg;
	(void)packet;
}

static void
on_closed(void *arg, const struct coven_flow *flow, const char *why)
{
	(void)arg;
	(void)flow;
	(void)why;
}

static const struct net_up net_up = { .message = on_packet, .closed = on_closed };

/* -- messages ------------------------------------------------------------------------------------------ */

static void
give(struct bench *b, const char *first, unsigned long n)
{
	struct sip_message m;
	struct sip_fault fault;
	int length = snprintf(b->text, sizeof b->text,
	                      "%s\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK%lu\r\n"
	                      "From: <sip:a@x>;tag=%lu\r\nTo: <sip:b@x>\r\nCall-ID: %lu@bench\r\nCSeq: 1 INVITE\r\n"
	                      "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n", first, n, n, n);

	if (sip_scan(&m, b->text, (size_t)length, false, &b->scratch, &fault) != 0) {
		fprintf(stderr, "bench_tx: %s\n", fault.why);
		exit(1);
	}
	tx_receive(b->tx, &m, &b->flow);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
fired(struct timer *t)
{
	(void)t;
}

static void
measure(struct bench *b, unsigned long live, unsigned long operations)
{
	struct timer timer = { .due = 0 };
	double start, find, miss, ticks, made;
	unsigned long fresh = 1000000000ul;

	for (unsigned long n = b->tx->servers.count; n < live; n++)
		give(b, "INVITE sip:b@x SIP/2.0", n);
	start = now();
	for (unsigned long i = 0; i < operations; i++)
		give(b, "INVITE sip:b@x SIP/2.0", i * 7919 % live);
	find = now() - start;
	start = now();
	for (unsigned long i = 0; i < operations; i++)
		give(b, "SIP/2.0 200 OK", i);
	miss = now() - start;
	start = now();
	for (unsigned long i = 0; i < operations; i++) {
		timer_start(b->loop, &timer, (int64_t)(i % 32000), fired);
		timer_stop(b->loop, &timer);
	}
	ticks = now() - start;
	start = now();
	for (unsigned long i = 0; i < operations; i++) {
		give(b, "INVITE sip:b@x SIP/2.0", fresh + i);
		request_abandon(b->newest);
	}
	made = now() - start;
	printf("%8lu live: find %6.0f  miss %6.0f  timer %6.0f  new %6.0f ns\n", live, find / (double)operations,
	       miss / (double)operations, ticks / (double)operations, made / (double)operations);
}

static int
open_bench(struct bench *b)
{
	struct net_listener listener[1];
	const struct net_listener *where;
	const char *why;
	size_t count = 0;
	struct token_keys keys = { .generation = 1 };
	struct keyed hash;
	struct coven_address to;

	keyed_random(&hash);
	b->loop = loop_new(true);
	if (!b->loop || net_listeners_parse(TEXT("udp:127.0.0.1:5998"), listener, 1, &count, &why) != 0)
		return -1;
	b->shared = net_shared_new(listener, 1, 1);
	b->net = net_new(b->shared, b->loop, 0, &net_up, b, &where);
	b->self = self_new(b->shared);
	if (!b->net || !b->self || address_parse_port(TEXT("127.0.0.1:5999"), &to) != 0 ||
	    net_flow_open(b->net, net_transport(NET_UDP), &to, &b->flow) != 0)
		return -1;
	struct tx_setup setup = { .loop = b->loop, .net = b->net, .net_shared = b->shared, .self = b->self, .keys = &keys,
	                          .shared_hash = &hash, .up = &up, .up_arg = b };
	b->tx = tx_new(&setup);
	return b->tx ? 0 : -1;
}

int
main(int argc, char **argv)
{
	static struct bench b;
	unsigned long operations = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	unsigned long only = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (operations == 0 || open_bench(&b) != 0) {
		fputs("bench_tx: cannot start (is port 5998 of 127.0.0.1 free?)\n", stderr);
		return 1;
	}
	if (only) {
		measure(&b, only, operations);
		return 0;
	}
	for (unsigned long live = 10; live <= 100000; live *= 10)
		measure(&b, live, operations);
	return 0;
}
