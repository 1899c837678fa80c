/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text looked at, parsed, and read by rows of every type. */
#include "base/text.h"
#include "host/lint.h"
#include "host/option.h"

#include <stdlib.h>

struct inner {
	struct coven_slice name, secret;
	struct coven_rows list;
};

struct outer {
	bool truth;
	int64_t number, size, time, choice;
	struct coven_slice text;
	struct coven_address address;
	struct coven_rows list, table;
	struct inner group;
};

static const char *const choices[] = {"on", "off", NULL};
static const struct coven_option columns[] = {
	COVEN_OPTION("name", COVEN_STRING, struct inner, name, NULL, ""),
	COVEN_OPTION("secret", COVEN_SECRET, struct inner, secret, "", ""),
	COVEN_OPTION("list", COVEN_LIST, struct inner, list, "()", ""),
	COVEN_OPTIONS_END};
static const struct coven_option rows[] = {
	COVEN_OPTION("truth", COVEN_BOOL, struct outer, truth, "true", ""),
	COVEN_RANGE("number", COVEN_INT, struct outer, number, "1", -5, 100, ""),
	COVEN_OPTION("size", COVEN_SIZE, struct outer, size, "1k", ""),
	COVEN_RANGE("time", COVEN_TIME, struct outer, time, "1s", 10, 10000, ""),
	COVEN_CHOICE("choice", struct outer, choice, "off", choices, ""),
	COVEN_OPTION("text", COVEN_STRING, struct outer, text, "", ""),
	COVEN_OPTION("address", COVEN_ADDRESS, struct outer, address, "", ""),
	COVEN_OPTION("list", COVEN_LIST, struct outer, list, "( \"a\" )", ""),
	COVEN_ROWS("table", struct outer, table, struct inner, columns, ""),
	COVEN_ROW_("group", COVEN_GROUP, struct outer, group, "{}", "", 0, 0, NULL,
		   columns, 0),
	COVEN_OPTIONS_END};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the text of a string at a syntax error. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
count(void *arg, const char *text)
{
	++*(size_t *)arg;
}

static void
check_values(const struct outer *o)
{
	const struct inner *inner = o->table.at;

	check(o->number >= -5 && o->number <= 100 && o->time >= 10 && o->time <= 10000);
	check(o->choice == 0 || o->choice == 1);
	check(o->text.at[o->text.length] == '\0');
	for (size_t i = 0; i < o->table.count; i++)
		check(inner[i].name.at && inner[i].name.at[inner[i].name.length] == '\0');
}

static void
read_options(struct conf *c, struct complaints *list)
{
	const struct conf_node *groups[2] = {conf_root(c),
					     conf_member(conf_root(c), "group")};
	bool two = groups[1] && conf_kind(groups[1]) == CONF_GROUP;
	struct option_source from = {groups, two ? 2 : 1, NULL, "fuzz", "fuzz"};
	size_t before = complaints_count(list), said = 0;
	struct option_set *set = option_read((struct option_rows){rows, 0},
					     sizeof(struct outer), &from, list);

	check((set == NULL) == (complaints_count(list) > before));
	if (set) {
		check_values(option_values(set));
		check(option_where(set, NULL, "text").file ||
		      !conf_member(groups[0], "text"));
		option_wipe_secrets(set);
	}
	option_free(set);
	complaints_each(list, count, &said);
	check(!said == !complaints_count(list));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints *list = complaints_new();
	struct conf *c =
		conf_parse("fuzz", (struct coven_slice){(const char *)data, size}, list);

	check(c || complaints_count(list));
	if (c)
		read_options(c, list);
	conf_free(c);
	complaints_free(list);
	return 0;
}
