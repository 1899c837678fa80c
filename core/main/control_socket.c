/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binds the control socket, and takes the place of one whose daemon has died. */
#include "main/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static int
refuse(const char *path, const char *why)
{
	fprintf(stderr, "covend: control socket %s: %s\n", path, why);
	return -1;
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Nobody listens there: it is what a killed daemon has left.  -1: something else, left as it is. */
static int
remove_stale(const char *path, const struct sockaddr_un *name)
{
	struct stat st;
	int fd, error;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : refuse(path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return refuse(path, "there is a file of this name that is no socket");
	fd = new_socket();
	if (fd < 0)
		return refuse(path, strerror(errno));
	error = connect(fd, (const struct sockaddr *)name, sizeof *name) < 0 ? errno : 0;
	close(fd);
	if (error == 0 || error == EAGAIN)
		return refuse(path, "another covend is running with it; stop that one, or set another `control`");
	if (error != ECONNREFUSED && error != ENOENT)
		return refuse(path, strerror(error));
	if (unlink(path) < 0 && errno != ENOENT)
		return refuse(path, strerror(errno));
	return 0;
}

/* The mode is set before there is a name by which anybody could connect. */
static int
bind_private(int fd, const char *path, const struct sockaddr_un *name, uid_t user)
{
	int rc = fchmod(fd, 0600);

	if (rc == 0)
		rc = bind(fd, (const struct sockaddr *)name, sizeof *name);
	if (rc < 0 && errno == EADDRINUSE) {
		if (remove_stale(path, name) < 0)
			return -1;
		rc = bind(fd, (const struct sockaddr *)name, sizeof *name);
	}
	if (rc < 0)
		return refuse(path, strerror(errno));
	if (user != geteuid() && lchown(path, user, (gid_t)-1) < 0)
		return refuse(path, strerror(errno));
	return listen(fd, BACKLOG) < 0 ? refuse(path, strerror(errno)) : 0;
}

int
control_socket_open(const char *path, uid_t user)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof name.sun_path) {
		char why[64];

		snprintf(why, sizeof why, "the path is longer than %zu bytes", sizeof name.sun_path - 1);
		return refuse(path, why);
	}
	memcpy(name.sun_path, path, strlen(path) + 1);
	fd = new_socket();
	if (fd < 0)
		return refuse(path, strerror(errno));
	if (bind_private(fd, path, &name, user) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
control_socket_take(int fd, const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t size = sizeof name;

	if (fd < 0)
		return -1;
	if (getsockname(fd, (struct sockaddr *)&name, &size) == 0 && name.sun_family == AF_UNIX &&
	    size <= sizeof name && strncmp(name.sun_path, path, sizeof name.sun_path) == 0)
		return fd;
	close(fd);
	return -1;
}

bool
control_socket_trusts(int fd, uid_t user)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer &&
	       (peer.uid == 0 || peer.uid == user);
}
