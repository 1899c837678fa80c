/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP as it is: the wire of most streams. */
#include "net/stream.h"

#include <sys/socket.h>

static const char *
plain_prepare(struct stream *s, const struct net_tls_demand *demand)
{
	(void)s, (void)demand;
	return NULL;
}

static bool
plain_serves(const struct stream *s, const struct net_tls_demand *demand)
{
	(void)s, (void)demand;
	return true;
}

static ssize_t
plain_read(struct stream *s, char *room, size_t size, bool *more)
{
	ssize_t n = recv(s->fd, room, size, MSG_DONTWAIT);

	*more = n == (ssize_t)size;
	return n;
}

static bool
plain_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static ssize_t
plain_write(void *arg, const struct iovec *pieces, size_t count)
{
	const struct stream *s = arg;
	struct msghdr head = { .msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = count };

	return sendmsg(s->fd, &head, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int
plain_finish(struct stream *s)
{
	return shutdown(s->fd, SHUT_WR);
}

static void
plain_free(struct stream *s)
{
	(void)s;
}

const struct stream_wire plain_wire = {
	.prepare = plain_prepare, .serves = plain_serves, .begin = stream_opened, .ready = stream_ready,
	.read = plain_read, .pending = plain_pending, .write = plain_write, .finish = plain_finish,
	.free = plain_free, .lends = true,
};
