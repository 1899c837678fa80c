/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections of TLS: a net that calls itself, so that both ends are ours, and plain sockets that misbehave. */
#include "netkit.h"
#include "tlskit.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define SOON 5

struct side {
	unsigned count;
	struct coven_flow flow;
	struct net_tls_peer peer;
	char name[NET_TLS_NAME_MAX + 1];
	size_t certificate;
};

struct both {
	struct kit k;
	struct side in, out;
	bool pause_in;
	char why[200];
};

static void
on_secured(void *up, const struct coven_flow *flow, const struct net_tls_peer *peer)
{
	struct both *b = up;
	struct side *s = peer->inbound ? &b->in : &b->out;

	s->count++;
	s->flow = *flow;
	s->peer = *peer;
	s->certificate = peer->certificate.length;
	snprintf(s->name, sizeof s->name, "%s", peer->name_count ? peer->names[0].text.at : "");
	if (peer->inbound && b->pause_in)
		net_flow_pause(b->k.net, flow, true);
}

static char last_why[200];

static void
on_closed(void *up, const struct coven_flow *flow, const char *why)
{
	struct both *b = up;

	if (!strncmp(why, "certificate:", 12))
		snprintf(last_why, sizeof last_why, "%s", why);
	snprintf(b->why, sizeof b->why, "%s", why);
	kit_closed(up, flow, why);
}

static const struct net_up both_up = {
	.message = kit_message, .other = kit_other, .broken = kit_broken, .closed = on_closed, .secured = on_secured,
};

static void
open_both(struct both *b, bool test_clock)
{
	const struct net_listener *where;
	struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } };
	struct kit *k = &b->k;

	memset(b, 0, sizeof *b);
	k->port = kit_free_port();
	struct net_listener listeners[] = { kit_listener("tls:127.0.0.1", k->port) };

	k->loop = loop_new(test_clock);
	k->shared = net_shared_new(listeners, 1, 1);
	k->net = net_new(k->shared, k->loop, 0, &both_up, b, &where);
	net_start(k->net);
	k->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	timerfd_settime(k->tick_fd, 0, &every, NULL);
	k->tick = watch_new(k->loop, k->tick_fd, kit_tick, k);
	watch_set(k->tick, WATCH_READ);
}

static struct coven_address
own(const struct both *b)
{
	return net_shared_listener(b->k.shared, 0)->address;
}

/* Everything that a test of certificates needs. */
struct authority {
	struct made *ca, *a, *b;
	char file[64];
	struct tls_set *set, *mistrusting; /* a first, then b */
};

static void
make_authority(struct authority *y)
{
	FILE *f;
	int fd;

	y->ca = tlskit_make(&(struct wish){ .cn = "Private", .authority = true });
	y->a = tlskit_make(&(struct wish){ .san = "URI:sip:a.example,DNS:sip.a.example", .by = y->ca, .chain = y->ca });
	y->b = tlskit_make(&(struct wish){ .san = "DNS:b.example", .by = y->ca, .chain = y->ca });
	strcpy(y->file, "/tmp/test_tls_XXXXXX");
	fd = mkstemp(y->file);
	f = fdopen(fd, "w");
	fputs(y->ca->certificate, f);
	fclose(f);
	y->set = tls_set_new();
	is_int(tls_set_trust(y->set, y->file), 0, "an authority of our own");
	is_int(tlskit_add(y->set, "a.example", y->a), 0, "a's certificate");
	is_int(tlskit_add(y->set, "b.example", y->b), 0, "b's certificate");
	y->mistrusting = tls_set_new();
	tlskit_add(y->mistrusting, "a.example", y->a);
}

static void
free_authority(struct authority *y)
{
	unlink(y->file);
	tls_set_drop(y->set);
	tls_set_drop(y->mistrusting);
	tlskit_free(y->ca);
	tlskit_free(y->a);
	tlskit_free(y->b);
}

static struct coven_flow
call(struct both *b, const struct net_tls_demand *d)
{
	struct coven_address to = own(b);
	struct coven_flow flow = { { 0 } };

	is_int(net_flow_open_tls(b->k.net, &to, d, &flow), 0, "a connection is begun");
	return flow;
}

/* Ends all connections. */
static void
hang_up(struct both *b, const struct coven_flow *flow)
{
	unsigned closed = b->k.closed;
	bool alive = net_flow_alive(b->k.shared, flow);

	net_flow_close(b->k.net, flow, "enough");
	if (alive)
		kit_until(&b->k, &b->k.closed, closed + 2);
	b->in = b->out = (struct side){ .count = 0 };
	b->why[0] = '\0';
}

