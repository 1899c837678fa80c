/* SPDX-License-Identifier: GPL-3.0-or-later */
/* upgrade: the old server's side, step by step on worker 0.  See channel.h for what is said. */
#include "main/upgrade.h"
#include "base/text.h"
#include "host/give_way.h"
#include "host/out.h"
#include "host/round.h"
#include "main/channel.h"
#include "main/control.h"
#include "main/drain.h"
#include "main/handle.h"
#include "main/inherit.h"
#include "main/intake.h"
#include "main/past.h"
#include "tx/keys.h"
#include "tx/open.h"
#include <coven/plugin.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 30000   /* for the successor to read its configuration */
#define SERVE_MS 30000   /* and its data */
#define QUIET_LOOK_MS 2  /* what waits for a plugin's answer is given that long, */
#define QUIET_LOOKS 500  /* and that often */
#define SEND_MS 5000
#define SOCKETS_MAX 256  /* of one worker: as many as listeners */

enum step {
	UPGRADE_IDLE = 0,
	UPGRADE_STARTING, /* it reads its configuration */
	UPGRADE_PAUSED,   /* nobody reads; what is begun in plugins ends */
	UPGRADE_WAITING,  /* it opens its data */
	UPGRADE_DONE      /* it serves */
};

struct upgrade {
	struct upgrade_setup setup;
	struct loop *loop; /* worker 0's */
	enum step step;
	int fd;
	struct watch *watch;
	struct timer timer;
	unsigned looks;
	_Atomic size_t waiting;
	bool away;                      /* the plugins have given way */
	bool follows;                   /* flows have the same names there */
	struct coven_out *out;
	struct channel_keys *keys[TX_WORKERS_MAX]; /* of each worker */
	char room[CHANNEL_MESSAGE_MAX];
};

/* -- the end of it ------------------------------------------------------------------------------------- */

static void
answer(struct coven_out *out, const char *error, pid_t pid)
{
	if (!out)
		return;
	if (error) {
		out_error(out, "%s", error);
		coven_end(out, 1);
		return;
	}
	coven_name_rows(out, "upgrade");
	coven_row(out);
	coven_put_number(out, "pid", pid);
	coven_end(out, 0);
}

static void
hang_up(struct upgrade *u)
{
	timer_stop(u->loop, &u->timer);
	watch_free(u->watch);
	u->watch = NULL;
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	for (unsigned i = 0; i < TX_WORKERS_MAX; i++) {
		free(u->keys[i]);
		u->keys[i] = NULL;
	}
}

static void
read_again(struct host *h, void *arg)
{
	(void)arg;
	net_unlend(h->net);
	net_pause(h->net, false);
}

static void
reads_again(void *arg, bool whole)
{
	(void)arg, (void)whole;
}

/* As if nothing had been. */
static void
give_up(struct upgrade *u, const char *why)
{
	enum step step = u->step;

	u->step = UPGRADE_IDLE;
	hang_up(u);
	if (u->away)
		host_give_way(u->setup.workers->all, false);
	u->away = false;
	if (step >= UPGRADE_PAUSED)
		round_run(u->setup.workers->all, read_again, reads_again, u);
	log_line(LOG_LEVEL_ERROR, "upgrade", "given up: %s; this covend goes on", why);
	answer(u->out, why, 0);
	u->out = NULL;
}

static void
too_slow(struct timer *t)
{
	give_up(CONTAINER(t, struct upgrade, timer), "the successor is not ready in time");
}

/* -- 1: it is started ---------------------------------------------------------------------------------- */

static int
say_hello(struct upgrade *u)
{
	const struct upgrade_setup *s = &u->setup;
	struct channel_hello hello = {
		.head = { CHANNEL_VERSION, CHANNEL_HELLO },
		.shared_hash = s->workers->all->shared_hash,
		.boot = net_shared_boot(s->net),
		.base = net_shared_base(s->net),
		.workers = s->workers->count,
		.listeners = channel_listeners(&s->workers->all->shared_hash, s->net),
	};

	return handle_send(u->fd, &hello, sizeof hello, NULL, 0, SEND_MS);
}

static int
give(const struct upgrade *u, int fd, const char *name)
{
	return fd < 0 ? 0 : starter_give(u->setup.starter, fd, name);
}

static int
give_all(const struct upgrade *u, int channel)
{
	const struct upgrade_setup *s = &u->setup;
	int fds[SOCKETS_MAX], rc = 0;

	for (unsigned w = 0; w < s->workers->count && rc == 0; w++) {
		size_t count = net_sockets(s->workers->at[w].net, fds, SOCKETS_MAX);
		for (size_t i = 0; i < count && rc == 0; i++)
			rc = give(u, fds[i], INHERIT_SOCKET);
	}
	if (rc == 0)
		rc = give(u, control_descriptor(s->control), INHERIT_CONTROL);
	if (rc == 0)
		rc = give(u, s->claim->data, INHERIT_DATA_LOCK);
	if (rc == 0)
		rc = give(u, s->claim->control, INHERIT_CONTROL_LOCK);
	return rc == 0 ? give(u, channel, INHERIT_CHANNEL) : -1;
}

