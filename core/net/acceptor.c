/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepts connections, within limits, and goes without when there are no descriptors. */
#include "net/acceptor.h"
#include "net/inside.h"
#include "net/socket.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

struct acceptor {
	struct net *net;
	struct watch *watch;
	int fd;
	uint16_t listener;
};

static int
open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int
acceptors_init(struct net *n)
{
	n->acceptors.at = calloc(n->shared->count ? n->shared->count : 1,
	                         sizeof *n->acceptors.at);
	n->acceptors.reserve = open_reserve();
	return n->acceptors.at && n->acceptors.reserve >= 0 ? 0 : -1;
}

static void
set_watches(struct net *n)
{
	bool reads = n->acceptors.started && !n->acceptors.paused && !n->acceptors.held;

	for (size_t i = 0; i < n->shared->count; i++)
		if (n->acceptors.at[i])
			watch_set(n->acceptors.at[i]->watch, reads ? WATCH_READ : 0);
}

void
acceptors_start(struct net *n)
{
	n->acceptors.started = true;
	set_watches(n);
}

void
acceptors_hold(struct net *n, bool held)
{
	n->acceptors.held = held;
	set_watches(n);
}

int
acceptor_fd(const struct net *n, uint16_t listener)
{
	return n->acceptors.at[listener]->fd;
}

static void
on_paused(struct timer *t)
{
	struct acceptors *all = CONTAINER(t, struct acceptors, pause);

	acceptors_resume(CONTAINER(all, struct net, acceptors));
}

void
acceptors_resume(struct net *n)
{
	struct acceptors *all = &n->acceptors;

	if (!all->paused)
		return;
	if (all->reserve < 0)
		all->reserve = open_reserve();
	if (all->reserve < 0) {
		timer_start(n->loop, &all->pause, ACCEPTOR_PAUSE_MS, on_paused);
		return;
	}
	timer_stop(n->loop, &all->pause);
	all->paused = false;
	set_watches(n);
}

static void
pause_all(struct net *n)
{
	n->acceptors.paused = true;
	set_watches(n);
	timer_start(n->loop, &n->acceptors.pause, ACCEPTOR_PAUSE_MS, on_paused);
}

/* One line a second, however many there are. */
static void
refused(struct net *n, const struct coven_address *far_end, const char *why)
{
	struct acceptors *all = &n->acceptors;
	int64_t now = loop_now(n->loop);
	char room[ADDRESS_TEXT];
	struct coven_slice text = TEXT("anybody");

	net_count(&n->counters.refused, 1);
	if (now < all->quiet_until) {
		all->unsaid++;
		return;
	}
	if (far_end)
		text = address_print_host(far_end, room);
	log_line(LOG_LEVEL_WARN, "net", "refuse connection of %.*s: %s (%u more before)",
	         TEXT_ARG(text), why, all->unsaid);
	all->unsaid = 0;
	all->quiet_until = now + ACCEPTOR_LOG_MS;
}

/* The reserve makes room to accept one and close it: its owner learns at once that
 * there is nothing to wait for, and the socket does not stay ready.  Without it, only
 * waiting is left.  True: there may be more. */
static bool
refuse_one(struct net *n, struct acceptor *a)
{
	bool nobody;
	int fd;

	if (n->acceptors.reserve >= 0)
		close(n->acceptors.reserve);
	fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	/* The kernel looks for a descriptor before it looks for a connection. */
	nobody = fd < 0 && errno == EAGAIN;
	if (fd >= 0)
		close(fd);
	n->acceptors.reserve = open_reserve();
	if (!nobody)
		refused(n, NULL, "no descriptors");
	if ((fd < 0 && !nobody) || n->acceptors.reserve < 0)
		pause_all(n);
	return fd >= 0 && !n->acceptors.paused;
}

static void
admit(struct acceptor *a, int fd, const union socket_address *from)
{
	struct net *n = a->net;
	struct coven_address far_end;
	int one = 1;

	if (address_from_socket(&from->any, &far_end)) {
		close(fd);
		return;
	}
	if (n->streams.count >= n->streams.max) {
		close(fd);
		refused(n, &far_end, "too many connections");
		return;
	}
	if (sources_enter(&n->shared->sources, &far_end, n->shared->limits.per_source)) {
		close(fd);
		refused(n, &far_end, "too many connections of this address");
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (stream_accept(n, fd, a->listener, &far_end)) {
		sources_leave(&n->shared->sources, &far_end);
		refused(n, &far_end, "no memory");
	}
}

/* True: there may be more. */
static bool
accept_one(struct acceptor *a)
{
	union socket_address from;
	socklen_t length = sizeof from;
	int fd = accept4(a->fd, &from.any, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		admit(a, fd, &from);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE)
		return refuse_one(a->net, a);
	if (errno == ENOMEM || errno == ENOBUFS) {
		pause_all(a->net);
		return false;
	}
	/* Those that were reset before we came (ECONNABORTED and the like) are no
	 * reason to stop. */
	return errno != EAGAIN && errno != EBADF && errno != EINVAL && errno != ENOTSOCK;
}

static void
on_ready(void *arg, unsigned events)
{
	struct acceptor *a = arg;

	for (unsigned n = 0; n < ACCEPTOR_TURN && accept_one(a); n++)
		;
}

int
acceptor_open(struct net *n, uint16_t listener, bool together)
{
	struct acceptor *a = calloc(1, sizeof *a);
	int error = ENOMEM;

	if (!a)
		return -1;
	a->net = n;
	a->listener = listener;
	a->fd = inherited_take(&n->shared->inherited, &n->shared->listeners[listener], n->worker);
	if (a->fd < 0)
		a->fd = socket_listen(&n->shared->listeners[listener], together);
	if (a->fd < 0) {
		error = errno;
		goto no_socket;
	}
	a->watch = watch_new(n->loop, a->fd, on_ready, a);
	if (!a->watch)
		goto no_watch;
	n->acceptors.at[listener] = a;
	return 0;

no_watch:
	close(a->fd);
no_socket:
	free(a);
	errno = error;
	return -1;
}

void
acceptors_done(struct net *n)
{
	struct acceptors *all = &n->acceptors;

	timer_stop(n->loop, &all->pause);
	for (size_t i = 0; all->at && i < n->shared->count; i++) {
		if (!all->at[i])
			continue;
		watch_free(all->at[i]->watch);
		close(all->at[i]->fd);
		free(all->at[i]);
	}
	free(all->at);
	if (all->reserve >= 0)
		close(all->reserve);
	all->at = NULL;
	all->paused = false;
	all->reserve = -1;
}