static void
test_bytes(struct both *b)
{
	static char big[70000];
	struct coven_flow flow = call(b, &(struct net_tls_demand){ .level = NET_TLS_ANY });
	struct coven_address to = own(b);
	size_t head = (size_t)snprintf(big, sizeof big, KIT_HEAD "l: 65536\r\n\r\n");
	struct net_counts counts;
	char room[NET_IDENTITY_MAX];
	struct coven_flow again;

	kit_send(&b->k, &flow, KIT_MESSAGE);
	is_int(b->k.sent, 0, "nothing leaves before the handshake");
	is_int(kit_until(&b->k, &b->k.messages, 1), 1, "a message came through");
	is_bytes(b->k.bytes, b->k.length, KIT_MESSAGE, strlen(KIT_MESSAGE), "as it was");
	ok(b->k.packet.transport == net_transport(NET_TLS), "by TLS");
	ok(b->in.count == 1 && b->out.count == 1, "both ends were told");
	is_text(b->in.peer.version, "TLSv1.3", "of the version");
	is_text(b->in.name, "a.example", "our certificate was shown to ourselves");
	is_int(b->in.peer.level, NET_TLS_NAMES, "and is trusted");
	ok(b->in.certificate > 200 && b->out.certificate == b->in.certificate, "it is there");
	ok(!memcmp(b->in.peer.spki, b->out.peer.spki, 32), "with the hash of its key");

	net_flow_open(b->k.net, net_transport(NET_TLS), &to, &again);
	ok(!memcmp(&again, &flow, sizeof flow), "who demands nothing gets the same connection");
	memset(big + head, 'y', 65536);
	net_flow_send(b->k.net, &flow, (struct coven_slice){ big, head + 65536 }, kit_sent, &b->k);
	is_int(kit_until(&b->k, &b->k.messages, 2), 2, "a large one");
	is_bytes(b->k.bytes, b->k.length, big, head + 65536, "whole");
	kit_send(&b->k, &b->in.flow, KIT_MESSAGE KIT_MESSAGE);
	is_int(kit_until(&b->k, &b->k.messages, 4), 4, "and two the other way");
	net_counts(b->k.net, &counts);
	ok(counts.handshakes == 2 && counts.connections == 2 && counts.secure == 2 && counts.failed_handshakes == 0,
	   "counted");

	is_int(net_flow_identity(b->k.shared, &b->in.flow, room).length, 0, "nobody yet");
	is_int(net_flow_set_identity(b->k.net, &b->in.flow, TEXT("a.example")), 0, "somebody");
	ok(text_is(net_flow_identity(b->k.shared, &b->in.flow, room), "a.example"), "can be asked for");
	net_flow_set_identity(b->k.net, &b->in.flow, TEXT("b.example"));
	ok(text_is(net_flow_identity(b->k.shared, &b->in.flow, room), "b.example"), "can change");
	again = b->in.flow;
	hang_up(b, &flow);
	is_int(b->k.closed, 2, "both ends end");
	is_int(net_flow_identity(b->k.shared, &again, room).length, 0, "nobody again");
	is_int(net_flow_set_identity(b->k.net, &again, TEXT("x")), -1, "nor can it be said");
}

static void
test_pause(struct both *b)
{
	struct coven_flow flow;
	unsigned before = b->k.messages;

	b->pause_in = true;
	flow = call(b, &(struct net_tls_demand){ .level = NET_TLS_ANY });
	kit_send(&b->k, &flow, KIT_MESSAGE);
	is_int(kit_until(&b->k, &b->in.count, 1), 1, "it is told who came");
	kit_run(&b->k, 4);
	is_int(b->k.messages, before, "and asks for time");
	net_flow_pause(b->k.net, &b->in.flow, false);
	is_int(kit_until(&b->k, &b->k.messages, before + 1), before + 1, "which it gets");
	b->pause_in = false;
	hang_up(b, &flow);
}

struct try {
	const char *what, *host, *name;
	enum net_tls_level level;
	const struct net_tlsa *records;
	size_t count;
	const char *why; /* NULL: it works */
	bool mistrust;
};

