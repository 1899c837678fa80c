/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One worker without a daemon: transactions, the host, and two plugins that do what the input says.
 *
 * Input    a byte of set-up, then steps from the front: requests, responses, time, closed connections; from
 *          the back what the plugins do in each hook and callback.
 * Checked  nothing is used after its end, every destroy, done and cancel comes exactly once, what is sent
 *          can be scanned, and in the end no transaction is left.
 * No packet leaves: the socket calls that would send, bind and connect are this file's own. */
#include "base/random.h"
#include "base/text.h"
#include "host/host.h"
#include "host/state.h"
#include "sip/scan.h"
#include <coven/flow.h>
#include <coven/store.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define NOTES_MAX 64     /* of each kind, in one input */
#define STEPS_MAX 200
#define DEPTH_MAX 3      /* callbacks inside callbacks that still act */
#define END_MS 7200000   /* whatever waits, has ended by then */
#define NONE ((struct coven_slice){ NULL, 0 })

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct life;

struct note { /* something that must end exactly once */
	struct life *life;
	struct coven_instance *in;
	uint64_t name;
	unsigned ended;
	bool forgotten;
};

struct notes {
	unsigned count;
	struct note at[NOTES_MAX];
};

struct life {
	const uint8_t *front, *back;
	struct loop *loop;
	struct net_shared *shared;
	struct net *net;
	struct self *self;
	struct complaints *complaints;
	struct token_keys keys;
	struct tx *tx;
	struct host *host;
	struct host_shared all;
	struct edition *edition;
	struct sip_scratch scratch, sent_scratch;
	char text[4096], again[4096];
	size_t again_length;
	struct coven_flow again_flow, closed;
	struct notes tickets, sendings, calls;
	uint64_t handles[8], timers[8], open[8]; /* open: calls of the store that wait for an answer */
	unsigned handle_count, timer_count, open_count, data, depth;
	struct coven_branch *branches[NOTES_MAX];
	unsigned branch_count;
	uint64_t random;
	bool fetched;
};

static struct life life; /* the socket calls below find it nowhere else */

static void
check(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "fuzz_life: %s\n", what);
	abort();
}

/* -- instead of the system ------------------------------------------------------------------------- */

int
sendmmsg(int fd, struct mmsghdr *heads, unsigned count, int flags)
{
	for (unsigned i = 0; i < count; i++) {
		const struct iovec *piece = heads[i].msg_hdr.msg_iov;
		struct sip_message m;
		struct sip_fault fault;

		if (*(const char *)piece->iov_base != '\r' &&
		    sip_scan(&m, piece->iov_base, piece->iov_len, false, &life.sent_scratch, &fault) != 0) {
			fprintf(stderr, "%s:\n%.*s\n", fault.why, (int)piece->iov_len, (char *)piece->iov_base);
			check(false, "what was sent is not SIP");
		}
		heads[i].msg_len = (unsigned)piece->iov_len;
	}
	return (int)count;
}

int
bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	return 0;
}

int
connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	errno = EINPROGRESS;
	return -1;
}

/* The same numbers for the same input. */
ssize_t
getrandom(void *room, size_t length, unsigned flags)
{
	uint8_t *at = room;

	life.fetched = true;
	for (size_t i = 0; i < length; i++) {
		life.random = life.random * 6364136223846793005u + 1442695040888963407u;
		at[i] = (uint8_t)(life.random >> 56);
	}
	return (ssize_t)length;
}

/* -- the input --------------------------------------------------------------------------------------- */

static unsigned
step_byte(struct life *l)
{
	return l->front < l->back ? *l->front++ : 0;
}

static unsigned
hook_byte(struct life *l)
{
	return l->front < l->back ? *--l->back : 0;
}

static int64_t
duration(unsigned n)
{
	static const int64_t ms[] = { 0, 1, 100, 200, 500, 1000, 4000, 5000, 10000, 32000, 40000, 181000 };

	return ms[n % (sizeof ms / sizeof ms[0])];
}

static struct note *
note(struct life *l, struct notes *list, struct coven_instance *in)
{
	struct note *n = list->count < NOTES_MAX ? &list->at[list->count++] : NULL;

	if (n)
		*n = (struct note){ .life = l, .in = in };
	return n;
}

