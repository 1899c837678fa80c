/* SPDX-License-Identifier: GPL-3.0-or-later */
/* daemon: the server put together from its configuration, run, and taken apart. */
#ifndef MAIN_DAEMON_H
#define MAIN_DAEMON_H

#include <stdbool.h>

enum { DAEMON_GOOD = 0, DAEMON_BROKEN = 1, DAEMON_CONFIGURATION = 78 }; /* exit codes */

struct daemon_wish {
	char **argv;      /* for a successor, too */
	const char *file; /* NULL: where ctl/places.h says, or the built-in one */
	bool check_only; /* -t */
	bool test_clock;
	int ready_fd;    /* -1: nobody waits */
};
int daemon_run(const struct daemon_wish *wish);
int daemon_print_options(const char *name, const char *file); /* --options NAME */

#endif
