/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens, binds and sets up sockets. */
#include "net/socket.h"
#include "base/address.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define SOCKET_BUFFER (4 * 1024 * 1024) /* for a burst of datagrams */
#define SOCKET_BACKLOG 4096

socklen_t
socket_address(const struct coven_address *a, union socket_address *room)
{
	struct sockaddr_storage storage;
	socklen_t length = address_to_socket(a, &storage);

	memcpy(room, &storage, length);
	return length;
}

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value);
}

/* The forced ones go beyond the system's limit and need a privilege; both are no more
 * than wishes. */
static void
grow_buffers(int fd)
{
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER))
		set(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER))
		set(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
}

static int
close_keeping_errno(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

static int
open_socket(const struct coven_address *a, bool stream)
{
	int type = (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(a->family == 6 ? AF_INET6 : AF_INET, type, 0);

	if (fd < 0)
		return -1;
	if (a->family == 6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return close_keeping_errno(fd);
	return fd;
}

static int
bind_socket(int fd, const struct coven_address *a)
{
	union socket_address room;
	socklen_t length = socket_address(a, &room);

	return bind(fd, &room.any, length);
}

/* SO_REUSEADDR: a listening port is free again at once after its connections have
 * closed; a port on which somebody listens stays taken.  For datagrams it would mean
 * sharing, so they do without. */
static int
open_bound(const struct net_listener *l, bool together)
{
	int fd = open_socket(&l->address, l->transport->stream);

	if (fd < 0)
		return -1;
	if ((l->transport->stream && set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) ||
	    (together && set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
	    bind_socket(fd, &l->address))
		return close_keeping_errno(fd);
	return fd;
}

int
socket_listen(const struct net_listener *l, bool together)
{
	int fd = open_bound(l, together);

	if (fd < 0)
		return -1;
	if (l->transport->stream) {
		if (listen(fd, SOCKET_BACKLOG))
			return close_keeping_errno(fd);
		return fd;
	}
	grow_buffers(fd);
	set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1); /* udp.c is glad to know, and does without */
	return fd;
}

int
socket_probe(const struct net_listener *l)
{
	int fd = open_bound(l, false);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int
socket_connect(const struct coven_address *near_end, const struct coven_address *far_end)
{
	struct coven_address from = *near_end;
	union socket_address room;
	socklen_t length = socket_address(far_end, &room);
	int fd = open_socket(far_end, true);

	if (fd < 0)
		return -1;
	from.port = 0;
	set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (bind_socket(fd, &from) ||
	    (connect(fd, &room.any, length) && errno != EINPROGRESS))
		return close_keeping_errno(fd);
	return fd;
}

int
socket_near(const struct coven_address *far_end, struct coven_address *near_end)
{
	union socket_address room;
	socklen_t length = socket_address(far_end, &room);
	int fd = open_socket(far_end, false), rc;

	if (fd < 0)
		return -1;
	rc = connect(fd, &room.any, length);
	length = sizeof room;
	if (rc == 0)
		rc = getsockname(fd, &room.any, &length);
	close_keeping_errno(fd);
	return rc == 0 ? address_from_socket(&room.any, near_end) : -1;
}
