/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options read by rows: values, defaults, every kind of mistake, places, samples. */
#include "../tap.h"
#include "base/text.h"
#include "host/option.h"
#include "host/sample.h"

#include <stdlib.h>
#include <time.h>

struct account {
	struct coven_slice name, password;
	struct coven_rows aliases;
	int64_t digest;
};

struct limits {
	int64_t most, bytes;
};

struct settings {
	bool strangers;
	int64_t workers, size, ring;
	struct coven_slice realm, note;
	struct coven_address bind;
	struct coven_rows accounts, algorithms;
	struct limits limits;
};

static const char *const digests[] = {"any", "md5", "sha-256", NULL};
static const struct coven_option columns[] = {
	COVEN_RANGE("name", COVEN_STRING, struct account, name, NULL, 1, 30, "user part"),
	COVEN_OPTION("password", COVEN_SECRET, struct account, password, "", "in clear"),
	COVEN_OPTION("aliases", COVEN_LIST, struct account, aliases, "()", "other names"),
	COVEN_CHOICE("digest", struct account, digest, "sha-256", digests, "algorithm"),
	COVEN_OPTIONS_END};
static const struct coven_option limit_rows[] = {
	COVEN_RANGE("most", COVEN_INT, struct limits, most, "10", 1, 100, "how many"),
	COVEN_OPTION("bytes", COVEN_SIZE, struct limits, bytes, "64k", "how large"),
	COVEN_OPTIONS_END};
static const struct coven_option rows[] = {
	COVEN_OPTION("strangers", COVEN_BOOL, struct settings, strangers, "true",
		     "whether they ring"),
	COVEN_RANGE("workers", COVEN_INT, struct settings, workers, "1", 1, 64,
		    "threads"),
	COVEN_OPTION("size", COVEN_SIZE, struct settings, size, "64k", "of a message"),
	COVEN_RANGE("ring", COVEN_TIME, struct settings, ring, "20s", 1000, 180000,
		    "how long"),
	COVEN_OPTION("realm", COVEN_STRING, struct settings, realm, NULL,
		     "what is asked for"),
	COVEN_OPTION("note", COVEN_STRING, struct settings, note, "a \"note\"", "a text"),
	COVEN_OPTION("bind", COVEN_ADDRESS, struct settings, bind, "127.0.0.1:5060",
		     "where"),
	COVEN_ROWS("accounts", struct settings, accounts, struct account, columns, "who"),
	COVEN_OPTION("algorithms", COVEN_LIST, struct settings, algorithms,
		     "( \"SHA-256\", \"MD5\" )", "how"),
	COVEN_ROW_("limits", COVEN_GROUP, struct settings, limits, "{}", "at most", 0, 0,
		   NULL, limit_rows, 0),
	COVEN_OPTIONS_END};
static const struct option_rows all = {rows, sizeof *rows};

static char said[20000];