static void hear(void *arg, unsigned events);

static int
start(struct upgrade *u)
{
	int pair[2], rc;

	if (handle_pair(pair) != 0)
		return -1;
	u->fd = pair[0];
	u->watch = watch_new(u->loop, u->fd, hear, u);
	rc = u->watch && say_hello(u) == 0 && give_all(u, pair[1]) == 0 ? starter_go(u->setup.starter) : -1;
	close(pair[1]);
	if (rc == 0)
		watch_set(u->watch, WATCH_READ);
	return rc;
}

void
upgrade_start(struct upgrade *u, struct coven_out *out)
{
	if (u->step != UPGRADE_IDLE || u->setup.starter->fd < 0) {
		const char *why = u->step == UPGRADE_IDLE ? "there is nobody to start it"
		                                          : "an upgrade is under way already";
		log_line(LOG_LEVEL_WARN, "upgrade", "refused: %s", why);
		answer(out, why, 0);
		return;
	}
	u->out = out;
	u->step = UPGRADE_STARTING;
	log_line(LOG_LEVEL_INFO, "upgrade", "a successor is started");
	timer_start(u->loop, &u->timer, START_MS, too_slow);
	if (start(u) != 0)
		give_up(u, strerror(errno));
}

/* -- 2: its configuration is good: nothing is read here any more ------------------------------------------ */

static void look_whether_quiet(struct upgrade *u);

static void
look_again(struct timer *t)
{
	look_whether_quiet(CONTAINER(t, struct upgrade, timer));
}

static void
pause_and_count(struct host *h, void *arg)
{
	struct upgrade *u = arg;

	net_pause(h->net, true);
	atomic_fetch_add(&u->waiting, tx_unsent(h->tx));
}

static int
give_stream(void *arg, const struct net_lent *lent, int fd)
{
	const struct upgrade *u = arg;
	struct channel_stream s = { { CHANNEL_VERSION, CHANNEL_STREAM }, *lent };

	return handle_send(u->fd, &s, sizeof s, &fd, 1, SEND_MS);
}

/* Each worker's keys, once no letter can make another transaction. */
static void
collect(struct host *h, void *arg)
{
	struct upgrade *u = arg;
	const struct past *past = u->setup.workers->past;
	size_t count = h->tx->servers.count, older = h->worker == 0 ? past_count(past) : 0;
	struct channel_keys *k = malloc(sizeof *k + (count + older) * sizeof k->at[0]);

	if (k)
		k->count = tx_keys(h->tx, k->at);
	if (k && older)
		past_keys(past, k->at + k->count);
	if (k)
		k->count += older;
	u->keys[h->worker] = k;
	if (u->follows)
		net_lend(h->net, give_stream, u);
}

static void collected(void *arg, bool whole);

static void
counted(void *arg, bool whole)
{
	struct upgrade *u = arg;

	if (u->step != UPGRADE_PAUSED)
		return;
	if (!whole)
		give_up(u, "the workers are busy");
	else if (atomic_load(&u->waiting) > 0 && u->looks++ < QUIET_LOOKS)
		timer_start(u->loop, &u->timer, QUIET_LOOK_MS, look_again);
	else if (round_run(u->setup.workers->all, collect, collected, u) != 0)
		give_up(u, "no memory");
}

static void
look_whether_quiet(struct upgrade *u)
{
	atomic_store(&u->waiting, 0);
	if (round_run(u->setup.workers->all, pause_and_count, counted, u) != 0)
		give_up(u, "no memory");
}

/* -- 3: it gets what it must know, and the data ----------------------------------------------------------- */

static int
send_keys(struct upgrade *u, const struct channel_keys *all)
{
	struct channel_keys *k = (struct channel_keys *)(void *)u->room;

	for (size_t at = 0; at < all->count; at += k->count) {
		k->head = (struct channel_head){ CHANNEL_VERSION, CHANNEL_KEYS };
		k->count = all->count - at < CHANNEL_KEYS_MAX ? all->count - at : CHANNEL_KEYS_MAX;
		memcpy(k->at, all->at + at, k->count * sizeof k->at[0]);
		if (handle_send(u->fd, k, sizeof *k + k->count * sizeof k->at[0], NULL, 0, SEND_MS) != 0)
			return -1;
	}
	return 0;
}

static int
send_all_keys(struct upgrade *u)
{
	struct channel_keys go = { .head = { CHANNEL_VERSION, CHANNEL_GO } };

	for (unsigned i = 0; i < u->setup.workers->count; i++) {
		if (!u->keys[i] || send_keys(u, u->keys[i]) != 0)
			return -1;
		go.count += u->keys[i]->count;
	}
	return handle_send(u->fd, &go, sizeof go, NULL, 0, SEND_MS);
}

