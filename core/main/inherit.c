/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inherit: LISTEN_FDS. */
#include "main/inherit.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST 3
#define FDS_MAX 16384

static long
number(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtol(text, NULL, 10) : 0;
}

/* The next name of a list with colons between them. */
static const char *
cut(char **at)
{
	char *name = *at ? strsep(at, ":") : NULL;

	return name ? name : "";
}

static void
read_list(struct inherit *i, size_t count)
{
	const char *names = getenv("LISTEN_FDNAMES");
	char *at = names ? strdup(names) : NULL;

	i->text = at;
	i->fds = calloc(count, sizeof *i->fds);
	i->names = calloc(count, sizeof *i->names);
	if (!i->fds || !i->names)
		return;
	for (; i->count < count; i->count++) {
		i->fds[i->count] = FIRST + (int)i->count;
		i->names[i->count] = cut(&at);
		fcntl(i->fds[i->count], F_SETFD, FD_CLOEXEC);
	}
}

void
inherit_open(struct inherit *i)
{
	long count = number("LISTEN_FDS");

	*i = (struct inherit){ .fds = NULL };
	if (number("LISTEN_PID") == getpid() && count > 0 && count <= FDS_MAX)
		read_list(i, (size_t)count);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

int
inherit_take(struct inherit *i, const char *name)
{
	for (size_t n = 0; n < i->count; n++)
		if (i->fds[n] >= 0 && strcmp(i->names[n], name) == 0) {
			int fd = i->fds[n];
			i->fds[n] = -1;
			return fd;
		}
	return -1;
}

int
inherit_sockets(struct inherit *i, struct net_shared *net)
{
	size_t count = 0;

	for (size_t n = 0; n < i->count; n++)
		if (i->fds[n] >= 0)
			i->fds[count++] = i->fds[n];
	i->count = 0;
	return count ? net_shared_inherit(net, i->fds, count) : 0;
}

void
inherit_close(struct inherit *i)
{
	for (size_t n = 0; n < i->count; n++)
		if (i->fds[n] >= 0)
			close(i->fds[n]);
	free(i->fds);
	free(i->names);
	free(i->text);
	*i = (struct inherit){ .fds = NULL };
}