static struct coven_slice
uri_at(unsigned n)
{
	static const char *const uris[] = {
		"sip:bob@127.0.0.1:6001", "sip:bob@127.0.0.1:6002;transport=tcp", "sip:bob@example.com",
		"sip:127.0.0.1:6001;lr", "sip:x@nowhere.invalid", "tel:+15550100", "sip:peer",
		"sip:carol@127.0.0.1:5998", "sips:bob@127.0.0.1", "sip:bob@[::1]:6001",
	};

	return text_of(uris[n % (sizeof uris / sizeof uris[0])]);
}

static struct coven_flow
flow_at(struct life *l, unsigned n)
{
	static const char *const places[] = { "127.0.0.1:5999", "127.0.0.1:6001", "127.0.0.1:6002", "127.0.0.1:6003" };
	struct coven_flow flow = { { 0 } };
	struct coven_address to;

	n %= 6;
	if (n == 5)
		return l->closed;
	if (n < 4 && address_parse_port(text_of(places[n]), &to) == 0)
		net_flow_open(l->net, net_transport(n < 2 ? NET_UDP : NET_TCP), &to, &flow);
	return flow;
}

/* -- what a plugin does ------------------------------------------------------------------------------- */

static void act(struct life *l, struct coven_instance *in, struct coven_request *r, struct coven_branch *b);

/* A callback may do all that a hook may, but has no request at hand. */
static void
act_outside(struct life *l, struct coven_instance *in)
{
	struct coven_request *r = NULL;
	unsigned n = hook_byte(l);

	if (l->handle_count && n % 2)
		r = coven_held(in, l->handles[n / 2 % l->handle_count]);
	act(l, in, r, NULL);
}

static void
on_timer(struct coven_instance *in, void *arg)
{
	act_outside(arg, in);
}

static void
on_sent(struct coven_instance *in, void *arg, enum coven_sent result)
{
	act_outside(arg, in);
}

static void
on_event(struct coven_instance *in, const struct coven_event *e)
{
	act_outside(coven_self(in), in);
}

static void
on_cancel(struct coven_instance *in, void *arg)
{
	struct note *n = arg;

	check(n->ended == 0 && !n->forgotten, "a ticket was cancelled that had ended");
	n->ended++;
	act_outside(n->life, in);
}

static void
on_done(struct coven_instance *in, void *arg, int status, const struct coven_message *response)
{
	struct note *n = arg;

	check(n->ended++ == 0, "an own request was answered twice");
	check(!response || coven_status(response) == status, "an own request has another answer");
	if (response)
		coven_header(response, "To", 0);
	act_outside(n->life, in);
}

static void
on_bindings(struct coven_instance *in, uint64_t tag, int result, const struct coven_bindings *list)
{
	struct life *l = coven_self(in);

	check(l->calls.at[tag].ended++ == 0, "a call was answered twice");
	check(list != NULL, "no list");
	act_outside(l, in);
}

static void
on_scanned(struct coven_instance *in, uint64_t tag, int result, const struct coven_bindings *lists, size_t count,
           struct coven_slice cursor)
{
	struct life *l = coven_self(in);

	check(l->calls.at[tag].ended++ == 0, "a scan was answered twice");
	act_outside(l, in);
}

static void
destroy(void *data)
{
	life.data--;
	free(data);
}

static struct coven_target *
make_target(struct life *l, struct coven_instance *in)
{
	unsigned n = hook_byte(l), more;
	struct coven_target *t = coven_target_new(in, uri_at(n & 15));

	if (!t || !(n & 128))
		return t;
	more = hook_byte(l);
	coven_target_put(t, COVEN_TO_Q, (more & 3) * 300);
	if (more & 4)
		coven_target_put(t, COVEN_TO_DELAY, duration(hook_byte(l)));
	if (more & 8)
		coven_target_put(t, COVEN_TO_RING, duration(hook_byte(l)));
	if (more & 16)
		coven_target_put(t, COVEN_TO_AGAIN, 1);
	if (more & 32)
		coven_target_flow(t, flow_at(l, hook_byte(l)));
	if (more & 64)
		coven_target_set(t, COVEN_TO_HOP, uri_at(hook_byte(l)));
	if (more & 128)
		coven_target_set(t, COVEN_TO_ROUTE, TEXT("<sip:127.0.0.1:6001;lr>, <sip:strict@127.0.0.1:6003>"));
	coven_target_word(t, "word", uri_at(n));
	return t;
}

