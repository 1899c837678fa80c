/* SPDX-License-Identifier: GPL-3.0-or-later */
/* desk: `covenctl ban list|add|del`. */
#ifndef GUARD_DESK_H
#define GUARD_DESK_H

#include <coven/plugin.h>

#define DESK_PAGE 256 /* bans that are in memory at a time */
#define DESK_LISTS 8 /* that are being read at a time */

/* The lists that are being read. */
struct desk;
struct desk *desk_new(void); /* NULL: no memory */
void desk_free(struct desk *d);

coven_command_fn desk_command;

#define DESK_USAGE "list | add ADDRESS[/BITS] [DURATION] | del ADDRESS[/BITS]"
#define DESK_HELP "who is kept out: all, one more (a day, unless told), or no longer"

#endif
