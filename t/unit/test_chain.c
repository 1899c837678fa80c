/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain: hooks by phase, methods, services and needs, and which order comes of it. */
#include "host/chain.h"
#include "base/text.h"
#include "../tap.h"

#include <stdlib.h>

static enum coven_verdict
hook(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	return COVEN_NEXT;
}

static const uint32_t ops = sizeof ops;

static const struct coven_hook serves_some[] = { { COVEN_SERVE, hook, "REGISTER PUBLISH" }, { 0, NULL, NULL } };
static const struct coven_hook serves_other[] = {
	{ COVEN_SERVE, hook, "X-PING,REGISTER" }, { COVEN_AUTH, hook, NULL }, { 0, NULL, NULL }
};
static const struct coven_hook serves_all[] = { { COVEN_SERVE, hook, NULL }, { 0, NULL, NULL } };
static const struct coven_service gives_x[] = { { "x", 2, &ops }, { NULL, 0, NULL } };
static const struct coven_service gives_y[] = { { "y", 1, &ops }, { NULL, 0, NULL } };
static const struct coven_need needs_x[] = { { "x", 2 }, { NULL, 0 } };
static const struct coven_need needs_x3[] = { { "x", 3 }, { NULL, 0 } };
static const struct coven_need needs_y[] = { { "y", 1 }, { NULL, 0 } };

static const struct coven_plugin
	some = { .head = COVEN_HEAD_, .name = "some", .hooks = serves_some, .needs = needs_x },
	other = { .head = COVEN_HEAD_, .name = "other", .hooks = serves_other, .wants = needs_y },
	all = { .head = COVEN_HEAD_, .name = "all", .hooks = serves_all },
	x = { .head = COVEN_HEAD_, .name = "x", .gives = gives_x },
	x_by_y = { .head = COVEN_HEAD_, .name = "x-by-y", .gives = gives_x, .needs = needs_y },
	y_by_x = { .head = COVEN_HEAD_, .name = "y-by-x", .gives = gives_y, .needs = needs_x },
	newer = { .head = COVEN_HEAD_, .name = "newer", .needs = needs_x3 };

struct lines {
	char text[2000];
};

static void
take_line(void *arg, const char *text)
{
	struct lines *l = arg;

	strcat(strcat(l->text, text), "\n");
}

/* The plugs are used one time only. */
static int
build(struct chain *c, struct plug *plugs, struct lines *said, const struct coven_plugin *const *tables)
{
	struct complaints *list = complaints_new();
	int rc;

	memset(c, 0, sizeof *c);
	said->text[0] = '\0';
	for (; *tables; tables++, plugs++) {
		*plugs = (struct plug){ .name = (*tables)->name, .table = *tables };
		c->plugs[c->count++] = plugs;
	}
	rc = chain_build(c, list);
	complaints_each(list, take_line, said);
	complaints_free(list);
	return rc;
}
#define BUILD(...) build(&c, plugs, &said, (const struct coven_plugin *const[]){ __VA_ARGS__, NULL })

static bool
serves(const struct chain *c, const char *method)
{
	return chain_serves(c, text_of(method));
}

static void
test_order(void)
{
	struct plug plugs[8];
	struct lines said;
	struct chain c;

	is_int(BUILD(&some, &other, &x), 0, "three plugins");
	is_text(said.text, "", "nothing to complain about");
	is_int(c.hook_count[COVEN_SERVE], 2, "two SERVE hooks");
	ok(c.hooks[COVEN_SERVE][0].plug == &plugs[0] && c.hooks[COVEN_SERVE][1].plug == &plugs[1],
	   "in the order of use");
	is_int(c.hook_count[COVEN_AUTH], 1, "one AUTH hook");
	is_int(c.hook_count[COVEN_ROUTE], 0, "no ROUTE hook");
	ok(c.plugs[0] == &plugs[2] && c.plugs[1] == &plugs[0] && c.plugs[2] == &plugs[1],
	   "what is needed starts first");
	is_text(c.allow, "OPTIONS, ACK, CANCEL, REGISTER, PUBLISH, X-PING", "Allow");
	ok(serves(&c, "REGISTER") && serves(&c, "PUBLISH") && serves(&c, "X-PING"), "what is served");
	ok(!serves(&c, "MESSAGE") && !serves(&c, "X-PONG") && !serves(&c, "register"), "what is not");
	ok(chain_wants(&c.hooks[COVEN_AUTH][0], 0, TEXT("X-PONG")), "a hook without methods wants all");
	ok(chain_service(&c, "x", 1) && chain_service(&c, "x", 2), "the service, in its version and an older one");
	ok(!chain_service(&c, "x", 3) && !chain_service(&c, "y", 0), "not in a newer one, and none that is not there");
	chain_free(&c);
	is_int(BUILD(&all), 0, "a SERVE hook that wants all");
	is_text(c.allow, "OPTIONS, ACK, CANCEL", "is not listed");
	ok(serves(&c, "MESSAGE"), "but asked");
	chain_free(&c);
}

static void
test_refusals(void)
{
	struct plug plugs[8];
	struct lines said;
	struct chain c;

	is_int(BUILD(&x, &x), -1, "one twice");
	is_text(said.text, "plugin \"x\": this name is used twice\n"
	                   "plugin \"x\": gives the service \"x\", which plugin \"x\" gives already\n", "two lines");
	is_int(BUILD(&some), -1, "a need that nobody meets");
	is_text(said.text, "plugin \"some\": needs the service \"x\", which no plugin of the chain gives\n", "its line");
	is_int(BUILD(&x, &newer), -1, "an older version");
	is_text(said.text, "plugin \"newer\": needs version 3 of the service \"x\", plugin \"x\" gives version 2\n",
	        "its line");
	is_int(BUILD(&x_by_y, &y_by_x), -1, "a circle");
	is_text(said.text, "plugin \"x-by-y\": needs go in a circle: \"x-by-y\" needs \"y-by-x\" needs \"x-by-y\"\n",
	        "its line");
	ok(!c.hooks[1] && !c.services, "nothing is left");
}

static void
test_print(void)
{
	struct plug plugs[8];
	struct lines said;
	struct chain c;
	char *text = NULL;
	size_t length;
	FILE *file;

	BUILD(&some, &x);
	for (size_t i = 0; i < 2; i++)
		plugs[i].file = "f.so";
	file = open_memstream(&text, &length);
	chain_print(&c, file);
	fclose(file);
	is_text(text, "plugin x - f.so\nplugin some - f.so\n"
	              "SCREEN        -\nAUTH          -\nSERVE         some(REGISTER PUBLISH)\nROUTE         -\n"
	              "SEND          -\nRECV          -\nBRANCH_FAILED -\nFAILED        -\nREPLY         -\n"
	              "service x version 2 by x\n", "printed");
	free(text);
	chain_free(&c);
}

int
main(void)
{
	test_order();
	test_refusals();
	test_print();
	return done();
}
