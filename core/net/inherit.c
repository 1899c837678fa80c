/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets are known by what the kernel says of them, not by their order. */
#include "net/inherit.h"
#include "net/inside.h"
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct net_inherited {
	int fd;
	bool stream, taken;
	struct coven_address address;
};

static int
read_socket(struct net_inherited *n, int fd)
{
	union socket_address room;
	socklen_t length = sizeof room, size = sizeof(int);
	int type, listens = 0;

	if (getsockname(fd, &room.any, &length) || address_from_socket(&room.any, &n->address) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size))
		return -1;
	n->fd = fd;
	n->stream = type == SOCK_STREAM;
	if (n->stream && (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) || !listens))
		return -1;
	/* from systemd it may be one that waits */
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int
net_shared_inherit(struct net_shared *s, const int *fds, size_t count)
{
	struct inherited *i = &s->inherited;

	i->at = calloc(count ? count : 1, sizeof *i->at);
	for (size_t n = 0; n < count; n++)
		if (!i->at || read_socket(&i->at[i->count], fds[n]))
			close(fds[n]);
		else
			i->count++;
	return i->at ? 0 : -1;
}

void
inherited_done(struct inherited *i)
{
	for (size_t n = 0; n < i->count; n++)
		close(i->at[n].fd);
	free(i->at);
	*i = (struct inherited){ .at = NULL };
}

static bool
is_for(const struct net_inherited *n, const struct net_listener *l)
{
	return n->stream == l->transport->stream && address_same(&n->address, &l->address);
}

static unsigned
count_for(const struct inherited *i, const struct net_listener *l)
{
	unsigned count = 0;

	for (size_t n = 0; n < i->count; n++)
		count += is_for(&i->at[n], l);
	return count;
}

bool
inherited_has(const struct inherited *i, const struct net_listener *l)
{
	return count_for(i, l) > 0;
}

int
inherited_take(struct inherited *i, const struct net_listener *l, unsigned worker)
{
	unsigned found = count_for(i, l), which;

	if (!found)
		return -1;
	which = worker % found;
	for (size_t n = 0; n < i->count; n++) {
		if (!is_for(&i->at[n], l) || which--)
			continue;
		i->at[n].taken = true;
		return fcntl(i->at[n].fd, F_DUPFD_CLOEXEC, 3);
	}
	return -1;
}

int
net_shared_settle(struct net_shared *s)
{
	int left = 0;

	for (size_t n = 0; n < s->inherited.count; n++)
		for (size_t i = 0; i < s->count && !s->inherited.at[n].taken; i++)
			if (is_for(&s->inherited.at[n], &s->listeners[i]))
				left++;
	inherited_done(&s->inherited);
	return left ? -1 : 0;
}

size_t
net_sockets(const struct net *n, int *fds, size_t max)
{
	size_t count = 0;

	for (uint16_t i = 0; i < n->shared->count && count < max; i++)
		fds[count++] = n->udp[i] ? n->udp[i]->fd : acceptor_fd(n, i);
	return count;
}

void
net_pause(struct net *n, bool paused)
{
	for (size_t i = 0; i < n->shared->count; i++)
		if (n->udp[i])
			udp_pause(n->udp[i], paused);
	acceptors_hold(n, paused);
}

uint32_t
net_shared_boot(const struct net_shared *s)
{
	return s->boot;
}

void
net_shared_follow(struct net_shared *s, uint32_t boot, uint32_t base)
{
	s->boot = boot;
	for (unsigned i = 0; i < s->workers; i++)
		s->seats[i].slots.base = base;
}

/* Far behind what a process uses up: a name that the one before gave is not given again. */
uint32_t
net_shared_base(const struct net_shared *s)
{
	return s->seats[0].slots.base + (1U << 24);
}
