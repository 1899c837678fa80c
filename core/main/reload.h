/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reload: a changed configuration takes over from the one that runs, or nothing changes at all.
 *
 * First everything is checked: files, options, open() of every plugin that is new or has other options, and its start()
 * on every worker.  Only if all of them agree the workers turn to the new edition; requests that are on their way end
 * under the old one. */
#ifndef MAIN_RELOAD_H
#define MAIN_RELOAD_H

#include "host/host.h"
#include "main/configuration.h"

struct notify;
struct reload;

struct reload_setup {
	struct host_shared *all;
	const struct configuration *configuration;
	const struct notify *notify;
	uid_t user;
};

struct reload *reload_open(const struct reload_setup *setup); /* NULL: no memory */
void reload_close(struct reload *r); /* NULL is harmless */
/* Worker 0.  The answer comes through `out` (coven_end), later; NULL: to the log only.  One at a time: another one is
 * refused. */
void reload_start(struct reload *r, struct coven_out *out);

#endif