static void
play(struct both *b, struct authority *y, const struct try *t)
{
	struct coven_slice name = text_of(t->name);
	struct net_tls_demand d = { .level = t->level, .host = text_of(t->host), .names = &name,
	                            .name_count = t->name ? 1 : 0, .tlsa = t->records, .tlsa_count = t->count };
	struct coven_flow flow;
	unsigned closed = b->k.closed, messages = b->k.messages;

	net_shared_set_tls(b->k.shared, t->mistrust ? y->mistrusting : y->set);
	flow = call(b, &d);
	kit_send(&b->k, &flow, KIT_MESSAGE);
	if (!t->why) {
		is_int(kit_until(&b->k, &b->k.messages, messages + 1), messages + 1, "%s: a message", t->what);
		ok(b->out.peer.level >= t->level, "%s: proven", t->what);
	} else {
		for (b->k.ticks = 0; b->k.ticks < KIT_TICKS && net_flow_alive(b->k.shared, &flow);)
			loop_run(b->k.loop);
		kit_until(&b->k, &b->k.closed, closed + (strcmp(t->why, NET_TLS_UNUSABLE) ? 2 : 1));
		is_int(b->k.messages, messages, "%s: nothing was said", t->what);
		is_int(b->out.count, 0, "%s: nobody proven", t->what);
	}
	hang_up(b, &flow);
}

static void
test_proofs(struct authority *y)
{
	static unsigned char room[20][4096];
	struct both b;
	const struct net_tlsa
		good[] = { tlskit_record(y->a, 3, 1, 1, room[0]) },
		wrong[] = { tlskit_record(y->b, 3, 1, 1, room[1]) },
		rolls[] = { wrong[0], good[0] },
		sha512[] = { tlskit_record(y->a, 3, 1, 2, room[2]) },
		whole[] = { tlskit_record(y->a, 3, 0, 0, room[3]) },
		whole_key[] = { tlskit_record(y->a, 3, 1, 0, room[4]) },
		certificate[] = { tlskit_record(y->a, 3, 0, 1, room[5]) },
		anchor[] = { tlskit_record(y->ca, 2, 1, 1, room[6]) },
		anchor_whole[] = { tlskit_record(y->ca, 2, 0, 0, room[7]) },
		authority_[] = { tlskit_record(y->ca, 0, 0, 1, room[8]) },
		service[] = { tlskit_record(y->a, 1, 1, 1, room[9]) },
		odd[] = { { 7, 1, 1, good[0].data }, { 3, 1, 1, { good[0].data.at, 20 } }, { 3, 9, 1, good[0].data },
		          { 3, 1, 99, good[0].data }, { 3, 1, 1, { "", 0 } } },
		odd_and_good[] = { odd[0], odd[1], good[0] };
#define NO_MATCH "certificate: no matching DANE TLSA records"
#define OTHER "certificate: hostname mismatch"
#define SIP "sip.a.example"
#define R(records) records, sizeof records / sizeof *records
	const struct try tries[] = {
		{ "names", "a.example", "a.example", NET_TLS_NAMES, NULL, 0, NULL, false },
		{ "names, by the host", SIP, SIP, NET_TLS_NAMES, NULL, 0, NULL, false },
		{ "another name", SIP, "c.example", NET_TLS_NAMES, NULL, 0, OTHER, false },
		{ "nobody vouches", SIP, "a.example", NET_TLS_NAMES, NULL, 0, "certificate: ", true },
		{ "anybody", SIP, NULL, NET_TLS_ANY, NULL, 0, NULL, true },
		{ "3 1 1", SIP, "a.example", NET_TLS_DANE, R(good), NULL, true },
		{ "3 1 1, names do not count", SIP, "c.example", NET_TLS_DANE, R(good), NULL, true },
		{ "3 1 1 of another key", SIP, "a.example", NET_TLS_DANE, R(wrong), NO_MATCH, false },
		{ "roll-over", SIP, "a.example", NET_TLS_DANE, R(rolls), NULL, true },
		{ "3 1 2", SIP, "a.example", NET_TLS_DANE, R(sha512), NULL, true },
		{ "3 0 0", SIP, "a.example", NET_TLS_DANE, R(whole), NULL, true },
		{ "3 1 0", SIP, "a.example", NET_TLS_DANE, R(whole_key), NULL, true },
		{ "3 0 1", SIP, "a.example", NET_TLS_DANE, R(certificate), NULL, true },
		{ "2 1 1", SIP, "a.example", NET_TLS_DANE, R(anchor), NULL, true },
		{ "2 0 0", SIP, "a.example", NET_TLS_DANE, R(anchor_whole), NULL, true },
		{ "2 1 1 for another name", SIP, "c.example", NET_TLS_DANE, R(anchor), OTHER, true },
		{ "0 0 1", SIP, "a.example", NET_TLS_DANE, R(authority_), NULL, false },
		{ "0 0 1, not trusted", SIP, "a.example", NET_TLS_DANE, R(authority_), "certificate: ", true },
		{ "1 1 1", SIP, "a.example", NET_TLS_DANE, R(service), NULL, false },
		{ "1 1 1, not trusted", SIP, "a.example", NET_TLS_DANE, R(service), "certificate: ", true },
		{ "1 1 1 for another name", SIP, "c.example", NET_TLS_DANE, R(service), OTHER, false },
		{ "unusable", SIP, "a.example", NET_TLS_DANE, R(odd), NET_TLS_UNUSABLE, false },
		{ "some unusable", SIP, "a.example", NET_TLS_DANE, R(odd_and_good), NULL, true },
		{ "none at all", SIP, "a.example", NET_TLS_DANE, NULL, 0, NET_TLS_UNUSABLE, false },
	};

	open_both(&b, false);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		last_why[0] = '\0';
		play(&b, y, &tries[i]);
		ok(!strncmp(last_why, tries[i].why ? tries[i].why : "", tries[i].why ? strlen(tries[i].why) : 1),
		   "%s: %s", tries[i].what, last_why[0] ? last_why : "good");
	}
	kit_close(&b.k);
}

