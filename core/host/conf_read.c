/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files read by libconfig and turned into our own tree. */
#include "base/arena.h"
#include "base/text.h"
#include "host/conf.h"
#include "host/conf_tree.h"
#include "host/lint.h"

#include <dirent.h>
#include <errno.h>
#include <libconfig.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERTURB 0xa5 /* any byte that is not 0, which would switch it off */

/* One file on its way into the tree. */
struct reading {
	struct conf *conf;
	const char *file; /* in the conf's memory */
	const char *last; /* name of an included file, as libconfig gave it last, and our
			     copy */
	const char *last_copy;
	struct complaints *list;
	bool failed;
};

static void
no_memory(struct reading *r)
{
	if (!r->failed)
		complain(r->list, r->file, 0, "no memory");
	r->failed = true;
}

static const char *
keep(struct reading *r, const char *s)
{
	struct coven_slice copy = arena_dup(r->conf->memory, text_of(s));

	if (!copy.at)
		no_memory(r);
	return copy.at;
}

/* NULL is the file itself: it was read from memory. */
static const char *
file_name(struct reading *r, const char *name)
{
	if (!name)
		return r->file;
	if (name != r->last) {
		r->last = name;
		r->last_copy = keep(r, name);
	}
	return r->last_copy;
}

static bool
set_value(struct reading *r, struct conf_node *n, const config_setting_t *s)
{
	const char *text;

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
		n->kind = CONF_INT;
		n->number = config_setting_get_int(s);
		return true;
	case CONFIG_TYPE_INT64:
		n->kind = CONF_INT;
		n->number = config_setting_get_int64(s);
		return true;
	case CONFIG_TYPE_FLOAT:
		n->kind = CONF_FLOAT;
		n->real = config_setting_get_float(s);
		return true;
	case CONFIG_TYPE_BOOL:
		n->kind = CONF_BOOL;
		n->number = config_setting_get_bool(s);
		return true;
	case CONFIG_TYPE_STRING:
		n->kind = CONF_STRING;
		text = config_setting_get_string(s);
		n->text = arena_dup(r->conf->memory, text_of(text));
		if (!n->text.at)
			no_memory(r);
		if (text) /* it may be a password, and libconfig does not wipe */
			explicit_bzero((char *)(uintptr_t)text, n->text.length);
		return true;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		n->kind = CONF_LIST;
		return true;
	case CONFIG_TYPE_GROUP:
		n->kind = CONF_GROUP;
		return true;
	}
	return false;
}

static void
read_members(struct reading *r, struct conf_node *into, const config_setting_t *from,
	     unsigned depth)
{
	for (int i = 0; i < config_setting_length(from) && !r->failed; i++) {
		const config_setting_t *s = config_setting_get_elem(from, (unsigned)i);
		struct conf_node *n = arena_zero(r->conf->memory, sizeof *n);

		if (!n) {
			no_memory(r);
			return;
		}
		n->file = file_name(r, config_setting_source_file(s));
		n->line = config_setting_source_line(s);
		if (config_setting_name(s))
			n->name = keep(r, config_setting_name(s));
		if (!set_value(r, n, s))
			continue;
		conf_append(into, n);
		if (n->kind != CONF_LIST && n->kind != CONF_GROUP)
			continue;
		if (depth < CONF_DEPTH_MAX)
			read_members(r, n, s, depth + 1);
		else
			complain(r->list, n->file, n->line, "nested deeper than %d",
				 CONF_DEPTH_MAX);
	}
}

static void
parse_failed(struct reading *r, const config_t *config)
{
	const char *file = config_error_file(config), *text = config_error_text(config);

	complain(r->list, file ? file : r->file, (unsigned)config_error_line(config),
		 "%s here, or in the lines above", text ? text : "mistake");
	r->failed = true;
}

/* libconfig does not wipe what it copies, and there may be passwords in it: meanwhile the C library overwrites whatever is
 * freed.  By a FILE, because then the copies are larger than what it keeps at hand without overwriting. */
static int
parse(config_t *config, char *text)
{
	FILE *in = fmemopen(text, strlen(text), "r");
	int good = CONFIG_FALSE;

	if (!in)
		return good;
	mallopt(M_PERTURB, PERTURB);
	good = config_read(config, in);
	fclose(in);
	mallopt(M_PERTURB, 0);
	return good;
}

/* Merges one file into the tree.  -1: it could not be parsed. */
static int
read_text(struct conf *c, const char *name, struct coven_slice text, const char *folder,
	  struct complaints *list)
{
	struct reading r = {.conf = c, .list = list};
	struct conf_node root = {.kind = CONF_GROUP};
	char *linted = lint_text(name, text, folder, list);
	config_t config;

	if (!linted)
		return -1;
	r.file = name;
	r.file = keep(&r, name);
	root.file = r.file;
	config_init(&config);
	if (folder)
		config_set_include_dir(&config, folder);
	if (r.failed)
		;
	else if (parse(&config, linted))
		read_members(&r, &root, config_root_setting(&config), 1);
	else
		parse_failed(&r, &config);
	if (!c->root->file)
		c->root->file = r.file;
	conf_merge(c->root, &root, true, list);
	config_destroy(&config);
	explicit_bzero(linted, strlen(linted));
	free(linted);
	return r.failed ? -1 : 0;
}

static int
read_file(struct conf *c, const char *file, const char *folder, struct complaints *list)
{
	size_t length;
	char *text = lint_read_file(file, &length, list);
	int rc;

	if (!text)
		return -1;
	rc = read_text(c, file, (struct coven_slice){text, length}, folder, list);
	explicit_bzero(text, length);
	free(text);
	return rc;
}

static int
is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       !strcmp(entry->d_name + length - 5, ".conf");
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files beside, in an order that no locale changes. */
static int
read_folder(struct conf *c, const char *folder, struct complaints *list)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_conf, by_bytes), rc = 0;
	char path[8192];

	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0 || count > CONF_FILES_MAX) {
		complain(list, folder, 0, "%s",
			 count < 0 ? strerror(errno) : "too many files");
		rc = -1;
	}
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		if (count <= CONF_FILES_MAX && read_file(c, path, folder, list))
			rc = -1;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return rc;
}

struct conf *
conf_load(const char *file, struct complaints *list)
{
	const char *slash = strrchr(file, '/');
	char folder[4096], beside[4096 + 8];
	struct conf *c = conf_new();
	int rc;

	if (!c) {
		complain(list, file, 0, "no memory");
		return NULL;
	}
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1,
		 slash ? file : ".");
	snprintf(beside, sizeof beside, "%s%sconf.d", slash ? folder : "",
		 slash ? "/" : "");
	rc = read_file(c, file, *folder ? folder : "/", list);
	if (read_folder(c, beside, list) || rc) {
		conf_free(c);
		return NULL;
	}
	return c;
}

struct conf *
conf_parse(const char *name, struct coven_slice text, struct complaints *list)
{
	struct conf *c = conf_new();

	if (!c) {
		complain(list, name, 0, "no memory");
		return NULL;
	}
	if (read_text(c, name, text, NULL, list)) {
		conf_free(c);
		return NULL;
	}
	return c;
}