static void
say(void *arg, const char *text)
{
	snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

/* Reads the groups a and b (if it is there) of a text; complaints are in `said`. */
static struct option_set *
read_text(const char *text)
{
	static const char *const also[] = {"plugin", NULL};
	struct complaints *list = complaints_new();
	struct conf *c = conf_parse("x.conf", text_of(text), list);
	const struct conf_node *groups[2] = {NULL, NULL};
	struct option_source from = {groups, 0, also, "x.conf", "plugin p"};
	struct option_set *set = NULL;

	said[0] = '\0';
	if (c) {
		groups[0] = conf_member(conf_root(c), "a");
		groups[1] = conf_member(conf_root(c), "b");
		from.count = (groups[0] != NULL) + (groups[1] != NULL);
		set = option_read(all, sizeof(struct settings), &from, list);
	}
	complaints_each(list, say, NULL);
	complaints_free(list);
	conf_free(c);
	return set;
}

static void
test_defaults(void)
{
	struct option_set *set = read_text("a = { realm = \"r\"; plugin = 5; };");
	const struct settings *s = set ? option_values(set) : NULL;
	const struct coven_slice *texts;

	if (!ok(set != NULL, "defaults are enough")) {
		printf("# %s\n", said);
		return;
	}
	ok(s->strangers && s->workers == 1 && s->size == 65536 && s->ring == 20000,
	   "numbers");
	is_text(s->note.at, "a \"note\"", "text");
	ok(s->bind.family == 4 && s->bind.port == 5060, "address");
	is_int(s->accounts.count, 0, "no accounts");
	is_int(s->algorithms.count, 2, "a list");
	texts = s->algorithms.at;
	is_text(texts[1].at, "MD5", "its second");
	ok(s->limits.most == 10 && s->limits.bytes == 65536, "a group");
	ok(!option_where(set, s, "workers").file ||
		   option_where(set, s, "workers").line == 1,
	   "a default has the place of its group");
	option_free(set);
}

static void
test_values(void)
{
	struct option_set *set =
		read_text("a = {\n strangers = false; workers = 4;\n size = 5000; ring = "
			  "1.5;\n realm = \"r\";\n"
			  " bind = \"[2001:db8::1]\"; limits = { most = 5; };\n "
			  "algorithms = [ \"x\" ];\n"
			  " accounts = (\n  { name = \"alice\"; password = \"secret\"; "
			  "aliases = ( \"201\", \"202\" ); },\n"
			  "  { name = \"bob\";\n    digest = \"md5\"; }\n );\n};\n"
			  "b = { size = \"1M\"; accounts = ( { name = \"carol\"; } );\n "
			  "limits = { bytes = 7; };\n"
			  " algorithms = ( \"y\" ); };\n");
	const struct settings *s;
	const struct account *a;
	const struct coven_slice *texts;

	is_text(said, "x.conf:13: set twice \"size\": also at x.conf:3\n",
		"one value in two groups");
	ok(!set, "is refused");
	set = read_text(
		"a = {\n strangers = false; workers = 4;\n size = 5000; ring = 1.5;\n "
		"realm = \"r\";\n"
		" bind = \"[2001:db8::1]\"; limits = { most = 5; };\n algorithms = [ "
		"\"x\" ];\n"
		" accounts = (\n  { name = \"alice\"; password = \"secret\"; aliases = ( "
		"\"201\", \"202\" ); },\n"
		"  { name = \"bob\";\n    digest = \"md5\"; }\n );\n};\n"
		"b = { accounts = ( { name = \"carol\"; } );\n limits = { bytes = 7; };\n"
		" algorithms = ( \"y\" ); };\n");
	if (!ok(set && !*said, "two groups"))
		return;
	s = option_values(set);
	ok(!s->strangers && s->workers == 4 && s->size == 5000 && s->ring == 1500,
	   "numbers");
	ok(s->bind.family == 6 && s->bind.port == 0, "address");
	ok(s->limits.most == 5 && s->limits.bytes == 7, "groups are merged");
	is_int(s->algorithms.count, 2, "lists are joined");
	is_int(s->accounts.count, 3, "tables are joined");
	a = s->accounts.at;
	is_text(a[0].password.at, "secret", "a secret");
	is_int(a[0].digest, 2, "a choice by default");
	is_int(a[1].digest, 1, "a choice");
	is_text(a[2].name.at, "carol", "from the second group");
	texts = a[0].aliases.at;
	ok(a[0].aliases.count == 2 && text_is(texts[1], "202"), "a list in a row");
	is_int(option_where(set, NULL, "ring").line, 3, "place of a value");
	is_int(option_where(set, NULL, NULL).line, 1, "place of the group");
	is_int(option_where(set, &a[1], "digest").line, 10, "place of a column");
	is_int(option_where(set, &a[1], "password").line, 9,
	       "place of a default: the row's");
	is_int(option_where(set, &a[2], NULL).line, 13, "place of a row");
	is_text(option_where(set, &a[2], NULL).file, "x.conf", "its file");
	is_int(option_where(set, &s->limits, "bytes").line, 14, "place in a group");
	ok(!option_where(set, &set, NULL).file, "what is no row is nowhere");
	option_wipe_secrets(set);
	is_bytes(a[0].password.at, a[0].password.length, "\0\0\0\0\0\0", 6,
		 "secrets are wiped");
	option_free(set);
	option_free(NULL);
}

static void
test_mistakes(void)
{
	ok(!read_text("a = {\n strangers = 1;\n workers = 65;\n size = \"64q\";\n ring = "
		      "\"5h\";\n note = 5;\n"
		      " bind = \"nowhere\";\n algoritms = ( \"x\" );\n algorithms = ( 5, "
		      "\"x\" );\n"
		      " limits = 5;\n accounts = (\n { nam = \"x\"; },\n 5,\n { name = "
		      "\"\";\n digest = \"md-5\";\n"
		      " aliases = \"201\"; } );\n};\n"),
	   "one of everything");
	is_text(said,
		"x.conf:1: missing setting \"realm\" in plugin p\n"
		"x.conf:2: wrong value \"strangers\": must be true or false\n"
		"x.conf:3: out of range \"workers\": 65 is not from 1 to 64\n"
		"x.conf:4: wrong value \"size\": must be a size such as 4096 or \"64k\"\n"
		"x.conf:5: out of range \"ring\": 5h is not from 1s to 3m\n"
		"x.conf:6: wrong value \"note\": must be a text in quotes\n"
		"x.conf:7: wrong value \"bind\": must be an address such as "
		"\"192.0.2.1\" or "
		"\"[2001:db8::1]:5060\"\n"
		"x.conf:8: unknown setting \"algoritms\" in plugin p; did you mean "
		"\"algorithms\"?\n"
		"x.conf:9: wrong value in \"algorithms\": each must be a text in quotes\n"
		"x.conf:10: wrong value \"limits\": must be a group { ... }\n"
		"x.conf:12: missing setting \"name\" in \"accounts\"\n"
		"x.conf:12: unknown setting \"nam\" in \"accounts\"; did you mean "
		"\"name\"?\n"
		"x.conf:13: wrong value in \"accounts\": each must be a group { ... }\n"
		"x.conf:14: wrong length \"name\": must have 1 to 30 letters\n"
		"x.conf:15: wrong value \"digest\": must be one of \"any\", \"md5\", "
		"\"sha-256\"; did you "
		"mean \"md5\"?\n"
		"x.conf:16: wrong value \"aliases\": must be a list of texts such as ( "
		"\"a\", \"b\" )\n",
		"all at once");
	ok(!read_text("c = 1;"), "nothing given");
	is_text(said, "x.conf: missing setting \"realm\" in plugin p\n",
		"without a group the file is named");
	ok(!read_text("a = { realm = \"r\"; workers = 4294967297; };"),
	   "an integer of 33 bits");
	is_text(said,
		"x.conf:1: out of range \"workers\": 4294967297 is not from 1 to 64\n",
		"is not cut");
}

static const char *
checked(const struct coven_option *bad, size_t size)
{
	struct complaints *list = complaints_new();

	said[0] = '\0';
	option_check((struct option_rows){bad, 0}, size, "p", list);
	complaints_each(list, say, NULL);
	complaints_free(list);
	return said;
}

static void
test_check(void)
{
	struct coven_option bad[3] = {{0}};
	struct {
		struct coven_option row;
		long more;
	} wide[2] = {{{0}, 0}};
	struct option_rows wider = {&wide[0].row, sizeof wide[0]};
	struct complaints *list = complaints_new();

	is_text(checked(rows, sizeof(struct settings)), "", "good rows");
	is_text(checked(NULL, 0), "", "no rows");
	ok(strstr(checked(rows, sizeof(struct settings) - 8), "lies outside its struct"),
	   "outside");
	bad[0] = rows[0];
	bad[1] = rows[0];
	is_text(checked(bad, 100), "plugin p: option \"strangers\" is there twice\n",
		"twice");
	bad[0].type = 99;
	bad[1].name = NULL;
	is_text(checked(bad, 100),
		"plugin p: option \"strangers\" has a type that is not known: 99\n",
		"type");
	bad[0] = rows[1];
	bad[0].field_size = 4;
	is_text(checked(bad, 100),
		"plugin p: option \"workers\" has a field of 4 bytes, not 8 as a number "
		"needs\n",
		"size");
	bad[0] = rows[1];
	bad[0].value = "many";
	is_text(checked(bad, 100),
		"plugin p: option \"workers\" has a default that is no number: many\n",
		"default");
	bad[0].value = "65";
	is_text(checked(bad, 100),
		"plugin p: option \"workers\" has a default out of its range: 65\n",
		"default out of range");
	bad[0] = rows[8];
	bad[0].value = "( 5 )";
	ok(strstr(checked(bad, 200), "has a default that is no list"), "default list");
	bad[0] = rows[1];
	bad[0].name = "my option";
	ok(strstr(checked(bad, 100), "has a name that no file can write"), "name");
	wide[0].row = rows[1];
	wide[0].more = -1;
	is_int(option_check(wider, sizeof(struct settings), "p", list), 0,
	       "rows of another size");
	complaints_free(list);
}

static char printed[20000];

static const char *
print(void (*fn)(FILE *out))
{
	FILE *out = fmemopen(printed, sizeof printed, "w");

	fn(out);
	fclose(out);
	return printed;
}

static void
print_table(FILE *out)
{
	option_print(all, out);
}

static void
print_sample(FILE *out)
{
	sample_print(all, "p", "a plugin", out);
}

/* The sample as it stands, and with its comments taken off. */
static void
test_sample(void)
{
	static const char *const also[] = {"name", NULL};
	struct complaints *list = complaints_new();
	const struct conf_node *entry;
	struct option_source from = {&entry, 1, also, "sample", NULL};
	struct option_set *set;
	struct conf *c;

	ok(strstr(print(print_table),
		  "ring                 time, 1s to 3m, default \"20s\"\n"
		  "                     how long\n"),
	   "the table of a time");
	ok(strstr(printed, "  name               text, 1 to 30 letters, required\n"),
	   "of a column");
	ok(strstr(printed, "note                 text, default \"a \\\"note\\\"\"\n"),
	   "of a text");
	ok(strstr(print(print_sample), "\t\trealm = \"...\";\n"),
	   "required ones are no comment");
	ok(strstr(printed, "\t\t# ring = \"20s\";\n"), "others are");
	c = conf_parse("sample", text_of(printed), list);
	entry = c ? conf_first(conf_member(conf_root(c), "plugins")) : NULL;
	set = entry ? option_read(all, sizeof(struct settings), &from, list) : NULL;
	if (!ok(set != NULL, "the sample can be read"))
		complaints_print(list, stdout);
	option_free(set);
	conf_free(c);
	for (char *at = printed; (at = strstr(at, "\t# ")) != NULL; at += 3)
		if (strchr("({};", at[strcspn(at, "\n") - 1]))
			memcpy(at + 1, "  ", 2);
	c = conf_parse("sample", text_of(printed), list);
	entry = c ? conf_first(conf_member(conf_root(c), "plugins")) : NULL;
	set = entry ? option_read(all, sizeof(struct settings), &from, list) : NULL;
	if (!ok(set != NULL, "with every comment taken off, too"))
		complaints_print(list, stdout), printf("%s\n", printed);
	option_free(set);
	conf_free(c);
	complaints_free(list);
}

#define MANY 20000

static void
test_many(void)
{
	char *text = malloc(MANY * 120 + 100), *at = text;
	struct timespec begin, end;
	struct option_set *set;
	const struct settings *s;
	double seconds;

	at += sprintf(at, "a = { realm = \"r\"; accounts = (\n");
	for (int i = 0; i < MANY; i++)
		at += sprintf(at,
			      "{ name = \"user%d\"; password = \"password%d\"; aliases = "
			      "( \"%d\" ); }%s\n",
			      i, i, i, i + 1 < MANY ? "," : "");
	sprintf(at, "); };\n");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	set = read_text(text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) +
		  (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
	s = set ? option_values(set) : NULL;
	ok(s && s->accounts.count == MANY, "%d accounts in %.3f s of processor time",
	   MANY, seconds);
	if (s)
		is_int(option_where(set, (const struct account *)s->accounts.at + 19999,
				    "name")
			       .line,
		       20001, "the line of the last");
	option_free(set);
	free(text);
}

int
main(void)
{
	test_defaults();
	test_values();
	test_mistakes();
	test_check();
	test_sample();
	test_many();
	return done();
}
