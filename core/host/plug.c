/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One use of a plugin: loaded, given its options, unloaded. */
#include "host/plug.h"
#include "host/choose.h"
#include "host/form.h"
#include "host/load.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_ROOM 1024

int
plug_refuse(const struct plug *p, struct complaints *list, const char *fmt, ...)
{
	char text[LINE_ROOM];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	complain(list, p->place.file, p->place.line, "plugin \"%s\": %s", p->name, text);
	return -1;
}

static int
take_name(struct plug *p, const char *name)
{
	free((char *)(uintptr_t)p->name);
	p->name = strdup(name);
	return p->name ? 0 : -1;
}

int
plug_load(struct plug *p, const char *plugin, const char *const *folders, uid_t user, const struct chain *old,
          struct complaints *list)
{
	bool named = p->name;

	if ((named || take_name(p, plugin) == 0) && load_find(p, plugin, folders, list) == 0 &&
	    load_open(p, user, old, list) == 0 && form_check(p, list) == 0 &&
	    (named || take_name(p, p->table->name) == 0))
		return 0;
	plug_unload(p);
	return -1;
}

void
plug_unload(struct plug *p)
{
	option_free(p->options);
	load_close(p);
	free(p->mapped);
	free((char *)(uintptr_t)p->file);
	free((char *)(uintptr_t)p->name);
	*p = (struct plug){ .name = NULL };
}

int
plug_options(struct plug *p, const struct conf_node *const *entries, size_t count, const char *file,
             struct complaints *list)
{
	static const struct coven_option nothing[] = { COVEN_OPTIONS_END };
	const struct coven_plugin *t = p->table;
	struct option_rows rows = { t->options ? t->options : nothing, t->options ? t->head.option : 0 };
	char where[FORM_NAME_MAX + 16];
	struct option_source from = {
		.groups = entries, .count = count, .also = choose_words(), .file = file, .where = where,
	};
	struct option_set *set;

	snprintf(where, sizeof where, "plugin %s", p->name);
	set = option_read(rows, t->options ? t->options_size : 0, &from, list);
	if (!set)
		return -1;
	if (t->options)
		p->options = set;
	else
		option_free(set); /* read all the same, so that no word of the entry goes unseen */
	return 0;
}
