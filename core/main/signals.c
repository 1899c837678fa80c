/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signals: through a signalfd. */
#include "main/signals.h"
#include "main/drain.h"
#include "main/reload.h"
#include "main/upgrade.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
	struct worker_set *workers;
	struct watch *watch;
	int fd;
};

static void
fill(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR2);
}

void
signals_block(void)
{
	sigset_t set;

	fill(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void
ready(void *arg, unsigned events)
{
	struct signals *s = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(s->fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP)
			reload_start(s->workers->reload, NULL);
		else if (info.ssi_signo == SIGUSR2)
			upgrade_start(s->workers->upgrade, NULL);
		else
			drain_start(s->workers->drain);
	}
}

struct signals *
signals_open(struct worker_set *workers)
{
	struct signals *s = calloc(1, sizeof *s);
	sigset_t set;

	if (!s)
		return NULL;
	fill(&set);
	s->workers = workers;
	s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->fd >= 0)
		s->watch = watch_new(workers->at[0].loop, s->fd, ready, s);
	if (!s->watch) {
		signals_close(s);
		return NULL;
	}
	watch_set(s->watch, WATCH_READ);
	return s;
}

void
signals_close(struct signals *s)
{
	if (s->watch)
		watch_free(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
