/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the server's own commands, and the way to a plugin's: "COMMAND words", or "PLUGIN COMMAND words" where
 * two uses have the same command. */
#include "host/command_own.h"
#include "base/text.h"
#include "host/advance.h"
#include "host/hint.h"
#include "host/slow.h"
#include "host/unit.h"

#include <stdlib.h>
#include <string.h>

#define WORD_SHOWN 60 /* bytes of a wrong word in an error */

static const struct own_command own_commands[];

/* -- commands of plugins */

static const struct coven_command *
command_at(const struct plug *p, size_t i)
{
	const struct coven_command *command;

	if (!p->table->commands)
		return NULL;
	command = CHAIN_ROW(p->table->commands, p->table->head.command, i);
	return command->name ? command : NULL;
}

static const struct coven_command *
command_of(const struct plug *p, struct coven_slice name)
{
	const struct coven_command *command;

	for (size_t i = 0; (command = command_at(p, i)); i++)
		if (text_is(name, command->name))
			return command;
	return NULL;
}

static const struct plug *
plug_named(const struct chain *c, struct coven_slice name)
{
	for (size_t i = 0; i < c->count; i++)
		if (text_is(name, c->plugs[i]->name))
			return c->plugs[i];
	return NULL;
}

/* The use that has this command; *again: another one, or NULL. */
static const struct plug *
plug_with(const struct chain *c, struct coven_slice name, const struct plug **again)
{
	const struct plug *found = NULL;

	*again = NULL;
	for (size_t i = 0; i < c->count; i++) {
		if (!command_of(c->plugs[i], name))
			continue;
		if (found)
			*again = c->plugs[i];
		else
			found = c->plugs[i];
	}
	return found;
}

static const char *
dash(const char *text)
{
	return text && *text ? text : "-";
}

static enum coven_verdict
run_plugin(const struct command_call *c, const struct plug *p, const struct coven_command *command)
{
	struct coven_instance *in = host_instance(c->server->all->hosts[0], p);
	enum coven_verdict verdict;
	int64_t began;

	if (!in->started) {
		out_error(c->out, "plugin %s has not started", p->name);
		return COVEN_FAIL;
	}
	out_name(c->out, command->name);
	out_own(c->out, in);
	began = slow_begin();
	verdict = command->call(in, c->out, c->count, c->words);
	slow_end(in, "a command", began);
	if (verdict == COVEN_NEXT)
		out_error(c->out, "usage: covenctl %s %s", command->name, command->usage ? command->usage : "");
	return verdict;
}

static void
unknown(const struct command_call *c, struct coven_slice name)
{
	const struct chain *chain = &host_edition(c->server->all->hosts[0])->chain;
	const struct coven_command *command;
	char wrong[WORD_SHOWN + 1], room[HINT_TEXT];
	struct hint h;

	snprintf(wrong, sizeof wrong, "%.*s", TEXT_ARG(name));
	hint_begin(&h, wrong);
	for (const struct own_command *own = own_commands; own->name; own++)
		hint_try(&h, own->name);
	for (size_t i = 0; i < chain->count; i++)
		for (size_t k = 0; (command = command_at(chain->plugs[i], k)); k++)
			hint_try(&h, command->name);
	out_error(c->out, "no command \"%s\"%s", wrong, hint_text(&h, room));
}

/* words[0] names a command, or a use and words[1] its command. */
static enum coven_verdict
find_plugin(struct command_call *c)
{
	const struct chain *chain = &host_edition(c->server->all->hosts[0])->chain;
	struct coven_slice name = c->words[0];
	const struct plug *again, *p = plug_with(chain, name, &again);

	if (!p && c->count > 1 && (p = plug_named(chain, name)) && command_of(p, c->words[1])) {
		name = c->words[1];
		c->words++;
		c->count--;
		again = NULL;
	} else if (!p || !command_of(p, name)) {
		unknown(c, name);
		return COVEN_NEXT;
	}
	if (again) {
		out_error(c->out, "say which one: \"%s %.*s\" or \"%s %.*s\"", p->name, TEXT_ARG(name), again->name,
		          TEXT_ARG(name));
		return COVEN_FAIL;
	}
	c->words++;
	c->count--;
	return run_plugin(c, p, command_of(p, name));
}

/* -- plugins, help */

static int64_t
times_slow(const struct host_shared *all, const struct plug *p)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < all->workers; i++)
		sum += atomic_load_explicit(&host_instance(all->hosts[i], p)->slow, memory_order_relaxed);
	return sum;
}

