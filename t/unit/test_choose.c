/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which plugins a configuration asks for, in which order, and what is said about mistakes. */
#include "host/choose.h"
#include "base/text.h"
#include "../tap.h"

#include <stdlib.h>

struct said {
	char text[4000];
};

static void
take_line(void *arg, const char *text)
{
	struct said *s = arg;

	strcat(strcat(s->text, text), "\n");
}

/* As if loaded: what the phases of the known names are; a new one is called like its phase. */
static unsigned
phases_of(const char *name)
{
	static const struct { const char *name; unsigned phases; } known[] = {
		{ "auth-digest", 1u << COVEN_AUTH }, { "registrar", 1u << COVEN_SERVE },
		{ "location", 1u << COVEN_ROUTE }, { "route", 1u << COVEN_ROUTE }, { "auth", 1u << COVEN_AUTH },
		{ "screen", 1u << COVEN_SCREEN }, { "send", 1u << COVEN_SEND },
		{ "calls", 1u << COVEN_RECV }, { "guard", 1u << COVEN_REPLY }, { "both", 1u << COVEN_SERVE | 1u << COVEN_ROUTE },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strncmp(name, known[i].name, strlen(known[i].name)))
			return known[i].phases;
	return 0;
}

/* "users store-lmdb ...", those that are off in brackets, "name=plugin" where they differ. */
static const char *
chosen(const char *text, struct said *said)
{
	static char room[2000];
	struct complaints *list = complaints_new();
	struct conf *conf = conf_parse("f", text_of(text), list);
	size_t order[PLUGS_MAX];
	struct choices c;
	struct text_builder b;

	text_begin(&b, room, sizeof room);
	said->text[0] = '\0';
	if (conf) {
		choose(&c, conf_root(conf), list);
		for (size_t i = 0; i < c.count; i++)
			c.at[i].phases = phases_of(c.at[i].name);
		for (size_t i = 0; choose_order(&c, order, list) == 0 && i < c.count; i++) {
			const struct choice *one = &c.at[order[i]];

			text_print(&b, "%s%s%s%s%s%s", i ? " " : "", one->off ? "(" : "", one->name,
			           strcmp(one->name, one->plugin) ? "=" : "",
			           strcmp(one->name, one->plugin) ? one->plugin : "", one->off ? ")" : "");
		}
		choose_free(&c);
	}
	complaints_each(list, take_line, said);
	complaints_free(list);
	conf_free(conf);
	return room;
}

static void
is_chosen(const char *text, const char *want)
{
	struct said said;

	is_text(chosen(text, &said), want, "%s", text);
	is_text(said.text, "", "no complaint");
}

static void
is_said(const char *text, const char *want)
{
	struct said said;

	chosen(text, &said);
	is_text(said.text, want, "%s", text);
}

#define DEFAULT "users store-lmdb auth-digest registrar location calls guard"

static void
test_order(void)
{
	is_chosen("", DEFAULT);
	is_chosen("plugins = ();", DEFAULT);
	is_chosen("plugins = [];", DEFAULT);
	is_chosen("plugins = ( { name = \"users\"; x = 1; } );", DEFAULT);
	is_chosen("plugins = ( { name = \"registrar\"; enabled = false; }, { name = \"users\"; enabled = true; } );",
	          "users store-lmdb auth-digest (registrar) location calls guard");
	is_chosen("plugins = ( { name = \"store-lmdb\"; plugin = \"/x/y.so\"; } );",
	          "users store-lmdb=/x/y.so auth-digest registrar location calls guard");
	is_chosen("plugins = ( { name = \"route2\"; }, { name = \"auth1\"; }, { name = \"route1\"; } );",
	          "users store-lmdb auth1 auth-digest registrar route2 route1 location calls guard");
	is_chosen("plugins = ( { name = \"screen\"; }, { name = \"send\"; }, { name = \"both\"; } );",
	          "users store-lmdb screen auth-digest both registrar location send calls guard");
	is_chosen("plugins = ( { name = \"gives\"; } );", "users store-lmdb gives auth-digest registrar location calls guard");
	is_chosen("plugins = ( { name = \"route1\"; after = \"location\"; }, { name = \"route2\"; after = \"location\"; } );",
	          "users store-lmdb auth-digest registrar location route1 route2 calls guard");
	is_chosen("plugins = ( { name = \"a\"; before = \"location\"; }, { name = \"b\"; before = \"location\"; } );",
	          "users store-lmdb auth-digest registrar a b location calls guard");
	is_chosen("plugins = ( { name = \"a\"; before = \"b\"; }, { name = \"b\"; after = \"location\"; } );",
	          "users store-lmdb auth-digest registrar location a b calls guard");
	is_chosen("plugins = ( { name = \"location\"; before = \"users\"; } );",
	          "location users store-lmdb auth-digest registrar calls guard");
	is_chosen("plugins_only = ( { name = \"location\"; }, { name = \"route1\"; }, { name = \"users\"; } );",
	          "location route1 users");
	is_chosen("plugins_only = ();", "");
	is_chosen("plugins_only = ( { name = \"location\"; } ); plugins = ( { name = \"route1\"; } );", "route1 location");
}

static void
test_mistakes(void)
{
	is_said("plugins = 1;", "f:1: must be a list, ( ... ): \"plugins\"\n");
	is_said("plugins = ( 1,\n{ x = 1; },\n{ name = 3; },\n{ name = \"../x\"; } );",
	        "f:1: a plugin is a group: { name = \"...\"; }\n"
	        "f:2: a plugin without \"name\"\n"
	        "f:3: must be a text in quotes: \"name\"\n"
	        "f:4: a name is made of a-z, 0-9, - and _: \"../x\"\n");
	is_said("plugins = ( { name = \"a\"; enabled = \"no\"; },\n{ name = \"b\"; before = \"usres\"; },\n"
	        "{ name = \"c\"; before = \"c\"; },\n{ name = \"d\"; before = \"a\"; after = \"b\"; } );",
	        "f:1: must be true or false: \"enabled\"\n"
	        "f:2: no other plugin has the name \"usres\"; did you mean \"users\"?\n"
	        "f:3: no other plugin has the name \"c\"\n"
	        "f:4: before and after do not go together: plugin \"d\"\n");
	is_said("plugins = ( { name = \"users\"; },\n{ name = \"users\"; } );",
	        "f:2: plugin \"users\" is already there, on line 1; to use it twice give this one another name and "
	        "plugin = \"users\"\n");
	is_said("plugins = ( { name = \"a\"; before = \"b\"; },\n{ name = \"b\"; before = \"a\"; } );",
	        "f:1: before and after go in a circle: plugin \"a\"\n");
}

int
main(void)
{
	test_order();
	test_mistakes();
	return done();
}
