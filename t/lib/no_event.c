/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded before libev and libevent: the names that both of them have.  Whoever calls one of them leaves a line in the
 * file NO_EVENT_FILE, and the process ends. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
called(const char *name)
{
	const char *file = getenv("NO_EVENT_FILE");
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

	if (fd >= 0 && (write(fd, name, strlen(name)) < 0 || write(fd, "\n", 1) < 0))
		abort();
	abort();
}

#define TRAP(name) \
	__attribute__((visibility("default"))) void name(void); \
	void name(void) { called(#name); }

TRAP(event_init)
TRAP(event_loop)
TRAP(event_loopexit)
TRAP(event_set)
TRAP(event_add)
TRAP(event_del)
TRAP(event_active)
TRAP(event_pending)
TRAP(event_once)
TRAP(event_dispatch)
TRAP(event_priority_init)
TRAP(event_priority_set)
TRAP(event_get_version)
TRAP(event_get_method)
TRAP(event_get_callback)
TRAP(event_base_new)
TRAP(event_base_free)
TRAP(event_base_set)
TRAP(event_base_loop)
TRAP(event_base_loopexit)
TRAP(event_base_dispatch)
TRAP(event_base_once)
TRAP(event_base_priority_init)
TRAP(event_base_get_method)