static enum coven_verdict
run_plugins(const struct command_call *c)
{
	const struct chain *chain = &host_edition(c->server->all->hosts[0])->chain;

	for (size_t i = 0; i < chain->count; i++) {
		const struct plug *p = chain->plugs[i];
		struct text_builder b;
		char room[128];

		text_begin(&b, room, sizeof room);
		for (unsigned phase = 1; phase < CHAIN_PHASES; phase++)
			for (size_t k = 0; k < chain->hook_count[phase]; k++)
				if (chain->hooks[phase][k].plug == p) {
					text_print(&b, "%s%s", b.length ? " " : "", chain_phase((enum coven_phase)phase));
					break;
				}
		coven_row(c->out);
		coven_put_text(c->out, "name", text_of(p->name));
		coven_put_text(c->out, "version", text_of(dash(p->table->version)));
		coven_put_text(c->out, "phases", text_of(room));
		coven_put_number(c->out, "slow", times_slow(c->server->all, p));
		coven_put_text(c->out, "file", text_of(p->file));
	}
	return COVEN_DONE;
}

static void
put_help(const struct command_call *c, const char *name, const char *usage, const char *help)
{
	struct coven_out *out = c->out;
	char room[512];

	if (c->count && !text_is(c->words[0], name))
		return;
	coven_row(out);
	snprintf(room, sizeof room, "%s%s%s", name, usage && *usage ? " " : "", usage ? usage : "");
	coven_put_text(out, "command", text_of(room));
	coven_put_text(out, "what", text_of(dash(help)));
}

static enum coven_verdict
run_help(const struct command_call *c)
{
	if (c->count > 1)
		return COVEN_NEXT;
	const struct chain *chain = &host_edition(c->server->all->hosts[0])->chain;
	const struct coven_command *command;

	for (const struct own_command *own = own_commands; own->name; own++)
		put_help(c, own->name, own->usage, own->help);
	for (size_t i = 0; i < chain->count; i++)
		for (size_t k = 0; (command = command_at(chain->plugs[i], k)); k++)
			put_help(c, command->name, command->usage, command->help);
	if (c->count && out_is_empty(c->out)) {
		unknown(c, c->words[0]);
		return COVEN_NEXT;
	}
	return COVEN_DONE;
}

/* -- all together */

static const struct own_command own_commands[] = {
	{ "status", "", "how the server is", command_status },
	{ "plugins", "", "the plugins in use, and their phases", run_plugins },
	{ "events", "[KIND...]", "what happens, row by row, until interrupted: all, or binding, call-begun, call-ended, "
	  "auth-refused, flow-closed, malformed, or what plugins name", command_events },
	{ "trace", "[--pcapng FILE] [USER|ADDRESS|CALL-ID|METHOD...]",
	  "messages as they pass, until interrupted: those that fit all words", command_trace },
	{ "explain", "URI", "how a call to it would go: addresses, DNSSEC, TLS; none is made", command_explain },
	{ "log", "[error|warn|info|debug]", "what is written to the log from now on; alone: shows it", command_log },
	{ "reload", "", "reads the configuration again; a mistake in it changes nothing", command_reload },
	{ "upgrade", "", "hands the sockets to a new covend, and ends", command_upgrade },
	{ "stop", "", "ends the server", command_stop },
	{ "clock", "advance DURATION", "moves the test clock", command_clock },
	{ "help", "[COMMAND]", "all commands, or this one", run_help },
	{ NULL, NULL, NULL, NULL }
};

static enum coven_verdict
run_own(struct command_call *c, const struct own_command *own)
{
	enum coven_verdict verdict;

	c->words++;
	c->count--;
	out_name(c->out, own->name);
	verdict = c->count && !*own->usage ? COVEN_NEXT : own->run(c);
	if (verdict == COVEN_NEXT)
		out_error(c->out, "usage: covenctl %s%s%s", own->name, *own->usage ? " " : "", own->usage);
	return verdict;
}

void
command_run(const struct command_server *s, struct coven_out *out, size_t count, const struct coven_slice *words)
{
	struct command_call c = { s, out, count, words };
	enum coven_verdict verdict = COVEN_FAIL;
	const struct own_command *own = own_commands;

	out_enter(out);
	while (own->name && !(count && text_is(words[0], own->name)))
		own++;
	if (!count || count > COMMAND_WORDS_MAX)
		out_error(out, count ? "too many words" : "no command");
	else
		verdict = own->name ? run_own(&c, own) : find_plugin(&c);
	out_leave(out, verdict);
}