static void
edit(struct life *l, struct coven_message *m)
{
	static const char *const names[] = { "X-Test", "To", "Contact", "Subject", "From", "P-Asserted-Identity" };
	static const char *const values[] = { "<sip:a@b>;tag=z", "\"x\" <sip:a@b>", "sip:c@d;tag=z", "a\r\nb: c" };
	unsigned n = hook_byte(l);
	const char *name = names[n % 6];
	struct coven_slice value = text_of(values[n / 6 % 4]), field;
	size_t cursor = 0;

	if (!m)
		return;
	if (n & 128)
		coven_replace(m, name, 0, value);
	else if (n & 64)
		coven_remove(m, name, 0);
	else
		coven_add_header(m, name, value, n & 32);
	while (coven_header_each(m, &cursor, &field, &value))
		;
}

static void
send_own(struct life *l, struct coven_instance *in)
{
	unsigned n = hook_byte(l);
	struct coven_message *m = coven_new_request(in, n & 1 ? "INVITE" : "NOTIFY", uri_at(n / 4));
	struct note *sending;

	if (!m)
		return;
	edit(l, m);
	sending = note(l, &l->sendings, in);
	if (n & 2 || !sending) {
		coven_message_free(m);
		if (sending)
			l->sendings.count--;
		return;
	}
	sending->name = coven_send(in, m, n & 128 ? make_target(l, in) : NULL, on_done, sending, duration(n / 8));
	check(sending->ended == 0, "an own request was answered on the caller's stack");
	sending->forgotten = sending->name == 0;
}

static void
call_store(struct life *l, struct coven_instance *in)
{
	struct coven_binding binding = { .size = sizeof binding, .contact = uri_at(0), .call_id = TEXT("x") };
	struct coven_change change = { COVEN_BIND, &binding };
	struct coven_limits limits = { .size = sizeof limits, .bindings = 10 };
	struct note *n = note(l, &l->calls, in);
	uint64_t tag = (uint64_t)(n - l->calls.at);

	if (!n)
		return;
	switch (hook_byte(l) % 3) {
	case 0:
		coven_store_find(in, TEXT("sip:bob@example.com"), on_bindings, tag);
		break;
	case 1:
		coven_store_update(in, TEXT("sip:bob@example.com"), &change, 1, &limits, on_bindings, tag);
		break;
	case 2:
		coven_store_scan(in, NONE, 10, on_scanned, tag);
		break;
	}
	check(n->ended == 0, "a call was answered on the caller's stack");
}

static void
answer_store(struct life *l, struct coven_instance *in, coven_call call)
{
	struct coven_binding binding = { .size = sizeof binding, .contact = uri_at(1) };
	struct coven_bindings list = { .size = sizeof list, .stride = sizeof binding, .aor = TEXT("sip:bob@example.com"),
	                               .first = &binding, .count = 1 };

	if (hook_byte(l) & 1)
		coven_store_answer_scan(in, call, COVEN_STORE_OK, &list, 1, NONE);
	else
		coven_store_answer(in, call, COVEN_STORE_OK, &list);
}

static void
start_timer(struct life *l, struct coven_instance *in)
{
	l->timers[l->timer_count++ % 8] = coven_after(in, duration(hook_byte(l)), on_timer, l);
}

static void
set_data(struct life *l, struct coven_instance *in, struct coven_request *r)
{
	void *data = malloc(1);

	l->data++;
	coven_set_data(r, in, data, destroy);
}

/* Verdicts of other phases and none at all, now and then. */
static enum coven_verdict
verdict_of(unsigned n)
{
	static const uint8_t verdicts[] = { COVEN_NEXT, COVEN_NEXT, COVEN_DONE, COVEN_REPLIED, COVEN_WAIT, COVEN_DROP,
	                                    COVEN_FAIL, 77 };

	return (enum coven_verdict)verdicts[n % 8];
}

