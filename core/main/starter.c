/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starter: the protocol of socket activation (sd_listen_fds(3)), from the side of who activates. */
#include "main/starter.h"
#include "main/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST 3 /* descriptors from here on, by the protocol */
#define GIVEN_MAX 16384
#define WAIT_MS 2000

/* What a message is: a name with its descriptor; an empty name: go. */
struct order {
	char name[STARTER_NAME_MAX];
};

struct given {
	int *fds;
	char *names; /* with colons between them */
	size_t count, size, length;
};

/* -- in the starter ------------------------------------------------------------------------------------ */

static void
forget(struct given *g)
{
	for (size_t i = 0; i < g->count; i++)
		close(g->fds[i]);
	free(g->fds);
	free(g->names);
	*g = (struct given){ .fds = NULL };
}

static int
grow(struct given *g)
{
	size_t size = g->size ? g->size * 2 : 64;
	int *fds = realloc(g->fds, size * sizeof *fds);
	char *names;

	if (!fds)
		return -1;
	g->fds = fds;
	names = realloc(g->names, size * (STARTER_NAME_MAX + 1));
	if (!names)
		return -1;
	g->names = names;
	g->size = size;
	return 0;
}

static void
keep(struct given *g, int fd, const char *name)
{
	if (g->count >= GIVEN_MAX || (g->count == g->size && grow(g) != 0)) {
		close(fd);
		return;
	}
	g->fds[g->count] = fd;
	g->length += (size_t)sprintf(g->names + g->length, "%s%.*s", g->count ? ":" : "", STARTER_NAME_MAX - 1, name);
	g->count++;
}

/* Descriptors move to where they are looked for; those in the way have moved above all of them before. */
static int
place(struct given *g)
{
	int above = FIRST + (int)g->count;

	for (size_t i = 0; i < g->count; i++) {
		int fd = fcntl(g->fds[i], F_DUPFD_CLOEXEC, above);
		if (fd < 0)
			return -1;
		g->fds[i] = fd;
	}
	for (size_t i = 0; i < g->count; i++)
		if (dup2(g->fds[i], FIRST + (int)i) < 0)
			return -1;
	return 0;
}

static void
set_number(const char *variable, long n)
{
	char text[24];

	snprintf(text, sizeof text, "%ld", n);
	setenv(variable, text, 1);
}

/* The successor's process, until it is covend. */
static void
become_successor(struct given *g, char **argv)
{
	sigset_t none;

	sigemptyset(&none);
	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (place(g) != 0)
		return;
	set_number("LISTEN_PID", getpid());
	set_number("LISTEN_FDS", (long)g->count);
	setenv("LISTEN_FDNAMES", g->names, 1);
	if (getenv("WATCHDOG_PID"))
		set_number("WATCHDOG_PID", getpid());
	prctl(PR_SET_DUMPABLE, 1);
	execvp(argv[0], argv);
	fprintf(stderr, "covend: cannot start its successor %s: %s\n", argv[0], strerror(errno));
}

static void
serve(int fd, char **argv)
{
	struct given g = { .fds = NULL };
	struct order order;

	for (;;) {
		int got[HANDLE_FDS_MAX];
		size_t count = HANDLE_FDS_MAX;
		ssize_t n = handle_receive(fd, &order, sizeof order, got, &count, -1);

		if (n <= 0)
			_exit(0); /* the server has ended */
		order.name[sizeof order.name - 1] = '\0';
		for (size_t i = 0; i < count; i++)
			keep(&g, got[i], order.name);
		if (*order.name)
			continue;
		if (fork() == 0) {
			become_successor(&g, argv);
			_exit(1);
		}
		forget(&g);
	}
}

/* Nothing of ours stays open in it but the standard descriptors. */
static void
close_others(int fd)
{
	if (fd > FIRST)
		syscall(SYS_close_range, FIRST, fd - 1, 0);
	syscall(SYS_close_range, fd + 1, ~0U, 0);
}

/* -- in the server ------------------------------------------------------------------------------------- */

int
starter_open(struct starter *s, char **argv)
{
	int pair[2];

	*s = (struct starter)STARTER_NONE;
	if (handle_pair(pair) != 0)
		return -1;
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		close_others(pair[1]);
		signal(SIGCHLD, SIG_IGN); /* nobody waits for successors */
		prctl(PR_SET_NAME, "covend-starter");
		prctl(PR_SET_DUMPABLE, 0);
		serve(pair[1], argv);
	}
	close(pair[1]);
	if (s->pid < 0) {
		close(pair[0]);
		return -1;
	}
	s->fd = pair[0];
	return 0;
}

void
starter_close(struct starter *s)
{
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct starter)STARTER_NONE;
}

int
starter_give(const struct starter *s, int fd, const char *name)
{
	struct order order = { .name = "" };

	snprintf(order.name, sizeof order.name, "%s", name);
	return handle_send(s->fd, &order, sizeof order, &fd, 1, WAIT_MS);
}

int
starter_go(const struct starter *s)
{
	struct order order = { .name = "" };

	return handle_send(s->fd, &order, sizeof order, NULL, 0, WAIT_MS);
}
