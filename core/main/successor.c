/* SPDX-License-Identifier: GPL-3.0-or-later */
/* successor: the new server's side of an upgrade. */
#include "main/successor.h"
#include "main/handle.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO_MS 5000
#define GO_MS 60000
#define KEYS_MAX (64 << 20)

static int
fail(const char *why)
{
	fprintf(stderr, "covend: cannot take the place of the one that runs: %s\n", why);
	return -1;
}

int
successor_open(struct successor *s, struct inherit *inherit)
{
	ssize_t n;

	*s = (struct successor)SUCCESSOR_NONE;
	s->fd = inherit_take(inherit, INHERIT_CHANNEL);
	if (s->fd < 0)
		return 0;
	n = handle_receive(s->fd, &s->hello, sizeof s->hello, NULL, NULL, HELLO_MS);
	if (n == (ssize_t)sizeof s->hello && s->hello.head.version == CHANNEL_VERSION &&
	    s->hello.head.kind == CHANNEL_HELLO)
		return 0;
	return fail("it is of a version that cannot hand over: restart instead");
}

void
successor_close(struct successor *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void
successor_follow(struct successor *s, struct net_shared *net, unsigned workers)
{
	s->follows = successor_is(s) && s->hello.workers == workers &&
	             s->hello.listeners == channel_listeners(&s->hello.shared_hash, net);
	if (s->follows)
		net_shared_follow(net, s->hello.boot, s->hello.base);
}

struct heap {
	uint64_t *at;
	size_t count, size;
};

static int
keep(struct heap *h, const struct channel_keys *k, size_t length)
{
	size_t size = h->size ? h->size : CHANNEL_KEYS_MAX;
	uint64_t *more = h->at;

	if (k->count > CHANNEL_KEYS_MAX || length != sizeof *k + k->count * sizeof k->at[0])
		return -1;
	while (size < h->count + k->count)
		size *= 2;
	if (size > KEYS_MAX)
		return -1;
	if (size > h->size)
		more = realloc(h->at, size * sizeof *more);
	if (!more)
		return -1;
	h->at = more;
	h->size = size;
	memcpy(h->at + h->count, k->at, k->count * sizeof *more);
	h->count += k->count;
	return 0;
}

static void
adopt(struct net_shared *net, const void *room, size_t length, const int *fds, size_t count)
{
	const struct channel_stream *s = room;

	if (count == 1 && length == sizeof *s)
		net_shared_adopt(net, &s->lent, fds[0]);
	else
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
}

/* Messages until it says go.  -1: it has ended, or says what it should not. */
static int
listen_to(int fd, struct net_shared *net, struct heap *heap)
{
	struct channel_keys *k = malloc(CHANNEL_MESSAGE_MAX);
	int rc = -1;

	for (;;) {
		int fds[HANDLE_FDS_MAX];
		size_t count = HANDLE_FDS_MAX;
		ssize_t n = k ? handle_receive(fd, k, CHANNEL_MESSAGE_MAX, fds, &count, GO_MS) : -1;

		if (n < (ssize_t)sizeof *k || k->head.version != CHANNEL_VERSION)
			break;
		if (k->head.kind == CHANNEL_STREAM) {
			adopt(net, k, (size_t)n, fds, count);
			continue;
		}
		if (k->head.kind == CHANNEL_GO && k->count == heap->count)
			rc = 0;
		if (k->head.kind != CHANNEL_KEYS || keep(heap, k, (size_t)n) != 0)
			break;
	}
	free(k);
	return rc;
}

int
successor_wait(struct successor *s, struct net_shared *net, struct past **past)
{
	struct channel_keys loaded = { { CHANNEL_VERSION, CHANNEL_LOADED }, s->follows };
	struct heap heap = { .at = NULL };

	*past = NULL;
	if (!successor_is(s))
		return 0;
	if (handle_send(s->fd, &loaded, sizeof loaded, NULL, 0, HELLO_MS) != 0 || listen_to(s->fd, net, &heap) != 0) {
		free(heap.at);
		return fail("it has changed its mind");
	}
	net_shared_adopted(net);
	*past = past_new(s->fd, &s->hello.shared_hash, heap.at, heap.count);
	free(heap.at);
	if (!*past)
		return fail("no memory");
	s->fd = -1; /* the past's now */
	return 0;
}