static void
resume(struct life *l, unsigned which, unsigned verdict)
{
	struct note *n = l->tickets.count ? &l->tickets.at[which % l->tickets.count] : NULL;
	bool there;

	if (!n || !n->in->started)
		return;
	there = coven_parked(n->in, n->name) != NULL;
	if (coven_resume(n->in, n->name, verdict_of(verdict))) {
		check(n->ended == 0, "a ticket was resumed that had ended");
		n->ended++;
	} else
		check(!there, "a ticket that waits cannot be resumed");
}

static void
park(struct life *l, struct coven_instance *in, struct coven_request *r, struct note **parked)
{
	struct note *n = note(l, &l->tickets, in);

	if (!n)
		return;
	n->name = coven_park(in, r, duration(hook_byte(l)), on_cancel, n);
	if (n->name)
		*parked = n;
	else
		l->tickets.count--;
}

static void
act_on_request(struct life *l, struct coven_instance *in, struct coven_request *r, struct coven_branch *b, unsigned n)
{
	struct coven_target *t;
	struct coven_branch *at;

	switch (n % 16) {
	case 0: case 1: case 2: case 3:
		t = make_target(l, in);
		if (t)
			coven_add_target(r, t);
		return;
	case 4:
		edit(l, coven_view(r));
		return;
	case 5:
		edit(l, b ? coven_branch_view(b) : NULL);
		return;
	case 6:
		edit(l, b ? coven_response(b) : NULL);
		return;
	case 7:
		n = hook_byte(l) % 4;
		for (at = coven_branch_next(r, NULL); at && n--;)
			at = coven_branch_next(r, at);
		if (at)
			coven_branch_cancel(at);
		return;
	case 8:
		l->handles[l->handle_count % 8] = coven_hold(r);
		if (l->handle_count < 8)
			l->handle_count++;
		return;
	case 9:
		set_data(l, in, r);
		return;
	case 10:
		coven_reply(r, 183, NULL);
		return;
	case 11:
		coven_reply(r, 100 + (int)hook_byte(l) * 2, "Why not");
		return;
	case 12:
		coven_set_caller(r, TEXT("sip:alice@example.com"));
		return;
	case 13:
		edit(l, coven_reply_view(r));
		return;
	case 14:
		coven_aor(r, coven_destination(r));
		coven_print(r, "%d", 1);
		return;
	case 15:
		if (b)
			coven_target_set(coven_branch_target(b), COVEN_TO_URI, uri_at(hook_byte(l)));
		return;
	}
}

static void
act_alone(struct life *l, struct coven_instance *in, unsigned n)
{
	struct coven_event e = { .size = sizeof e, .kind = COVEN_NAMED, .name = TEXT("n") };
	unsigned which;

	switch (n % 10) {
	case 0:
		send_own(l, in);
		return;
	case 1:
		which = hook_byte(l);
		if (l->sendings.count)
			coven_send_cancel(in, l->sendings.at[which % l->sendings.count].name);
		return;
	case 2:
		start_timer(l, in);
		return;
	case 3:
		coven_cancel(in, l->timers[hook_byte(l) % 8]);
		return;
	case 4:
		call_store(l, in);
		return;
	case 5:
		answer_store(l, in, l->open[hook_byte(l) % 8]);
		return;
	case 6:
		which = hook_byte(l);
		resume(l, which, hook_byte(l));
		return;
	case 7:
		coven_emit(in, &e);
		return;
	case 8:
		coven_call_worker(in, 0, on_timer, l);
		return;
	case 9:
		coven_flow_send(in, flow_at(l, hook_byte(l)), TEXT("\r\n\r\n"), on_sent, l);
		return;
	}
}

/* Up to three things. */
static void
act(struct life *l, struct coven_instance *in, struct coven_request *r, struct coven_branch *b)
{
	unsigned n = hook_byte(l);

	if (l->depth >= DEPTH_MAX)
		return;
	l->depth++;
	for (unsigned i = n & 3; i > 0; i--) {
		unsigned what = hook_byte(l);
		if (r && what < 160)
			act_on_request(l, in, r, b, what);
		else
			act_alone(l, in, what);
		if (!in->host)
			break;
		r = NULL; /* it may be gone */
		if (what & 1 && l->host->current)
			r = l->host->current->request;
	}
	l->depth--;
}

