/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the entries of the configuration to the plugins of the chain, in order. */
#include "host/choose.h"
#include "host/hint.h"

#include <stdlib.h>
#include <string.h>

static const char *const default_chain[] = {
	"users", "store-lmdb", "auth-digest", "registrar", "location", "calls", "guard", NULL
};

const char *const *
choose_words(void)
{
	static const char *const words[] = { "name", "plugin", "enabled", "before", "after", NULL };

	return words;
}

static int
wrong(struct complaints *list, const struct conf_node *n, const char *what, const char *name)
{
	complain(list, conf_file(n), conf_line(n), "%s \"%s\"", what, name);
	return -1;
}

static struct choice *
find(struct choices *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->at[i].name, name))
			return &c->at[i];
	return NULL;
}

static struct choice *
add(struct choices *c, const char *name, bool base)
{
	if (c->count == PLUGS_MAX)
		return NULL;
	c->at[c->count] = (struct choice){ .name = name, .plugin = name, .base = base };
	return &c->at[c->count++];
}

/* A text of an entry; NULL: it is not there, or is wrong. */
static const char *
word(const struct conf_node *entry, const char *name, struct complaints *list, int *rc)
{
	const struct conf_node *n = conf_member(entry, name);

	if (!n)
		return NULL;
	if (conf_kind(n) == CONF_STRING && conf_text(n).length == strlen(conf_text(n).at) && conf_text(n).length)
		return conf_text(n).at;
	*rc = wrong(list, n, "must be a text in quotes:", name);
	return NULL;
}

static int
set_once(const char **value, const struct conf_node *entry, const char *name, struct complaints *list)
{
	int rc = 0;
	const char *text = word(entry, name, list, &rc);

	if (!text)
		return rc;
	if (*value && strcmp(*value, text))
		return wrong(list, conf_member(entry, name), "said twice, and not the same:", name);
	*value = text;
	return 0;
}

static int
set_off(struct choice *one, const struct conf_node *entry, struct complaints *list)
{
	const struct conf_node *n = conf_member(entry, "enabled");

	if (!n)
		return 0;
	if (conf_kind(n) != CONF_BOOL)
		return wrong(list, n, "must be true or false:", "enabled");
	one->off = !conf_bool(n);
	return 0;
}

static int
set_place(struct choice *one, const struct conf_node *entry, struct complaints *list)
{
	int rc = set_once(&one->before, entry, "before", list) | set_once(&one->after, entry, "after", list);

	if (conf_member(entry, "before"))
		one->place = conf_member(entry, "before");
	if (conf_member(entry, "after"))
		one->place = conf_member(entry, "after");
	if (one->before && one->after) {
		rc = wrong(list, one->place, "before and after do not go together: plugin", one->name);
		one->before = one->after = NULL;
	}
	return rc;
}

static int
set_plugin(struct choice *one, const struct conf_node *entry, struct complaints *list)
{
	const char *plugin = one->plugin == one->name ? NULL : one->plugin;
	int rc = set_once(&plugin, entry, "plugin", list);

	if (plugin)
		one->plugin = plugin;
	return rc;
}

/* Joined over files, so that conf.d can add to an entry; twice in one file is a slip. */
static int
add_entry(struct choice *one, const struct conf_node *entry, struct complaints *list)
{
	const struct conf_node **more;

	for (size_t i = 0; i < one->entry_count; i++)
		if (!strcmp(conf_file(one->entries[i]), conf_file(entry))) {
			complain(list, conf_file(entry), conf_line(entry),
			         "plugin \"%s\" is already there, on line %u; to use it twice give this one another name "
			         "and plugin = \"%s\"", one->name, conf_line(one->entries[i]), one->plugin);
			return -1;
		}
	more = realloc(one->entries, (one->entry_count + 1) * sizeof *more);
	if (!more)
		return wrong(list, entry, "no memory: plugin", one->name);
	one->entries = more;
	one->entries[one->entry_count++] = entry;
	return 0;
}

static int
read_entry(struct choices *c, const struct conf_node *entry, bool base, struct complaints *list)
{
	int rc = 0;
	struct choice *one;
	const char *name;

	if (conf_kind(entry) != CONF_GROUP) {
		complain(list, conf_file(entry), conf_line(entry), "a plugin is a group: { name = \"...\"; }");
		return -1;
	}
	name = word(entry, "name", list, &rc);
	if (!name) {
		if (!rc)
			complain(list, conf_file(entry), conf_line(entry), "a plugin without \"name\"");
		return -1;
	}
	if (!form_is_name(name))
		return wrong(list, entry, "a name is made of a-z, 0-9, - and _:", name);
	one = find(c, name);
	if (!one)
		one = add(c, name, base);
	if (!one)
		return wrong(list, entry, "too many plugins:", name);
	if (add_entry(one, entry, list))
		return -1;
	return set_plugin(one, entry, list) | set_off(one, entry, list) | set_place(one, entry, list);
}

