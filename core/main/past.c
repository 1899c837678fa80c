/* SPDX-License-Identifier: GPL-3.0-or-later */
/* past: a set of keys that does not change, and a channel that any worker may write to. */
#include "main/past.h"
#include "main/handle.h"
#include "tx/keys.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READY_MS 5000

struct past {
	int fd;
	struct keyed shared_hash;
	_Atomic bool over;
	size_t mask, count;
	uint64_t *set; /* open addressing, 0: empty */
	struct net *net; /* worker 0's */
	struct watch *watch;
	char room[CHANNEL_MESSAGE_MAX];
};

static void
insert(struct past *p, uint64_t key)
{
	size_t at = key >> 1 & p->mask;

	while (p->set[at])
		at = (at + 1) & p->mask;
	p->set[at] = key | 1; /* never 0; the lowest bit tells little */
	p->count++;
}

static bool
has(const struct past *p, uint64_t key)
{
	for (size_t at = key >> 1 & p->mask; p->set[at]; at = (at + 1) & p->mask)
		if (p->set[at] == (key | 1))
			return true;
	return false;
}

/* What it has to say on connections that are ours now; its end. */
static void
hear(void *arg, unsigned events)
{
	struct past *p = arg;
	const struct channel_message *c = (const struct channel_message *)(const void *)p->room;
	ssize_t n = handle_receive(p->fd, p->room, sizeof p->room, NULL, NULL, 0);

	(void)events;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		atomic_store(&p->over, true);
		watch_set(p->watch, 0);
	} else if ((size_t)n > sizeof *c && c->head.version == CHANNEL_VERSION && c->head.kind == CHANNEL_SEND)
		net_flow_send(p->net, &c->flow, (struct coven_slice){ c->bytes, (size_t)n - sizeof *c }, NULL, NULL);
}

int
past_watch(struct past *p, struct loop *loop, struct net *net)
{
	p->net = net;
	p->watch = watch_new(loop, p->fd, hear, p);
	if (!p->watch)
		return -1;
	watch_set(p->watch, WATCH_READ);
	return 0;
}

void
past_close(struct past *p)
{
	if (p)
		watch_free(p->watch);
}

struct past *
past_new(int fd, const struct keyed *shared_hash, const uint64_t *keys, size_t count)
{
	struct past *p = calloc(1, sizeof *p);
	size_t size = 16;

	while (size < count * 2)
		size *= 2;
	if (p)
		p->set = calloc(size, sizeof *p->set);
	if (!p || !p->set) {
		free(p);
		return NULL;
	}
	p->fd = fd;
	p->shared_hash = *shared_hash;
	p->mask = size - 1;
	for (size_t i = 0; i < count; i++)
		insert(p, keys[i]);
	return p;
}

void
past_free(struct past *p)
{
	if (!p)
		return;
	close(p->fd);
	free(p->set);
	free(p);
}

void
past_begin(const struct past *p)
{
	struct channel_keys ready = { .head = { CHANNEL_VERSION, CHANNEL_READY }, .count = (uint64_t)getpid() };

	handle_send(p->fd, &ready, sizeof ready, NULL, 0, READY_MS);
}

bool
past_is_there(const struct past *p)
{
	return p && !atomic_load(&p->over);
}

size_t
past_count(const struct past *p)
{
	return past_is_there(p) ? p->count : 0;
}

void
past_keys(const struct past *p, uint64_t *room)
{
	size_t count = 0;

	for (size_t at = 0; count < p->count; at++)
		if (p->set[at])
			room[count++] = p->set[at];
}

/* The old one ends when it has finished, at the latest after 32 s: then nobody is there. */
static void
pass_on(struct past *p, const struct sip_message *m, const struct coven_flow *flow, const struct net_flow_facts *from)
{
	size_t length = sizeof(struct channel_message) + m->length;
	struct channel_message *c = malloc(length);

	if (!c)
		return;
	*c = (struct channel_message){
		.head = { CHANNEL_VERSION, CHANNEL_MESSAGE }, .transport = from->transport->id,
		.near_end = from->near_end, .far_end = from->far_end, .flow = *flow,
	};
	memcpy(c->bytes, m->bytes, m->length);
	if (length <= CHANNEL_MESSAGE_MAX && handle_send(p->fd, c, length, NULL, 0, 0) != 0 && errno != EAGAIN)
		atomic_store(&p->over, true);
	free(c);
}

static bool
is_theirs(const struct past *p, const struct tx *tx, const struct sip_message *m)
{
	uint64_t key;

	if (m->status)
		return !tx_expects(tx, m);
	return tx_key(&p->shared_hash, m, &key) && has(p, key);
}

bool
past_takes(struct past *p, const struct tx *tx, const struct sip_message *m, const struct coven_flow *flow)
{
	struct net_flow_facts from;

	if (atomic_load_explicit(&p->over, memory_order_relaxed) || !is_theirs(p, tx, m) ||
	    net_flow_facts(tx->net_shared, flow, &from) != 0)
		return false;
	pass_on(p, m, flow, &from);
	return true;
}