static enum coven_verdict
hook(struct coven_instance *in, struct coven_request *r, struct coven_branch *b)
{
	struct life *l = coven_self(in);
	unsigned n = hook_byte(l), depth = l->depth;
	struct note *parked = NULL;
	enum coven_verdict verdict;

	if (!coven_data(r, in))
		set_data(l, in, r);
	l->depth = 0;
	if (n & 128)
		act(l, in, r, b);
	verdict = verdict_of(n);
	if (verdict == COVEN_REPLIED && n & 8)
		coven_reply(r, 200 + (int)(n >> 4 & 7) * 50, NULL);
	if (verdict == COVEN_WAIT || n & 64)
		park(l, in, r, &parked);
	if (n & 32)
		act(l, in, r, b);
	if (parked && verdict != COVEN_WAIT)
		parked->forgotten = true;
	l->depth = depth;
	return verdict;
}

static enum coven_verdict
on_start(struct coven_instance *in)
{
	coven_set_self(in, &life);
	return COVEN_DONE;
}

static void
on_stop(struct coven_instance *in)
{
	act_outside(coven_self(in), in);
}

/* -- the store: answers at once, later, twice, never --------------------------------------------------- */

static void
asked(struct coven_instance *in, coven_call call)
{
	struct life *l = coven_self(in);
	unsigned n = hook_byte(l) % 4;

	if (n == 0 || n == 2)
		answer_store(l, in, call);
	if (n == 2)
		answer_store(l, in, call);
	l->open[l->open_count++ % 8] = call;
}

static void
store_update(struct coven_instance *in, coven_call call, struct coven_slice aor, const struct coven_change *changes,
             size_t count, const struct coven_limits *limits)
{
	asked(in, call);
}

static void
store_find(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	asked(in, call);
}

static void
store_scan(struct coven_instance *in, coven_call call, struct coven_slice cursor, size_t at_most)
{
	asked(in, call);
}

static const struct coven_store store = { .size = sizeof store, .update = store_update, .find = store_find,
	                                  .scan = store_scan };

/* -- the two plugins ------------------------------------------------------------------------------------ */

static const struct coven_hook all_hooks[] = {
	{ COVEN_SCREEN, hook, NULL }, { COVEN_AUTH, hook, NULL }, { COVEN_SERVE, hook, "REGISTER MESSAGE" },
	{ COVEN_ROUTE, hook, NULL }, { COVEN_SEND, hook, NULL }, { COVEN_RECV, hook, NULL },
	{ COVEN_BRANCH_FAILED, hook, NULL }, { COVEN_FAILED, hook, NULL }, { COVEN_REPLY, hook, NULL },
	{ 0, NULL, NULL }
};
static const struct coven_hook few_hooks[] = {
	{ COVEN_SCREEN, hook, NULL }, { COVEN_AUTH, hook, NULL }, { COVEN_ROUTE, hook, NULL },
	{ COVEN_FAILED, hook, "INVITE" }, { 0, NULL, NULL }
};
static const struct coven_listen listens[] = {
	{ COVEN_NAMED, on_event }, { COVEN_FLOW_CLOSED, on_event }, { 0, NULL }
};
static const struct coven_service gives[] = { { "store", COVEN_STORE_VERSION, &store }, { NULL, 0, NULL } };

static const struct coven_plugin one = {
	.head = COVEN_HEAD_, .name = "one", .hooks = all_hooks, .listens = listens, .gives = gives,
	.start = on_start, .stop = on_stop
}, two = {
	.head = COVEN_HEAD_, .name = "two", .hooks = few_hooks, .start = on_start, .stop = on_stop
}, quiet = {
	.head = COVEN_HEAD_, .name = "one", .hooks = few_hooks, .listens = listens, .start = on_start, .stop = on_stop
};

/* -- messages ---------------------------------------------------------------------------------------------- */

