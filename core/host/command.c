/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the server's own commands, and the way to a plugin's: "COMMAND words", or "PLUGIN COMMAND words" where
 * two uses have the same command. */
#include "host/command.h"
#include "base/text.h"
#include "host/advance.h"
#include "host/hint.h"
#include "host/round.h"
#include "host/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD_SHOWN 60 /* bytes of a wrong word in an error */

struct call {
	const struct command_server *server;
	struct coven_out *out;
	size_t count;
	const struct coven_slice *words; /* behind the command's name */
};

struct own_command {
	const char *name, *usage, *help;
	enum coven_verdict (*run)(const struct call *c);
};
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
run_plugin(const struct call *c, const struct plug *p, const struct coven_command *command)
{
	struct coven_instance *in = host_instance(c->server->all->hosts[0], p);
	enum coven_verdict verdict;

	if (!in->started) {
		out_error(c->out, "plugin %s has not started", p->name);
		return COVEN_FAIL;
	}
	out_name(c->out, command->name);
	verdict = command->call(in, c->out, c->count, c->words);
	if (verdict == COVEN_NEXT)
		out_error(c->out, "usage: covenctl %s %s", command->name, command->usage ? command->usage : "");
	return verdict;
}

static void
unknown(const struct call *c, struct coven_slice name)
{
	const struct chain *chain = &c->server->all->chain;
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
find_plugin(struct call *c)
{
	const struct chain *chain = &c->server->all->chain;
	struct coven_slice name = c->words[0];
	const struct plug *again, *p = plug_with(chain, name, &again);

	if (!p && c->count > 1 && (p = plug_named(chain, name)) && command_of(p, c->words[1])) {
		name = c->words[1];
		c->words++;
		c->count--;
		again = NULL;
	} else if (!p || !command_of(p, name)) {
		unknown(c, name);
		return COVEN_FAIL;
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

/* -- status */

struct worker_status {
	struct host_counts host;
	struct tx_counts tx;
	size_t servers, clients;
};

struct status {
	struct coven_out *out;
	const struct command_server *server;
	struct worker_status at[TX_WORKERS_MAX];
};

static void
read_status(struct host *h, void *arg)
{
	struct status *s = arg;

	s->at[h->worker] = (struct worker_status){
		.host = h->counts, .tx = h->tx->counts,
		.servers = h->tx->servers.count, .clients = h->tx->clients.count,
	};
}

static void
put_counts(struct coven_out *out, const struct worker_status *at, unsigned workers)
{
	struct worker_status sum = { .servers = 0 };

	for (unsigned i = 0; i < workers; i++) {
		sum.servers += at[i].servers;
		sum.clients += at[i].clients;
		sum.tx.requests += at[i].tx.requests;
		sum.tx.responses += at[i].tx.responses;
		sum.tx.repeated += at[i].tx.repeated;
		sum.host.served += at[i].host.served;
		sum.host.routed += at[i].host.routed;
		sum.host.refused += at[i].host.refused;
		sum.host.parked += at[i].host.parked;
		sum.host.service_calls += at[i].host.service_calls;
		sum.host.misbehaved += at[i].host.misbehaved;
	}
	coven_put_number(out, "server_transactions", (int64_t)sum.servers);
	coven_put_number(out, "client_transactions", (int64_t)sum.clients);
	coven_put_number(out, "requests", (int64_t)sum.tx.requests);
	coven_put_number(out, "responses", (int64_t)sum.tx.responses);
	coven_put_number(out, "repeated", (int64_t)sum.tx.repeated);
	coven_put_number(out, "served", (int64_t)sum.host.served);
	coven_put_number(out, "routed", (int64_t)sum.host.routed);
	coven_put_number(out, "refused", (int64_t)sum.host.refused);
	coven_put_number(out, "parked", (int64_t)sum.host.parked);
	coven_put_number(out, "service_calls", (int64_t)sum.host.service_calls);
	coven_put_number(out, "misbehaved", (int64_t)sum.host.misbehaved);
}

static void
put_status(void *arg, bool whole)
{
	struct status *s = arg;
	const struct host_shared *all = s->server->all;

	if (whole) {
		coven_row(s->out);
		coven_put_text(s->out, "version", TEXT(COVEN_VERSION));
		coven_put_number(s->out, "pid", getpid());
		coven_put_number(s->out, "workers", all->workers);
		coven_put_number(s->out, "uptime", (loop_now(all->hosts[0]->loop) - s->server->started) / 1000);
		coven_put_number(s->out, "plugins", (int64_t)all->chain.count);
		put_counts(s->out, s->at, all->workers);
	} else {
		out_error(s->out, "the server is ending");
	}
	coven_end(s->out, whole ? 0 : 1);
	free(s);
}

static enum coven_verdict
run_status(const struct call *c)
{
	struct status *s = calloc(1, sizeof *s);

	if (!s)
		return COVEN_FAIL;
	s->out = c->out;
	s->server = c->server;
	if (round_run(c->server->all, read_status, put_status, s)) {
		free(s);
		return COVEN_FAIL;
	}
	return COVEN_WAIT;
}

/* -- plugins, help */

static enum coven_verdict
run_plugins(const struct call *c)
{
	const struct chain *chain = &c->server->all->chain;

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
		coven_put_text(c->out, "file", text_of(p->file));
	}
	return COVEN_DONE;
}

static void
put_help(struct coven_out *out, const char *name, const char *usage, const char *help)
{
	char room[256];

	coven_row(out);
	snprintf(room, sizeof room, "%s%s%s", name, usage && *usage ? " " : "", usage ? usage : "");
	coven_put_text(out, "command", text_of(room));
	coven_put_text(out, "what", text_of(dash(help)));
}

static enum coven_verdict
run_help(const struct call *c)
{
	const struct chain *chain = &c->server->all->chain;
	const struct coven_command *command;

	for (const struct own_command *own = own_commands; own->name; own++)
		put_help(c->out, own->name, own->usage, own->help);
	for (size_t i = 0; i < chain->count; i++)
		for (size_t k = 0; (command = command_at(chain->plugs[i], k)); k++)
			put_help(c->out, command->name, command->usage, command->help);
	return COVEN_DONE;
}

/* -- clock, stop */

static void
advanced(void *arg, bool whole)
{
	struct coven_out *out = arg;

	if (!whole)
		out_error(out, "the clock was not advanced everywhere");
	coven_end(out, whole ? 0 : 1);
}

static enum coven_verdict
run_clock(const struct call *c)
{
	int64_t ms;

	if (c->count != 2 || !text_is(c->words[0], "advance"))
		return COVEN_NEXT;
	if (!c->server->test_clock) {
		out_error(c->out, "time is real: covend runs without --test-clock");
		return COVEN_FAIL;
	}
	if (unit_time(c->words[1], &ms) || ms < 0 || ms > COMMAND_ADVANCE_MAX) {
		out_error(c->out, "\"%.*s\" is no duration like 500ms or 32s",
		          TEXT_ARG(text_cut(c->words[1], 0, WORD_SHOWN)));
		return COVEN_FAIL;
	}
	return advance_clock(c->server->all, ms, advanced, c->out) ? COVEN_FAIL : COVEN_WAIT;
}

static enum coven_verdict
run_stop(const struct call *c)
{
	c->server->stop(c->server->arg);
	return COVEN_DONE;
}

/* -- all together */

static const struct own_command own_commands[] = {
	{ "status", "", "how the server is", run_status },
	{ "plugins", "", "the plugins in use, and their phases", run_plugins },
	{ "clock", "advance DURATION", "moves the test clock", run_clock },
	{ "stop", "", "ends the server", run_stop },
	{ "help", "", "all commands", run_help },
	{ NULL, NULL, NULL, NULL }
};

static enum coven_verdict
run_own(struct call *c, const struct own_command *own)
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
	struct call c = { s, out, count, words };
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
