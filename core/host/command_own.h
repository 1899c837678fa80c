/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_own: the server's own commands, one function each; command.c has their table. */
#ifndef HOST_COMMAND_OWN_H
#define HOST_COMMAND_OWN_H

#include "host/command.h"

struct command_call {
	const struct command_server *server;
	struct coven_out *out;
	size_t count;
	const struct coven_slice *words; /* behind the command's name */
};

struct own_command {
	const char *name, *usage, *help;
	enum coven_verdict (*run)(const struct command_call *c); /* NEXT: wrong words, the usage is said */
};

enum coven_verdict command_status(const struct command_call *c);
enum coven_verdict command_events(const struct command_call *c);
enum coven_verdict command_trace(const struct command_call *c);
enum coven_verdict command_log(const struct command_call *c);
enum coven_verdict command_reload(const struct command_call *c);
enum coven_verdict command_upgrade(const struct command_call *c);
enum coven_verdict command_stop(const struct command_call *c);
enum coven_verdict command_explain(const struct command_call *c);
enum coven_verdict command_clock(const struct command_call *c);

#endif
