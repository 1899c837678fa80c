/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: `covenctl calls`: what the workers follow, asked for one after the other and page by page. */
#ifndef CALLS_SHOW_H
#define CALLS_SHOW_H

#include <coven/plugin.h>

#define SHOW_PAGE 100 /* calls that are copied at a time, and those of one bucket more */

#define SHOW_USAGE "[list|count]"
#define SHOW_HELP "calls that pass through the server; to end one is up to the phones, for covend only forwards"

coven_command_fn show_command;

#endif
