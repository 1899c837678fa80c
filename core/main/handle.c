/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handle: SCM_RIGHTS. */
#include "main/handle.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANDLE_BUFFER (1 << 20) /* wanted for what is under way */

union control {
	struct cmsghdr head; /* for its alignment */
	char room[CMSG_SPACE(HANDLE_FDS_MAX * sizeof(int))];
};

int
handle_pair(int pair[2])
{
	int size = HANDLE_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return 0;
}

static int
wait_for(int fd, short events, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	do
		n = poll(&p, 1, wait_ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = EAGAIN;
	return n > 0 ? 0 : -1;
}

int
handle_send(int fd, const void *bytes, size_t length, const int *fds, size_t count, int wait_ms)
{
	struct iovec part = { (void *)(size_t)bytes, length };
	union control control;
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (count) {
		memset(&control, 0, sizeof control);
		m.msg_control = control.room;
		m.msg_controllen = CMSG_SPACE(count * sizeof *fds);
		*CMSG_FIRSTHDR(&m) = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		                                       .cmsg_len = CMSG_LEN(count * sizeof *fds) };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, count * sizeof *fds);
	}
	for (;;) {
		n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || wait_for(fd, POLLOUT, wait_ms) != 0)
			return -1;
	}
}

static size_t
take_descriptors(struct msghdr *m, int *fds, size_t max)
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int got[HANDLE_FDS_MAX];

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || n > HANDLE_FDS_MAX)
			continue;
		memcpy(got, CMSG_DATA(c), n * sizeof *got);
		for (size_t i = 0; i < n; i++)
			if (count < max)
				fds[count++] = got[i];
			else
				close(got[i]);
	}
	return count;
}

ssize_t
handle_receive(int fd, void *room, size_t size, int *fds, size_t *count, int wait_ms)
{
	struct iovec part = { room, size };
	union control control;
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
	                    .msg_controllen = sizeof control.room };
	size_t max = count ? *count : 0, got;
	ssize_t n;

	while ((n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0)
		if (errno != EINTR && (errno != EAGAIN || wait_ms == 0 || wait_for(fd, POLLIN, wait_ms) != 0))
			return -1;
	got = take_descriptors(&m, fds, max);
	if (count)
		*count = got;
	if (m.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}
