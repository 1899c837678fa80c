/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form of a plugin's table: sizes, names, numbers, and that nothing is missing which will be called. */
#include "host/form.h"
#include "host/choose.h"

#include <string.h>

bool
form_is_name(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	return length && length <= FORM_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

/* While the major number is 0 every minor one is a world of its own, so that sizes are equal or wrong. */
static bool
sizes_fit(const struct coven_head *head)
{
	const struct coven_head ours = COVEN_HEAD_;

	return !memcmp(head, &ours, sizeof ours);
}

/* Rows until `done` says it is the one behind the last.  A table without an end would be walked for ever. */
static int
check_rows(const struct plug *p, const char *what, const void *rows, size_t stride,
           const char *(*wrong)(const void *row, bool *end), struct complaints *list)
{
	const char *row = rows;
	int rc = 0;

	for (size_t i = 0; row; row += stride, i++) {
		bool end = false;
		const char *text;

		if (i > FORM_ROWS_MAX)
			return plug_refuse(p, list, "%s: more than %d %ss, or no row of zeros behind them",
			                   p->file, FORM_ROWS_MAX, what);
		text = wrong(row, &end);
		if (end)
			break;
		if (text)
			rc = plug_refuse(p, list, "%s: %s %zu %s", p->file, what, i + 1, text);
	}
	return rc;
}

static const char *
hook_wrong(const void *row, bool *end)
{
	const struct coven_hook *hook = row;

	*end = !hook->phase && !hook->call;
	if (hook->phase < COVEN_SCREEN || hook->phase > COVEN_REPLY)
		return "has an unknown phase";
	return hook->call ? NULL : "calls nothing";
}

static const char *
listen_wrong(const void *row, bool *end)
{
	const struct coven_listen *listen = row;

	*end = !listen->kind && !listen->call;
	switch (listen->kind) {
	case COVEN_BINDINGS:
	case COVEN_FLOW_CLOSED:
	case COVEN_CALL_BEGUN:
	case COVEN_CALL_ENDED:
	case COVEN_AUTH_REFUSED:
	case COVEN_MALFORMED:
	case COVEN_NAMED:
		return listen->call ? NULL : "calls nothing";
	}
	return "is for an unknown kind of event";
}

static const char *
command_wrong(const void *row, bool *end)
{
	const struct coven_command *command = row;

	*end = !command->name && !command->call;
	if (!form_is_name(command->name))
		return "has no good name";
	return command->call ? NULL : "calls nothing";
}

static const char *
service_wrong(const void *row, bool *end)
{
	const struct coven_service *service = row;
	uint32_t size;

	*end = !service->name && !service->ops;
	if (!form_is_name(service->name))
		return "has no good name";
	if (!service->ops)
		return "has no functions";
	memcpy(&size, service->ops, sizeof size);
	return size < sizeof size ? "has a table without its size" : NULL;
}

static const char *
need_wrong(const void *row, bool *end)
{
	const struct coven_need *need = row;

	*end = !need->name;
	return *end || form_is_name(need->name) ? NULL : "has no good name";
}

/* Words of an entry that say which plugin and where, and are therefore nobody's option. */
static int
check_reserved(const struct plug *p, struct complaints *list)
{
	int rc = 0;
	const struct coven_option *row = p->table->options;

	for (size_t i = 0; row && row[i].name && i < FORM_ROWS_MAX; i++)
		for (const char *const *word = choose_words(); *word; word++)
			if (!strcmp(row[i].name, *word))
				rc = plug_refuse(p, list, "%s: option \"%s\" has a name that every entry uses",
				                 p->file, *word);
	return rc;
}

static int
check_options(const struct plug *p, struct complaints *list)
{
	struct option_rows rows = { p->table->options, p->table->head.option };

	if (!rows.at)
		return 0;
	if (option_check(rows, p->table->options_size, p->table->name, list))
		return -1;
	return check_reserved(p, list);
}

int
form_check(const struct plug *p, struct complaints *list)
{
	const struct coven_plugin *t = p->table;
	int rc = 0;

	if (!sizes_fit(&t->head))
		return plug_refuse(p, list, "%s: its table has sizes that this covend does not know", p->file);
	if (!form_is_name(t->name))
		return plug_refuse(p, list, "%s: has no good name", p->file);
	rc |= check_rows(p, "hook", t->hooks, t->head.hook, hook_wrong, list);
	rc |= check_rows(p, "listener", t->listens, t->head.listen, listen_wrong, list);
	rc |= check_rows(p, "command", t->commands, t->head.command, command_wrong, list);
	rc |= check_rows(p, "service", t->gives, t->head.service, service_wrong, list);
	rc |= check_rows(p, "need", t->needs, t->head.need, need_wrong, list);
	rc |= check_rows(p, "wish", t->wants, t->head.need, need_wrong, list);
	return rc | check_options(p, list);
}