static void
deliver(struct life *l, const char *text, size_t length, const struct coven_flow *flow)
{
	struct sip_message m;
	struct sip_fault fault;
	struct net_flow_facts facts;

	if (net_flow_facts(l->shared, flow, &facts) != 0)
		return;
	if (sip_scan(&m, text, length, facts.transport->stream, &l->scratch, &fault) == 0)
		tx_receive(l->tx, &m, flow);
	if (!facts.transport->stream)
		loop_work(l->loop); /* as main/intake.c does */
}

static void
remember(struct life *l, int length, struct coven_flow flow)
{
	l->again_length = (size_t)length;
	memcpy(l->again, l->text, (size_t)length);
	l->again_flow = flow;
}

static struct coven_slice
token_of(struct life *l, unsigned ids, char room[TOKEN_TEXT])
{
	struct token_sides sides = { { .flow = flow_at(l, ids / 2) },
	                              { .flow = flow_at(l, ids / 8), .account = ids & 4 } };
	struct token_party caller = { .uri = TEXT("sip:a@example.com") };
	char call_id[8], tag[8];

	address_parse_port(TEXT("127.0.0.1:5999"), &sides.caller.far_end);
	address_parse_port(TEXT("127.0.0.1:6001"), &sides.callee.far_end);
	snprintf(call_id, sizeof call_id, "c%u", ids & 1);
	snprintf(tag, sizeof tag, "f%u", ids >> 1 & 1);
	caller.tag = text_of(tag);
	return token_make(l->tx->token, text_of(call_id), &caller, &sides, room);
}

static void
request(struct life *l)
{
	static const char *const methods[] = { "INVITE", "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "MESSAGE", "OPTIONS",
	                                       "UNKNOWN", "SUBSCRIBE" };
	static const char *const more[] = { "", "Route: <sip:127.0.0.1:6001;lr>\r\n", "Max-Breadth: 1\r\n",
	                                    "Proxy-Require: x\r\n", "Reason: SIP;cause=200\r\n", "Max-Breadth: 0\r\n",
	                                    "", "" };
	unsigned what = step_byte(l), ids = step_byte(l), rest = step_byte(l), extra = rest >> 5;
	const char *method = methods[what % 10];
	struct coven_flow flow = flow_at(l, what >> 4);
	char room[TOKEN_TEXT], route[TOKEN_TEXT + 64] = "";
	struct coven_slice token, uri = rest & 1 ? TEXT("sip:example.com") : uri_at(ids >> 5);
	int length;

	if (rest & 2) {
		token = token_of(l, ids, room);
		if (rest & 16 && token.length)
			room[token.length / 2] ^= 1;
		snprintf(route, sizeof route, "Route: <sip:%.*s@127.0.0.1:5998;lr>\r\n", TEXT_ARG(token));
	}
	length = snprintf(l->text, sizeof l->text,
	                  "%s %.*s SIP/2.0\r\nVia: SIP/2.0/%s 127.0.0.1:5999;branch=%s%u\r\n%s"
	                  "From: <sip:a@example.com>;tag=f%u\r\nTo: <sip:b@example.com>%s\r\nCall-ID: c%u\r\nCSeq: %u %s\r\n"
	                  "Max-Forwards: %u\r\n%sContact: <sip:a@127.0.0.1:5999>\r\nContent-Length: 0\r\n\r\n",
	                  method, TEXT_ARG(uri), (what >> 4) % 6 < 2 ? "UDP" : "TCP",
	                  rest & 64 && rest & 128 ? "old" : "z9hG4bK",
	                  ids >> 2 & 7, route, ids >> 1 & 1, rest & 4 ? ";tag=t" : "", ids & 1, 1 + (ids >> 4 & 1), method,
	                  rest & 8 ? 0 : 70, more[extra]);
	remember(l, length, flow);
	deliver(l, l->text, (size_t)length, &flow);
}

static void
add_branch(struct table_node *node, void *arg)
{
	struct life *l = arg;

	if (l->branch_count < NOTES_MAX)
		l->branches[l->branch_count++] = CONTAINER(node, struct coven_branch, node);
}

