/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: `covend --options NAME`. */
#include "host/sample.h"
#include "host/plug.h"
#include "main/daemon.h"
#include "main/reading.h"
#include <string.h>
#include <unistd.h>

static int
show_plugin(const char *name, const char *const *folders)
{
	struct complaints *list = complaints_new();
	struct plug p = { .name = NULL };

	if (!list || plug_load(&p, name, folders, geteuid(), NULL, list) != 0) {
		if (list)
			complaints_print(list, stderr);
		complaints_free(list);
		return DAEMON_CONFIGURATION;
	}
	if (p.table->options)
		option_print((struct option_rows){ p.table->options, p.table->head.option }, stdout);
	else
		printf("%s has no options\n", name);
	plug_unload(&p);
	complaints_free(list);
	return DAEMON_GOOD;
}

int
daemon_print_options(const char *name, const char *file)
{
	const char *folders[READING_FOLDERS_MAX + 2];
	struct complaints *list = complaints_new();
	struct conf *conf = access(file, R_OK) == 0 && list ? conf_load(file, list) : NULL;
	int code = DAEMON_GOOD;

	reading_folders(conf, folders);
	if (strcmp(name, "core") == 0)
		option_print(settings_rows(), stdout);
	else
		code = show_plugin(name, folders);
	if (conf)
		conf_free(conf);
	complaints_free(list);
	return code;
}
