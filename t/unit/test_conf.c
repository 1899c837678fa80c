/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files: read, merged, and every mistake reported with its place. */
#include "../tap.h"
#include "base/text.h"
#include "host/conf.h"
#include "host/hint.h"
#include "host/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char said[20000];

static void
say(void *arg, const char *text)
{
	snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

static const char *
complaints_said(struct complaints *list)
{
	said[0] = '\0';
	complaints_each(list, say, NULL);
	complaints_free(list);
	return said;
}

/* What is said about a text; NULL: it was not parsed. */
static const char *
refused(const char *text)
{
	struct complaints *list = complaints_new();
	struct conf *c = conf_parse("x.conf", text_of(text), list);

	conf_free(c);
	return complaints_said(list);
}

static void
test_values(void)
{
	static const char text[] =
		"\xef\xbb\xbf# comment 4294967296\n"
		"a = 3000000000; b = 0xFFFFFFFF; c = -5; d = 5L; e = 1.5e3;\n"
		"f = true; g = \"a \\\"b\\\" // 99999999999999999999\" \"c\";\n"
		"/* 99999999999999999999 */ h-1* = [ 1, 3000000000 ];\n"
		"i = ( \"x\", { j = .5; }, ( ) ); k : { l = -9223372036854775808; }";
	struct complaints *list = complaints_new();
	struct conf *c = conf_parse("x.conf", text_of(text), list);
	const struct conf_node *root = c ? conf_root(c) : NULL, *n;

	if (!ok(c && !complaints_count(list), "parsed")) {
		printf("# %s\n", complaints_said(list));
		return;
	}
	is_int(conf_int(conf_member(root, "a")), 3000000000,
	       "an integer of more than 32 bits");
	is_int(conf_int(conf_member(root, "b")), 0xffffffff, "in hexadecimal");
	is_int(conf_int(conf_member(root, "c")), -5, "a negative one");
	is_int(conf_int(conf_member(root, "d")), 5, "one with its L");
	ok(conf_float(conf_member(root, "e")) > 1499 &&
		   conf_float(conf_member(root, "e")) < 1501,
	   "a float");
	ok(conf_bool(conf_member(root, "f")), "true");
	n = conf_member(root, "g");
	is_text(conf_text(n).at, "a \"b\" // 99999999999999999999c", "a string");
	is_int(conf_line(n), 3, "its line");
	is_text(conf_file(n), "x.conf", "its file");
	n = conf_member(root, "h-1*");
	is_int(conf_count(n), 2, "an array");
	is_int(conf_int(conf_next(conf_first(n))), 3000000000, "its second");
	n = conf_member(root, "i");
	is_int(conf_kind(n), CONF_LIST, "a list");
	is_int(conf_kind(conf_next(conf_first(n))), CONF_GROUP, "a group in it");
	is_int(conf_count(conf_next(conf_next(conf_first(n)))), 0, "an empty list in it");
	n = conf_member(conf_member(root, "k"), "l");
	is_int(conf_int(n), INT64_MIN, "the least integer");
	ok(!conf_member(root, "none") && !conf_first(n) && !conf_member(NULL, "x"),
	   "what is not there");
	conf_free(c);
	complaints_free(list);
}

static void
test_mistakes(void)
{
	is_text(refused("a = 1;\nb = 9223372036854775808;\nc = -99999999999999999999;\n"),
		"x.conf:2: number too large \"9223372036854775808\"\n"
		"x.conf:3: number too large \"-99999999999999999999\"\n",
		"64 bits are not enough");
	is_text(refused("a = 0x10000000000000000;"),
		"x.conf:1: number too large \"0x10000000000000000\"\n", "in hexadecimal");
	is_text(refused("a = 5m;\nb = 127.0.0.1;\nc = 127.0.0.1:5060;"),
		"x.conf:1: must stand in quotes \"5m\"\n"
		"x.conf:2: must stand in quotes \"127.0.0.1\"\n"
		"x.conf:3: must stand in quotes \"127.0.0.1:5060\"\n",
		"values without quotes");
	is_text(refused("a = 1;\nb = \"x\nc = 1;\n"),
		"x.conf:2: the string that begins here has no end\n",
		"a string without an end");
	is_text(refused("a = 1;\n/* b = 1;\n"),
		"x.conf:2: the comment that begins here has no end\n",
		"a comment without an end");
	is_text(refused("a = \"x\\x00y\";\n"),
		"x.conf:1: \"\\x00\" in a string would be its end\n", "a NUL");
	is_text(refused("a = 1;\nb 2;\n"),
		"x.conf:2: syntax error here, or in the lines above\n", "a syntax error");
	is_text(refused("a = 1;\na = 2;\n"),
		"x.conf:2: duplicate setting name here, or in the lines above\n",
		"a name twice");
	is_text(refused("a = 1;\n@include \"/etc/passwd\"\n"),
		"x.conf:2: no file can be included here\n", "include from memory");
	ok(strstr(refused("a = "
			  "((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))"
			  ")))))));"),
		  "nested deeper than 32"),
	   "too deep");
	is_text(refused(""), "", "an empty file is no mistake");
	is_text(complaints_said(complaints_new()), "", "nothing to complain of");
}

static char folder[] = "/tmp/test_conf.XXXXXX";

static void
put_file(const char *name, const char *text)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static struct conf *
load(struct complaints *list)
{
	char path[200];

	snprintf(path, sizeof path, "%s/main.conf", folder);
	return conf_load(path, list);
}

/* The complaints without the name of the folder. */
static const char *
said_of_folder(struct complaints *list)
{
	size_t length = strlen(folder) + 1;
	char *at = said;

	complaints_said(list);
	while ((at = strstr(at, folder)) != NULL)
		memmove(at, at + length, strlen(at + length) + 1);
	return said;
}

static void
test_merge(void)
{
	struct complaints *list = complaints_new();
	const struct conf_node *n;
	struct conf *c;

	put_file("main.conf", "domains = ( \"a\" );\nlog = { level = \"info\"; "
			      "};\n@include \"more.inc\"\n"
			      "plugins = ( { name = \"a\"; } );\n");
	put_file("more.inc", "workers = 2;\n");
	put_file("conf.d/20.conf",
		 "plugins = ( { name = \"c\"; } );\ndomains = [ \"b\", \"c\" ];\n");
	put_file("conf.d/10.conf",
		 "plugins = ( { name = \"b\"; } );\nlog = { privacy = true; };\n");
	put_file("conf.d/.hidden.conf", "?");
	put_file("conf.d/README", "?");
	c = load(list);
	if (!ok(c && !complaints_count(list), "files are merged")) {
		printf("# %s\n", complaints_said(list));
		return;
	}
	n = conf_member(conf_root(c), "plugins");
	is_int(conf_count(n), 3, "plugins are joined");
	n = conf_next(conf_first(n));
	is_text(conf_text(conf_member(n, "name")).at, "b", "in the order of file names");
	ok(strstr(conf_file(n), "conf.d/10.conf"), "each with its file");
	is_int(conf_count(conf_member(conf_root(c), "domains")), 2,
	       "of other lists the later one counts");
	is_int(conf_count(conf_member(conf_root(c), "log")), 2, "groups are merged");
	is_int(conf_int(conf_member(conf_root(c), "workers")), 2, "a file is included");
	conf_free(c);
	put_file("conf.d/30.conf",
		 "\nworkers = 3;\nlog = { level = \"debug\"; };\nplugins = 5;\n");
	put_file("more.inc", "workers = 2;\nbig = 3000000000;\n");
	conf_free(load(list));
	is_text(said_of_folder(list),
		"conf.d/30.conf:4: set twice \"plugins\": also at conf.d/10.conf:1\n"
		"more.inc:2: in an included file such a number needs an L behind it "
		"\"3000000000\"\n",
		"an included file is looked at, too");
	put_file("more.inc", "workers = 2;\n");
	list = complaints_new();
	conf_free(load(list));
	is_text(said_of_folder(list),
		"conf.d/30.conf:2: set twice \"workers\": also at more.inc:1\n"
		"conf.d/30.conf:3: set twice \"level\": also at main.conf:2\n"
		"conf.d/30.conf:4: set twice \"plugins\": also at main.conf:4\n",
		"a value in two files is a mistake");
	list = complaints_new();
	put_file("conf.d/10.conf", "a = ;");
	put_file("conf.d/30.conf", "");
	put_file("main.conf", "\nb = ;");
	ok(load(list) == NULL, "NULL if a file cannot be parsed");
	is_text(said_of_folder(list),
		"conf.d/10.conf:1: syntax error here, or in the lines above\n"
		"main.conf:2: syntax error here, or in the lines above\n",
		"mistakes of all files at once");
}

static void
test_no_file(void)
{
	struct complaints *list = complaints_new();

	ok(conf_load("/nowhere/x.conf", list) == NULL, "a file that is not there");
	ok(conf_load("/", list) == NULL, "a folder");
	is_text(complaints_said(list),
		"/: is not a file\n/nowhere/x.conf: No such file or directory\n",
		"each has its line");
}

static void
test_units(void)
{
	static const char *const bad[] = {
		"",           "s",     "-1s",   "1 x",
		"1.0005s",    "0.5ms", "1e3",   "99999999999d",
		"1.1234567s", "1..5s", "5 m 3", "9223372036854775807",
		"+1"};
	static const struct {
		const char *text;
		int64_t ms;
		const char *printed;
	} good[] = {{"30", 30000, "30s"},    {"1.5s", 1500, "1500ms"},
		    {"500ms", 500, "500ms"}, {"5m", 300000, "5m"},
		    {"2h", 7200000, "2h"},   {"1d", 86400000, "1d"},
		    {"0", 0, "0"},           {" 1.5 H ", 5400000, "90m"},
		    {"0.001", 1, "1ms"}};
	char room[UNIT_TEXT];
	int64_t n;

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(unit_time(text_of(bad[i]), &n), -1, "\"%s\" is no time", bad[i]);
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
		ok(unit_time(text_of(good[i].text), &n) == 0 && n == good[i].ms, "\"%s\"",
		   good[i].text);
		is_text(unit_print_time(n, room), good[i].printed, "printed");
	}
	ok(unit_size(TEXT("64k"), &n) == 0 && n == 65536, "64k");
	is_text(unit_print_size(n, room), "64k", "printed");
	ok(unit_size(TEXT("1.5M"), &n) == 0 && n == 1572864, "1.5M");
	ok(unit_size(TEXT("1000"), &n) == 0 && n == 1000, "1000");
	is_int(unit_size(TEXT("9999999999G"), &n), -1, "too much");
	is_int(unit_size(TEXT("1s"), &n), -1, "seconds are no bytes");
}

static void
test_hints(void)
{
	char room[HINT_TEXT];
	struct hint h;

	hint_begin(&h, "acounts");
	hint_try(&h, "name");
	hint_try(&h, "accounts");
	hint_try(&h, "count");
	is_text(hint_text(&h, room), "; did you mean \"accounts\"?",
		"a letter is missing");
	hint_begin(&h, "Ring-Time");
	hint_try(&h, "ring_time");
	is_text(hint_text(&h, room), "; did you mean \"ring_time\"?",
		"case and - are forgiven");
	hint_begin(&h, "aslias");
	hint_try(&h, "domain");
	is_text(hint_text(&h, room), "", "nothing is near");
	hint_begin(&h, "x");
	hint_try(&h, "y");
	is_text(hint_text(&h, room), "", "a single letter is no hint");
}

int
main(void)
{
	char path[200];

	test_values();
	test_mistakes();
	test_units();
	test_hints();
	test_no_file();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/conf.d", folder);
	if (mkdir(path, 0700) < 0)
		return 1;
	test_merge();
	snprintf(path, sizeof path, "rm -rf %s", folder);
	ok(system(path) == 0, "tidied up");
	return done();
}