static void
collected(void *arg, bool whole)
{
	struct upgrade *u = arg;

	if (u->step != UPGRADE_PAUSED)
		return;
	if (!whole)
		give_up(u, "the workers are busy");
	else if (host_give_way(u->setup.workers->all, true) != 0)
		give_up(u, "a plugin cannot give way");
	else {
		u->away = true;
		u->step = UPGRADE_WAITING;
		timer_start(u->loop, &u->timer, SERVE_MS, too_slow);
		if (send_all_keys(u) != 0)
			give_up(u, strerror(errno));
	}
}

/* -- 4: it serves ---------------------------------------------------------------------------------------- */

static void
serves(struct upgrade *u, pid_t pid)
{
	timer_stop(u->loop, &u->timer);
	u->step = UPGRADE_DONE;
	log_line(LOG_LEVEL_INFO, "upgrade", "process %ld serves now; this one ends with its transactions", (long)pid);
	notify_say(u->setup.notify, "MAINPID=%ld", (long)pid);
	control_leave(u->setup.control);
	answer(u->out, NULL, pid);
	u->out = NULL;
	drain_leave(u->setup.workers->drain);
}

/* A message for a transaction of ours that came to the other. */
static void
take(struct upgrade *u, struct channel_message *c, size_t length)
{
	struct worker *w = &u->setup.workers->at[0];
	struct net_packet packet = { .bytes = c->bytes, .length = length, .transport = net_transport(c->transport),
	                             .near_end = c->near_end, .far_end = c->far_end };

	if (!packet.transport)
		return;
	for (unsigned i = 0; i < net_shared_count(u->setup.net); i++) {
		const struct net_listener *l = net_shared_listener(u->setup.net, i);
		if (l->transport != packet.transport || !address_same(&l->address, &c->near_end))
			continue;
		packet.listener = (uint16_t)i;
		if (l->transport->stream)
			packet.flow = c->flow;
		else
			net_flow_from(u->setup.net, i, &c->far_end, &packet.flow);
	}
	intake_up.message(w, &packet);
}

int
upgrade_send(struct upgrade *u, const struct coven_flow *flow, struct coven_slice bytes)
{
	size_t length = sizeof(struct channel_message) + bytes.length;
	struct channel_message *c = length <= CHANNEL_MESSAGE_MAX ? malloc(length) : NULL;
	int rc = -1;

	if (c && u->fd >= 0) {
		*c = (struct channel_message){ .head = { CHANNEL_VERSION, CHANNEL_SEND }, .flow = *flow };
		memcpy(c->bytes, bytes.at, bytes.length);
		rc = handle_send(u->fd, c, length, NULL, 0, SEND_MS);
	}
	free(c);
	return rc;
}

static void
understand(struct upgrade *u, size_t length)
{
	const struct channel_head *head = (const struct channel_head *)(const void *)u->room;
	const struct channel_keys *k = (const struct channel_keys *)(const void *)u->room;

	if (length < sizeof *head || head->version != CHANNEL_VERSION)
		give_up(u, "the successor speaks another language: restart instead");
	else if (head->kind == CHANNEL_LOADED && u->step == UPGRADE_STARTING) {
		u->step = UPGRADE_PAUSED;
		u->follows = length == sizeof *k && k->count;
		u->looks = 0;
		look_whether_quiet(u);
	} else if (head->kind == CHANNEL_READY && u->step == UPGRADE_WAITING) {
		serves(u, length == sizeof *k ? (pid_t)k->count : 0);
	} else if (head->kind == CHANNEL_MESSAGE && u->step == UPGRADE_DONE && length > sizeof(struct channel_message))
		take(u, (struct channel_message *)(void *)u->room, length - sizeof(struct channel_message));
}

static void
hear(void *arg, unsigned events)
{
	struct upgrade *u = arg;
	ssize_t n = handle_receive(u->fd, u->room, sizeof u->room, NULL, NULL, 0);

	(void)events;
	if (n > 0)
		understand(u, (size_t)n);
	else if (n < 0 && errno == EAGAIN)
		return;
	else if (u->step == UPGRADE_DONE)
		hang_up(u); /* it has ended already; what is left here has nobody else */
	else
		give_up(u, "the successor has ended; its own lines say why");
}

/* -- made and ended ------------------------------------------------------------------------------------- */

struct upgrade *
upgrade_new(const struct upgrade_setup *setup)
{
	struct upgrade *u = calloc(1, sizeof *u);

	if (!u)
		return NULL;
	u->setup = *setup;
	u->loop = setup->workers->at[0].loop;
	u->fd = -1;
	return u;
}

void
upgrade_close(struct upgrade *u)
{
	if (!u)
		return;
	answer(u->out, "the server ends", 0);
	u->out = NULL;
	hang_up(u);
}

void
upgrade_free(struct upgrade *u)
{
	free(u);
}

bool
upgrade_is_done(const struct upgrade *u)
{
	return u && u->step == UPGRADE_DONE;
}
