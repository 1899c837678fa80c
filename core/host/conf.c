/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration tree: made from what libconfig has parsed, merged over files, and
 * asked. */
#include "host/conf.h"
#include "base/arena.h"
#include "base/text.h"
#include "host/conf_tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct conf *
conf_new(void)
{
	struct conf *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->pool = arena_pool_new(0);
	c->memory = c->pool ? arena_new(c->pool) : NULL;
	c->root = c->memory ? arena_zero(c->memory, sizeof *c->root) : NULL;
	if (!c->root) {
		conf_free(c);
		return NULL;
	}
	c->root->kind = CONF_GROUP;
	return c;
}

static void
wipe(struct conf_node *n)
{
	if (n->kind == CONF_STRING && n->text.length)
		explicit_bzero((char *)(uintptr_t)n->text.at, n->text.length);
	if (n->kind == CONF_LIST || n->kind == CONF_GROUP)
		for (n = n->first; n; n = n->next)
			wipe(n);
}

void
conf_free(struct conf *c)
{
	if (!c)
		return;
	if (c->root)
		wipe(c->root);
	arena_free(c->memory);
	arena_pool_free(c->pool);
	free(c);
}

void
conf_append(struct conf_node *parent, struct conf_node *child)
{
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static struct conf_node *
find(const struct conf_node *group, const char *name)
{
	struct conf_node *n;

	for (n = group->first; n; n = n->next)
		if (n->name && !strcmp(n->name, name))
			return n;
	return NULL;
}

/* `now` takes the place of what stood there: kept where it is, so that order does not
 * change. */
static void
replace(struct conf_node *old, const struct conf_node *now)
{
	struct conf_node *next = old->next;

	*old = *now;
	old->next = next;
}

static bool
joined(const struct conf_node *n)
{
	return !strcmp(n->name, "plugins") || !strcmp(n->name, "plugins_only");
}

static void
merge_member(struct conf_node *old, struct conf_node *now, bool at_root,
	     struct complaints *list)
{
	if (old->kind == CONF_GROUP && now->kind == CONF_GROUP) {
		conf_merge(old, now, false, list);
	} else if (old->kind != CONF_LIST || now->kind != CONF_LIST) {
		complain(list, now->file, now->line, "set twice \"%s\": also at %s:%u",
			 now->name, old->file, old->line);
	} else if (at_root && joined(now)) {
		struct conf_node *n, *next;

		for (n = now->first; n; n = next) {
			next = n->next;
			conf_append(old, n);
		}
	} else {
		replace(old, now);
	}
}

void
conf_merge(struct conf_node *into, struct conf_node *from, bool at_root,
	   struct complaints *list)
{
	struct conf_node *n, *next, *old;

	for (n = from->first; n; n = next) {
		next = n->next;
		old = find(into, n->name);
		if (old)
			merge_member(old, n, at_root, list);
		else
			conf_append(into, n);
	}
}

const struct conf_node *
conf_root(const struct conf *c)
{
	return c->root;
}

enum conf_kind
conf_kind(const struct conf_node *n)
{
	return n->kind;
}

const char *
conf_name(const struct conf_node *n)
{
	return n->name;
}

const char *
conf_file(const struct conf_node *n)
{
	return n->file;
}

unsigned
conf_line(const struct conf_node *n)
{
	return n->line;
}

const struct conf_node *
conf_first(const struct conf_node *n)
{
	return n && (n->kind == CONF_LIST || n->kind == CONF_GROUP) ? n->first : NULL;
}

const struct conf_node *
conf_next(const struct conf_node *n)
{
	return n->next;
}

const struct conf_node *
conf_member(const struct conf_node *group, const char *name)
{
	return group && group->kind == CONF_GROUP ? find(group, name) : NULL;
}

size_t
conf_count(const struct conf_node *n)
{
	return n && (n->kind == CONF_LIST || n->kind == CONF_GROUP) ? n->count : 0;
}

bool
conf_bool(const struct conf_node *n)
{
	assert(n->kind == CONF_BOOL);
	return n->number != 0;
}

int64_t
conf_int(const struct conf_node *n)
{
	assert(n->kind == CONF_INT);
	return n->number;
}

double
conf_float(const struct conf_node *n)
{
	assert(n->kind == CONF_FLOAT);
	return n->real;
}

struct coven_slice
conf_text(const struct conf_node *n)
{
	assert(n->kind == CONF_STRING);
	return n->text;
}

static struct coven_slice
value_bytes(const struct conf_node *n)
{
	switch (n->kind) {
	case CONF_STRING:
		return n->text;
	case CONF_FLOAT:
		return (struct coven_slice){ (const char *)&n->real, sizeof n->real };
	case CONF_BOOL:
	case CONF_INT:
		return (struct coven_slice){ (const char *)&n->number, sizeof n->number };
	case CONF_LIST:
	case CONF_GROUP:
		break;
	}
	return (struct coven_slice){ NULL, 0 };
}

uint64_t
conf_hash(const struct conf_node *n, const struct keyed *key)
{
	struct { uint64_t kind, members; } whole = { 0, 0 };
	struct coven_slice parts[3];

	if (!n)
		return 0;
	whole.kind = n->kind;
	for (const struct conf_node *at = conf_first(n); at; at = conf_next(at)) {
		uint64_t both[2] = { whole.members, conf_hash(at, key) };

		whole.members = keyed_hash(key, both, sizeof both);
	}
	parts[0] = (struct coven_slice){ (const char *)&whole, sizeof whole };
	parts[1] = (struct coven_slice){ n->name ? n->name : "", n->name ? strlen(n->name) : 0 };
	parts[2] = value_bytes(n);
	return keyed_hash_parts(key, parts, 3) | 1;
}