static void
test_expired(struct authority *y)
{
	struct made *brief = tlskit_make(&(struct wish){ .san = "DNS:a.example", .by = y->ca, .from = -60, .to = 1 });
	struct tls_set *set = tls_set_new();
	struct coven_slice name = TEXT("a.example");
	struct coven_flow flow;
	struct both b;

	open_both(&b, false);
	tls_set_trust(set, y->file);
	is_int(tlskit_add(set, "a.example", brief), 0, "a certificate of one second");
	net_shared_set_tls(b.k.shared, set);
	usleep(2100000);
	last_why[0] = '\0';
	flow = call(&b, &(struct net_tls_demand){ .level = NET_TLS_NAMES, .host = name, .names = &name, .name_count = 1 });
	kit_until(&b.k, &b.k.closed, 2);
	is_text(last_why, "certificate: certificate has expired", "is refused later");
	hang_up(&b, &flow);
	kit_close(&b.k);
	tls_set_drop(set);
	tlskit_free(brief);
}

static void
test_choice(struct both *b, struct authority *y)
{
	static const char *const rows[][2] = { { "a.example", "a.example" }, { "B.Example", "b.example" },
	                                       { "sip.a.example", "a.example" }, { "c.example", "a.example" } };

	net_shared_set_tls(b->k.shared, y->set);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct coven_flow flow = call(b, &(struct net_tls_demand){ .host = text_of(rows[i][0]),
		                                                          .domain = TEXT("b.example") });
		is_int(kit_until(&b->k, &b->in.count, 1), 1, "a handshake");
		kit_until(&b->k, &b->out.count, 1);
		is_text(b->out.name, rows[i][1], "who asks for %s", rows[i][0]);
		is_text(b->in.name, "b.example", "on behalf of b");
		hang_up(b, &flow);
	}
}

static void
test_reuse(struct both *b, struct authority *y)
{
	unsigned char room[4096];
	struct net_tlsa record = tlskit_record(y->a, 3, 1, 1, room);
	struct coven_slice a = TEXT("a.example"), sip = TEXT("sip.a.example");
	struct net_tls_demand any = { .level = NET_TLS_ANY }, names = { NET_TLS_NAMES, { NULL, 0 }, a, &a, 1, NULL, 0 },
	                      others = names, dane = { NET_TLS_DANE, { NULL, 0 }, a, &a, 1, &record, 1 }, as_b = any;
	struct coven_flow one, two, three, four, five;

	others.names = &sip;
	as_b.domain = TEXT("b.example");
	one = call(b, &any);
	two = call(b, &names);
	ok(memcmp(&one, &two, sizeof one) != 0, "more is demanded: another connection");
	three = call(b, &names);
	ok(!memcmp(&two, &three, sizeof two), "the same demand: the same, before it is proven");
	three = call(b, &others);
	ok(memcmp(&two, &three, sizeof two) && memcmp(&one, &three, sizeof two), "other names: another");
	four = call(b, &dane);
	ok(memcmp(&four, &two, sizeof two) && memcmp(&four, &one, sizeof two), "DANE: another");
	five = call(b, &as_b);
	ok(memcmp(&five, &one, sizeof two) != 0, "on behalf of somebody else: another");
	is_int(kit_until(&b->k, &b->out.count, 5), 5, "all are there");
	net_flow_close(b->k.net, &two, "enough");
	kit_run(&b->k, SOON);
	two = call(b, &names);
	ok(!memcmp(&two, &four, sizeof two), "one that has proven more, for the same name, will do");
	net_flow_close(b->k.net, &one, "enough");
	net_flow_close(b->k.net, &three, "enough");
	net_flow_close(b->k.net, &five, "enough");
	kit_run(&b->k, SOON);
	is_int(net_flow_open_tls(b->k.net, &(struct coven_address){ .family = 0 }, &any, &one), -1, "nowhere");
	names.name_count = 0;
	one = (struct coven_flow){ { 0 } };
	struct coven_address to = own(b);
	is_int(net_flow_open_tls(b->k.net, &to, &names, &one), -1, "a demand for no name is none");
	hang_up(b, &four);
	kit_run(&b->k, SOON);
}