static void
response(struct life *l)
{
	static const uint16_t statuses[] = { 100, 180, 183, 200, 202, 302, 401, 407, 404, 408, 480, 486, 487, 500, 503, 603 };
	unsigned which = step_byte(l), n = step_byte(l);
	const struct coven_branch *b;
	const struct sip_message *m;
	int length;

	l->branch_count = 0;
	table_each(&l->tx->clients, add_branch, l);
	if (!l->branch_count)
		return;
	b = l->branches[which % l->branch_count];
	m = &b->request->message;
	length = snprintf(l->text, sizeof l->text,
	                  "SIP/2.0 %u X\r\nVia: %.*s\r\n%s%.*s%sFrom: %.*s\r\nTo: %.*s%s\r\nCall-ID: %.*s\r\nCSeq: %u %.*s\r\n"
	                  "Contact: <sip:b@127.0.0.1:6001>\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"%u\"\r\n"
	                  "Content-Length: 0\r\n\r\n",
	                  statuses[n % 16], TEXT_ARG(b->via), b->request->own ? "" : "Via: ",
	                  (int)(b->request->own ? 0 : m->via.value.length), m->bytes + m->via.value.at,
	                  b->request->own ? "" : "\r\n", TEXT_ARG(sip_slice(m, m->from)), TEXT_ARG(sip_slice(m, m->to)),
	                  m->to_tag.length ? "" : n & 16 ? ";tag=u" : ";tag=t", TEXT_ARG(sip_slice(m, m->call_id)), m->cseq,
	                  TEXT_ARG(n & 32 && n & 64 ? TEXT("CANCEL") : sip_slice(m, m->method)), which);
	if (length < 0 || (size_t)length >= sizeof l->text)
		return;
	struct coven_flow flow = b->flow;
	remember(l, length, flow);
	deliver(l, l->text, (size_t)length, &flow);
}

static void
close_flow(struct life *l)
{
	unsigned n = step_byte(l);
	struct coven_flow flow = flow_at(l, 2 + n % 2);

	l->closed = flow;
	if (n & 4)
		net_flow_close(l->net, &flow, "closed");
	else
		host_flow_closed(l->host, &flow, true);
}

static void
step(struct life *l)
{
	unsigned n = step_byte(l), more;

	switch (n % 16) {
	case 0: case 1: case 2: case 3: case 4: case 5:
		request(l);
		break;
	case 6: case 7: case 8: case 9:
		response(l);
		break;
	case 10:
		deliver(l, l->again, l->again_length, &l->again_flow);
		break;
	case 11: case 12:
		loop_advance(l->loop, duration(step_byte(l)));
		break;
	case 13:
		close_flow(l);
		break;
	case 14:
		more = step_byte(l);
		resume(l, more, step_byte(l));
		break;
	case 15:
		act_outside(l, host_instance(l->host, l->edition->chain.plugs[n / 16 % l->edition->chain.count]));
		break;
	}
	if (n & 64)
		loop_advance(l->loop, 0);
}

/* -- a worker -------------------------------------------------------------------------------------------------- */

static void
on_packet(void *arg, const struct net_packet *packet)
{
}

static void
on_closed(void *arg, const struct coven_flow *flow, const char *why)
{
	struct life *l = arg;

	if (l->tx)
		host_flow_closed(l->host, flow, true);
}

static const struct net_up net_up = { .message = on_packet, .closed = on_closed };

/* What costs much and carries nothing from one input to the next. */
static void
open_once(struct life *l)
{
	static const struct net_listener *where;
	struct net_listener listeners[2];
	size_t count = 0;
	const char *why;

	log_set_level((enum log_level)0);
	l->loop = loop_new(true);
	if (!l->loop || net_listeners_parse(TEXT("udp:127.0.0.1:5998"), listeners, 2, &count, &why) != 0 ||
	    net_listeners_parse(TEXT("tcp:127.0.0.1:5998"), listeners, 2, &count, &why) != 0)
		abort();
	l->shared = net_shared_new(listeners, count, 1);
	l->net = net_new(l->shared, l->loop, 0, &net_up, l, &where);
	l->self = self_new(l->shared);
	l->complaints = complaints_new();
	if (!l->net || !l->self || !l->complaints || self_add_domain(l->self, TEXT("example.com")) != 0)
		abort();
	l->keys.generation = 1;
}

static void
seed(struct life *l)
{
	char byte;

	l->random = 1;
	l->fetched = false;
	while (!l->fetched) /* until the block of the last input is used up */
		random_bytes(&byte, 1);
}

