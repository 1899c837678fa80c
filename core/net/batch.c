/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams on their way out: collected, then sent many at once. */
#include "net/batch.h"
#include "net/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct batch {
	unsigned count;
	size_t used;
	struct udp_socket *sockets[BATCH_MAX];
	struct datagram datagrams[BATCH_MAX];
	struct mmsghdr heads[BATCH_MAX];
	struct iovec pieces[BATCH_MAX];
	char room[BATCH_ROOM];
};

struct batch *
batch_new(void)
{
	struct batch *b = malloc(sizeof *b);

	if (!b)
		return NULL;
	b->count = 0;
	b->used = 0;
	memset(b->heads, 0, sizeof b->heads);
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		b->heads[i].msg_hdr.msg_iov = &b->pieces[i];
		b->heads[i].msg_hdr.msg_iovlen = 1;
		b->heads[i].msg_hdr.msg_name = &b->datagrams[i].to;
	}
	return b;
}

void
batch_free(struct batch *b)
{
	free(b);
}

void
batch_add(struct batch *b, struct udp_socket *s, const struct coven_address *to,
          struct coven_slice bytes, struct receipt *receipt)
{
	struct datagram *d;

	if (bytes.length > NET_DATAGRAM_MAX) {
		udp_sent(s, receipt, EMSGSIZE);
		return;
	}
	if (b->count == BATCH_MAX || bytes.length > BATCH_ROOM - b->used)
		batch_flush(b);
	d = &b->datagrams[b->count];
	d->to_length = socket_address(to, &d->to);
	d->bytes = (struct coven_slice){ b->room + b->used, bytes.length };
	d->receipt = receipt;
	memcpy(b->room + b->used, bytes.at, bytes.length);
	b->pieces[b->count] = (struct iovec){ b->room + b->used, bytes.length };
	b->heads[b->count].msg_hdr.msg_namelen = d->to_length;
	b->sockets[b->count++] = s;
	b->used += bytes.length;
}

/* How many from `at` on leave by the same socket. */
static unsigned
run_length(const struct batch *b, unsigned at)
{
	unsigned end = at;

	while (end < b->count && b->sockets[end] == b->sockets[at])
		end++;
	return end - at;
}

/* Sends what the socket takes; gives how many are settled: sent, or refused one by one. */
static unsigned
send_run(struct batch *b, unsigned at, unsigned count)
{
	struct udp_socket *s = b->sockets[at];
	int sent = sendmmsg(s->fd, b->heads + at, count, MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		udp_sent(s, b->datagrams[at].receipt, errno);
		return 1;
	}
	for (int i = 0; i < sent; i++)
		udp_sent(s, b->datagrams[at + (unsigned)i].receipt, 0);
	return sent < 0 ? 0 : (unsigned)sent;
}

void
batch_flush(struct batch *b)
{
	for (unsigned at = 0; at < b->count;) {
		struct udp_socket *s = b->sockets[at];
		unsigned count = run_length(b, at), settled = 0;

		if (!udp_is_full(s))
			settled = send_run(b, at, count);
		/* A socket that took nothing keeps the order: the rest waits. */
		if (settled == 0) {
			for (; settled < count; settled++)
				udp_wait(s, &b->datagrams[at + settled]);
		}
		at += settled;
	}
	b->count = 0;
	b->used = 0;
}