static int
read_list(struct choices *c, const struct conf_node *all, bool base, struct complaints *list)
{
	int rc = 0;

	if (!all)
		return 0;
	if (conf_kind(all) != CONF_LIST)
		return wrong(list, all, "must be a list, ( ... ):", conf_name(all));
	for (const struct conf_node *n = conf_first(all); n; n = conf_next(n))
		rc |= read_entry(c, n, base, list);
	return rc;
}

static int
check_places(struct choices *c, struct complaints *list)
{
	int rc = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct choice *one = &c->at[i];
		const char *other = one->before ? one->before : one->after;
		char room[HINT_TEXT];
		struct hint h;

		if (!other || (find(c, other) && find(c, other) != one))
			continue;
		hint_begin(&h, other);
		for (size_t k = 0; k < c->count; k++)
			if (k != i)
				hint_try(&h, c->at[k].name);
		complain(list, conf_file(one->place), conf_line(one->place), "no other plugin has the name \"%s\"%s", other,
		         hint_text(&h, room));
		one->before = one->after = NULL;
		rc = -1;
	}
	return rc;
}

int
choose(struct choices *c, const struct conf_node *root, struct complaints *list)
{
	const struct conf_node *only = conf_member(root, "plugins_only");
	int rc;

	*c = (struct choices){ .count = 0 };
	for (size_t i = 0; !only && default_chain[i]; i++)
		add(c, default_chain[i], true);
	rc = read_list(c, only, true, list) | read_list(c, conf_member(root, "plugins"), false, list);
	return rc | check_places(c, list);
}

void
choose_free(struct choices *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i].entries);
	c->count = 0;
}

/* -- order */

static void
put_in(size_t *order, size_t count, size_t at, size_t index)
{
	memmove(order + at + 1, order + at, (count - at) * sizeof *order);
	order[at] = index;
}

static bool
placed(const struct choice *one)
{
	return one->before || one->after;
}

/* The first phase that it has a hook in; those with none give services and stand first. */
static unsigned
first_phase(const struct choice *one)
{
	return one->phases ? (unsigned)__builtin_ctz(one->phases) : 0;
}

static size_t
place_by_phase(const struct choices *c, const size_t *order, size_t count, const struct choice *one)
{
	for (size_t i = 0; i < count; i++)
		if (c->at[order[i]].base && c->at[order[i]].phases & one->phases)
			return i;
	for (size_t i = 0; i < count; i++)
		if (c->at[order[i]].base && first_phase(&c->at[order[i]]) > first_phase(one))
			return i;
	return count;
}

/* Those that stand where they stand by themselves: the base, and new ones by phase. */
static size_t
line_up(const struct choices *c, size_t *order)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		if (c->at[i].base && !placed(&c->at[i]))
			order[count++] = i;
	for (size_t i = 0; i < c->count; i++)
		if (!c->at[i].base && !placed(&c->at[i])) {
			put_in(order, count, place_by_phase(c, order, count, &c->at[i]), i);
			count++;
		}
	return count;
}

/* One of them between those that want to stand before it and those that want to stand behind, and so on for these. */
static size_t
emit(const struct choices *c, size_t index, size_t *order, size_t count)
{
	const char *name = c->at[index].name;

	for (size_t i = 0; i < c->count; i++)
		if (c->at[i].before && !strcmp(c->at[i].before, name))
			count = emit(c, i, order, count);
	order[count++] = index;
	for (size_t i = 0; i < c->count; i++)
		if (c->at[i].after && !strcmp(c->at[i].after, name))
			count = emit(c, i, order, count);
	return count;
}

int
choose_order(const struct choices *c, size_t order[PLUGS_MAX], struct complaints *list)
{
	size_t roots[PLUGS_MAX], root_count = line_up(c, roots), count = 0;
	bool there[PLUGS_MAX] = { false };

	for (size_t i = 0; i < root_count; i++)
		count = emit(c, roots[i], order, count);
	for (size_t i = 0; i < count; i++)
		there[order[i]] = true;
	for (size_t i = 0; i < c->count; i++)
		if (!there[i])
			return wrong(list, c->at[i].place, "before and after go in a circle: plugin", c->at[i].name);
	return 0;
}
