/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From files to an edition: the same way at the start and at every reload. */
#include "main/reading.h"
#include "host/uses.h"
#include "main/certificates.h"
#include "main/listen.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK_WIPED 65536

/* Keys that a reload puts in force; all others are for the start alone. */
static const char *const changeable[] = {
	"domains", "plugin_path", "record_route", "strangers", "log_level", "hosts", "tls", "tls_trust",
	NULL
};

void
reading_folders(const struct conf *conf, const char *folders[READING_FOLDERS_MAX + 2])
{
	const struct conf_node *list = conf ? conf_member(conf_root(conf), "plugin_path") : NULL;
	size_t n = 0;

	for (const struct conf_node *at = conf_first(list); at && n < READING_FOLDERS_MAX; at = conf_next(at))
		if (conf_kind(at) == CONF_STRING)
			folders[n++] = conf_text(at).at;
	folders[n++] = COVEN_PLUGINDIR;
	folders[n] = NULL;
}

/* The server's own keys are wrong; what is wrong with the plugins is said, too. */
static void
complain_more(const struct reading *r, const struct keyed *key, struct complaints *list)
{
	struct uses uses = { .root = conf_root(r->conf), .file = r->file, .folders = r->folders, .user = geteuid(),
	                     .workers = 1, .key = key };
	struct chain chain = { .count = 0 };

	uses_load(&chain, &uses, list);
	uses_free(&chain);
}

static void
note_written(struct reading *r, const struct keyed *key)
{
	const struct coven_option *rows = settings_rows().at;

	for (size_t i = 0; rows[i].name && i < OPTION_ROWS_MAX; i++)
		r->written[i] = conf_hash(conf_member(conf_root(r->conf), rows[i].name), key);
}

struct reading *
reading_new(const struct configuration *c, const struct keyed *key, struct complaints *list)
{
	struct reading *r = calloc(1, sizeof *r);

	if (!r) {
		complain(list, NULL, 0, "no memory");
		return NULL;
	}
	r->file = c->file;
	r->conf = configuration_load(c, list);
	reading_folders(r->conf, r->folders);
	if (r->conf)
		r->set = settings_read(r->conf, c->file, list);
	if (!r->set) {
		if (r->conf)
			complain_more(r, key, list);
		reading_free(r);
		return NULL;
	}
	r->settings = option_values(r->set);
	note_written(r, key);
	return r;
}

/* What was called before this has left parts of passwords here, in registers that were saved. */
static __attribute__((noinline)) void
wipe_stack(void)
{
	char room[STACK_WIPED];

	explicit_bzero(room, sizeof room);
}

void
reading_forget(struct reading *r)
{
	wipe_stack();
	if (r->conf)
		conf_free(r->conf);
	r->conf = NULL;
}

void
reading_free(struct reading *r)
{
	if (!r)
		return;
	reading_forget(r);
	self_free(r->self);
	tls_set_drop(r->tls);
	free(r->names);
	option_free(r->set);
	free(r);
}

static void
dispose(void *arg)
{
	reading_free(arg);
}

static int
copy_names(struct reading *r)
{
	const struct settings_host *rows = r->settings->hosts.at;

	r->names = calloc(r->settings->hosts.count + 1, sizeof *r->names);
	if (!r->names)
		return -1;
	for (size_t i = 0; i < r->settings->hosts.count; i++)
		r->names[i] = (struct host_name){ rows[i].name, rows[i].address };
	return 0;
}

struct edition *
reading_edition(struct reading *r, struct host_shared *all, uid_t user, struct complaints *list)
{
	struct uses uses = {
		.root = conf_root(r->conf), .file = r->file, .folders = r->folders, .user = user,
		.workers = all->workers, .key = &all->shared_hash,
		.old = list_empty(&all->editions) ? NULL : &host_newest(all)->chain,
	};
	struct chain chain = { .count = 0 };
	struct edition *e = NULL;

	r->self = all->net ? listen_self(r->settings, r->set, all->net, list) : NULL;
	r->tls = certificates_read(r->settings, r->set, all->net, user, list);
	if (uses_load(&chain, &uses, list) == 0 && r->self && r->tls && copy_names(r) == 0)
		e = edition_new(all, &chain);
	if (!e) {
		uses_free(&chain);
		reading_free(r);
		return NULL;
	}
	e->self = r->self;
	e->strangers = r->settings->strangers;
	e->record_route = (enum tx_record)r->settings->record_route; /* the words stand in that order */
	e->names = r->names;
	e->name_count = r->settings->hosts.count;
	e->dispose = dispose;
	e->arg = r;
	return e;
}

const struct reading *
reading_of(const struct edition *e)
{
	return e->arg;
}

static bool
may_change(const char *key)
{
	for (size_t i = 0; changeable[i]; i++)
		if (!strcmp(changeable[i], key))
			return true;
	return false;
}

void
reading_compare(const struct reading *r, const struct reading *old, struct complaints *list)
{
	const struct coven_option *rows = settings_rows().at;

	for (size_t i = 0; rows[i].name && i < OPTION_ROWS_MAX; i++) {
		struct option_place place = option_where(r->set, NULL, rows[i].name);

		if (r->written[i] != old->written[i] && !may_change(rows[i].name))
			complain(list, place.file ? place.file : r->file, place.line,
			         "%s: a running server cannot change this; restart it", rows[i].name);
	}
}