static void
started(void *arg, bool ok)
{
	check(ok, "did not start");
}

static struct plug *
plug_of(const char *name, const struct coven_plugin *table)
{
	struct plug *p = calloc(1, sizeof *p);

	check(p && (p->name = strdup(name)) && (p->instances = calloc(1, sizeof *p->instances)), "no memory");
	p->table = table;
	p->editions = 1;
	return p;
}

static void
open_worker(struct life *l, unsigned flags)
{
	static const struct host_name names[] = {
		{ { "peer", 4 }, { .ip = { 127, 0, 0, 1 }, .port = 6001, .family = 4 } }
	};
	struct chain chain = { .count = 0 };

	l->all = (struct host_shared){ .net = l->shared, .workers = 1, .complaints = l->complaints };
	host_shared_open(&l->all);
	keyed_random(&l->all.shared_hash);
	chain.plugs[chain.count++] = plug_of("one", flags & 1 ? &quiet : &one);
	if (flags & 4)
		chain.plugs[chain.count++] = plug_of("two", &two);
	if (chain_build(&chain, l->complaints) != 0 || !(l->edition = edition_new(&l->all, &chain)))
		abort();
	l->edition->self = l->self;
	l->edition->strangers = !(flags & 2);
	l->edition->names = names;
	l->edition->name_count = 1;
	if (host_open(&l->all) != 0)
		abort();
	l->host = host_new(&l->all, 0, l->loop, l->net);
	struct tx_setup setup = { .loop = l->loop, .net = l->net, .net_shared = l->shared, .self = l->self,
	                          .keys = &l->keys, .shared_hash = &l->all.shared_hash, .up = &host_up,
	                          .up_arg = l->host, .record_route = flags & 8 ? TX_RECORD_ON : TX_RECORD_AUTO };
	l->tx = tx_new(&setup);
	check(l->host && l->tx, "no memory");
	l->host->tx = l->tx;
	host_start(l->host, started, NULL);
}

static void
check_notes(const struct notes *list, const char *what)
{
	for (unsigned i = 0; i < list->count; i++)
		check(list->at[i].ended == !list->at[i].forgotten, what);
}

static void
close_worker(struct life *l, bool at_once)
{
	if (!at_once) { /* everything ends by itself */
		l->front = l->back;
		loop_advance(l->loop, END_MS);
		check(l->tx->servers.count == 0, "a server transaction never ends");
		check(l->tx->clients.count == 0, "a client transaction never ends");
		check(l->data == 0, "a request never ends");
		check(names_count(l->host->tickets) == 0, "a ticket never ends");
	}
	loop_work(l->loop); /* a loop ends between two turns */
	host_stop(l->host);
	check_notes(&l->sendings, "an own request was never answered");
	l->front = l->back; /* nobody acts any more */
	if (!at_once)
		loop_advance(l->loop, 0);
	tx_free(l->tx);
	l->tx = NULL;
	check(l->data == 0, "data was never destroyed");
	check(names_count(l->host->tickets) == 0 && names_count(l->host->handles) == 0 &&
	      names_count(l->host->calls) == 0 && names_count(l->host->sendings) == 0 &&
	      names_count(l->host->timers) == 0 && l->host->parked_nobody == 0, "something is left");
	loop_advance(l->loop, END_MS); /* what was left would be seen now; connections are given up */
	host_free(l->host);
	l->host = NULL;
	host_close(&l->all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct life *l = &life;
	unsigned flags;

	if (size < 2 || size > 4096)
		return 0;
	if (!l->loop)
		open_once(l);
	seed(l);
	l->front = data;
	l->back = data + size;
	l->again_length = l->tickets.count = l->sendings.count = l->calls.count = 0;
	l->handle_count = l->timer_count = l->open_count = l->data = l->depth = 0;
	memset(l->open, 0, sizeof l->open);
	memset(l->timers, 0, sizeof l->timers);
	memset(&l->closed, 0, sizeof l->closed);
	flags = step_byte(l);
	open_worker(l, flags);
	for (unsigned i = 0; i < STEPS_MAX && l->front < l->back; i++)
		step(l);
	close_worker(l, flags & 16);
	return 0;
}