static void
test_swap(struct both *b, struct authority *y)
{
	struct coven_flow flow;
	unsigned before;

	net_shared_set_tls(b->k.shared, y->set);
	flow = call(b, &(struct net_tls_demand){ .host = TEXT("b.example") });
	is_int(kit_until(&b->k, &b->out.count, 1), 1, "a connection");
	net_shared_set_tls(b->k.shared, y->mistrusting);
	before = b->k.messages;
	kit_send(&b->k, &flow, KIT_MESSAGE);
	is_int(kit_until(&b->k, &b->k.messages, before + 1), before + 1, "goes on when certificates change");
	hang_up(b, &flow);
	flow = call(b, &(struct net_tls_demand){ .host = TEXT("b.example") });
	kit_until(&b->k, &b->out.count, 1);
	is_text(b->out.name, "a.example", "a new one sees the new ones");
	hang_up(b, &flow);
	net_shared_set_tls(b->k.shared, NULL);
	flow = call(b, &(struct net_tls_demand){ .host = TEXT("b.example") });
	for (b->k.ticks = 0; b->k.ticks < KIT_TICKS && !b->why[0];)
		loop_run(b->k.loop);
	is_text(b->why, "handshake: there is no certificate of ours", "without any there is no handshake");
	net_shared_set_tls(b->k.shared, y->set);
}

/* -- strangers, on a clock that stands still */

static void
test_strangers(struct authority *y)
{
	struct both b;
	struct coven_flow flow;
	char room[1000];
	int fds[NET_TLS_SHAKES_PER_SOURCE + 10], fd;
	unsigned count = sizeof fds / sizeof *fds, refused = 0;

	open_both(&b, true);
	net_shared_set_tls(b.k.shared, y->set);
	for (unsigned i = 0; i < count; i++)
		fds[i] = kit_far(&b.k, SOCK_STREAM);
	kit_run(&b.k, SOON);
	for (unsigned i = 0; i < count; i++)
		refused += recv(fds[i], room, sizeof room, MSG_DONTWAIT) == 0;
	is_int(refused, 10, "so many may begin at once, and no more");
	loop_advance(b.k.loop, NET_TLS_SHAKE_MS - 1);
	is_int(b.k.closed, 10, "they have their time");
	loop_advance(b.k.loop, 1);
	kit_run(&b.k, SOON);
	is_int(b.k.closed, count, "and then no more");
	is_text(b.why, "handshake: not done in time", "which is said");
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	kit_run(&b.k, SOON);
	loop_advance(b.k.loop, 2000);

	fd = kit_far(&b.k, SOCK_STREAM);
	kit_put(fd, KIT_MESSAGE);
	is_int(kit_get(&b.k, fd, room, sizeof room), 0, "who speaks SIP gets no answer");
	is_int(kit_until(&b.k, &b.k.closed, count + 1), count + 1, "and the end");
	ok(!strncmp(b.why, "handshake: ", 11), "%s", b.why);
	is_int(b.k.messages, 0, "nothing came up");
	close(fd);

	fd = kit_far(&b.k, SOCK_STREAM);
	send(fd, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9, 0);
	kit_run(&b.k, SOON);
	flow = call(&b, &(struct net_tls_demand){ .level = NET_TLS_ANY });
	kit_send(&b.k, &flow, KIT_MESSAGE);
	is_int(kit_until(&b.k, &b.k.messages, 1), 1, "others are not held up by half a hello");
	close(fd);
	is_int(kit_until(&b.k, &b.k.closed, count + 2), count + 2, "who goes away is gone");
	kit_close(&b.k);
}

int
main(void)
{
	static struct authority y;
	struct both b;

	make_authority(&y);
	open_both(&b, false);
	net_shared_set_tls(b.k.shared, y.set);
	test_bytes(&b);
	test_pause(&b);
	test_choice(&b, &y);
	test_reuse(&b, &y);
	test_swap(&b, &y);
	kit_close(&b.k);
	test_proofs(&y);
	test_expired(&y);
	test_strangers(&y);
	free_authority(&y);
	return done();
}
