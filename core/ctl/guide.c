/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of a server with the usual plugins. */
#include "ctl/guide.h"

#include <jansson.h>
#include <string.h>

static const struct row {
	const char *name, *usage, *what;
} rows[] = {
	{ "status", "", "how the server is" },
	{ "plugins", "", "the plugins in use, and their phases" },
	{ "user", "list | add NAME [PASSWORD] | passwd NAME [PASSWORD] | del NAME | alias list [NAME] | alias add NAME ALIAS | "
	          "alias del ALIAS | import FILE",
	  "accounts; without PASSWORD it is asked for, or read from standard input" },
	{ "reg", "list [AOR] | show AOR | drop AOR [CONTACT]", "where users can be reached" },
	{ "calls", "[list|count]", "calls that pass through the server" },
	{ "ban", "list | add ADDRESS [TIME] | del ADDRESS", "who may not send to this server" },
	{ "events", "[KIND...]", "what happens, row by row, until interrupted" },
	{ "trace", "[--pcapng FILE] [USER|ADDRESS|CALL-ID|METHOD...]", "messages as they pass, until interrupted" },
	{ "log", "[error|warn|info|debug]", "what is written to the log from now on; alone: shows it" },
	{ "store", "salvage FROM TO", "what can still be read of a damaged data folder; needs no server" },
	{ "domain", "NAME [--roll] [--address ADDRESS] [--host HOST] [--folder FOLDER] [--ttl SECONDS] [--port PORT] "
	            "[--tls-port PORT] [--force]",
	  "makes keys for a domain and prints what to publish of it in the DNS; needs no server" },
	{ "reload", "", "reads the configuration again; a mistake in it changes nothing" },
	{ "explain", "URI", "how a call to it would go: addresses, DNSSEC, TLS; none is made" },
	{ "upgrade", "", "hands the sockets to a new covend, and ends" },
	{ "stop", "", "ends the server" },
	{ "help", "[COMMAND]", "all commands, or this one" },
	{ NULL, NULL, NULL },
};

static void
print_text(const struct row *r, FILE *to)
{
	fprintf(to, "covenctl %s%s%s\n        %s\n", r->name, *r->usage ? " " : "", r->usage, r->what);
}

static void
add_json(const struct row *r, json_t *list)
{
	json_array_append_new(list, json_pack("{s:s++,s:s}", "command", r->name, *r->usage ? " " : "", r->usage, "what",
	                                      r->what));
}

bool
guide_print(const char *name, bool as_json, FILE *to)
{
	json_t *list = json_array(), *whole = json_object();
	bool found = false;

	for (const struct row *r = rows; r->name; r++) {
		if (name && strcmp(name, r->name) != 0)
			continue;
		if (as_json)
			add_json(r, list);
		else
			print_text(r, to);
		found = true;
	}
	json_object_set(whole, "help", list);
	if (as_json && found) {
		json_dumpf(whole, to, 0);
		fputc('\n', to);
	}
	json_decref(list);
	json_decref(whole);
	return found;
}
