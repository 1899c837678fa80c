/* SPDX-License-Identifier: GPL-3.0-or-later */
/* daemon: from the configuration to a running server, step by step; every step that fails says why in a line. */
#include "main/daemon.h"
#include "base/text.h"
#include "host/uses.h"
#include "main/become.h"
#include "main/control.h"
#include "main/listen.h"
#include "main/signals.h"
#include "main/worker.h"
#include "sip/value.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDERS_MAX 64
#define DATA_DEFAULT COVEN_LOCALSTATEDIR "/lib/coven"

struct daemon {
	const struct daemon_wish *wish;
	struct complaints *complaints;
	struct conf *conf;
	struct option_set *set;
	const struct settings *settings;
	const char *folders[FOLDERS_MAX + 2];
	const char *data;
	char control_path[4096];
	struct become become;
	struct net_shared *net;
	struct self *self;
	struct host_shared all;
	struct worker_set workers;
	struct control *control;
	struct signals *signals;
	_Atomic unsigned started, failed;
};

/* -- the configuration ------------------------------------------------------------------------------- */

static void
list_folders(struct daemon *d)
{
	const struct coven_slice *paths = d->settings->plugin_path.at;
	size_t n = 0;

	for (size_t i = 0; i < d->settings->plugin_path.count && n < FOLDERS_MAX; i++)
		d->folders[n++] = paths[i].at;
	d->folders[n++] = COVEN_PLUGINDIR;
	d->folders[n] = NULL;
}

static void
find_user(struct daemon *d)
{
	struct option_place place = option_where(d->set, NULL, "user");

	if (become_find(&d->become, d->settings->user.at) != 0)
		complain(d->complaints, place.file, place.line, "user: there is no user \"%s\"", d->settings->user.at);
}

/* Everything that can be known without opening anything. */
static int
read_configuration(struct daemon *d)
{
	d->conf = conf_load(d->wish->file, d->complaints);
	if (!d->conf)
		return -1;
	d->set = settings_read(d->conf, d->wish->file, d->complaints);
	if (!d->set)
		return -1;
	d->settings = option_values(d->set);
	d->data = d->settings->data.length ? d->settings->data.at : DATA_DEFAULT;
	if (d->settings->control.length)
		snprintf(d->control_path, sizeof d->control_path, "%s", d->settings->control.at);
	else
		snprintf(d->control_path, sizeof d->control_path, "%s/control", d->data);
	list_folders(d);
	find_user(d);
	d->net = listen_open(d->settings, d->set, d->complaints);
	if (d->net)
		d->self = listen_self(d->settings, d->set, d->net, d->complaints);
	if (uses_load(&d->all.chain, conf_root(d->conf), d->wish->file, d->folders, d->become.uid, d->complaints) != 0 ||
	    complaints_count(d->complaints) > 0)
		return -1;
	return d->net && d->self ? 0 : -1;
}

/* -- opening ------------------------------------------------------------------------------------------- */

static int
say(const char *what, const char *object, const char *why)
{
	fprintf(stderr, "covend: %s %s: %s\n", what, object, why);
	return -1;
}

static int
say_listener(const struct net_listener *l, int error)
{
	char room[ADDRESS_TEXT], text[ADDRESS_TEXT + 8];
	struct coven_slice address = address_print(&l->address, room);

	snprintf(text, sizeof text, "%s:%.*s", l->transport->parameter, TEXT_ARG(address));
	if (error == EADDRINUSE)
		return say("cannot listen on", text, "another program has this port; stop it or choose another in `listen`");
	if (error == EACCES)
		return say("cannot listen on", text, "ports below 1024 are root's; choose another in `listen`");
	return say("cannot listen on", text, strerror(error));
}

static void
copy_names(struct daemon *d)
{
	const struct settings_host *rows = d->settings->hosts.at;
	struct host_name *names = calloc(d->settings->hosts.count + 1, sizeof *names);

	if (!names)
		return;
	for (size_t i = 0; i < d->settings->hosts.count; i++)
		names[i] = (struct host_name){ rows[i].name, rows[i].address };
	d->all.names = names;
	d->all.name_count = d->settings->hosts.count;
}

static void
share(struct daemon *d)
{
	d->all.self = d->self;
	d->all.net = d->net;
	d->all.workers = (unsigned)d->settings->workers;
	d->all.strangers = d->settings->strangers;
	d->all.data_dir = d->data;
	d->all.complaints = d->complaints;
	keyed_random(&d->all.shared_hash);
	copy_names(d);
}

static void
worker_started(void *arg, bool ok)
{
	struct daemon *d = arg;

	if (!ok)
		atomic_fetch_add(&d->failed, 1);
	if (atomic_fetch_add(&d->started, 1) + 1 < d->workers.count)
		return;
	if (atomic_load(&d->failed)) {
		worker_set_stop(&d->workers);
		return;
	}
	log_line(LOG_LEVEL_INFO, "covend", "ready: version %s, %u worker%s, %zu listener%s", COVEN_VERSION,
	         d->workers.count, d->workers.count == 1 ? "" : "s", net_shared_count(d->net),
	         net_shared_count(d->net) == 1 ? "" : "s");
	if (d->wish->ready_fd >= 0 && write(d->wish->ready_fd, "ready\n", 6) != 6)
		log_line(LOG_LEVEL_WARN, "covend", "cannot write to the descriptor of --ready-fd");
}

static int
open_workers(struct daemon *d)
{
	const struct net_listener *where;
	const char *why;

	d->workers.all = &d->all;
	d->workers.test_clock = d->wish->test_clock;
	d->workers.record_route = (enum tx_record)d->settings->record_route; /* the words stand in that order */
	d->workers.started = worker_started;
	d->workers.arg = d;
	if (token_keys_load(&d->workers.keys, d->data, &why) != 0) {
		fprintf(stderr, "covend: %s/route.key: %s (%s)\n", d->data, why, strerror(errno));
		return -1;
	}
	become_give(&d->become, d->data, "route.key");
	if (worker_set_open(&d->workers, d->all.workers, d->net, &where) == 0)
		return 0;
	return where ? say_listener(where, errno) : say("cannot start", "a worker", strerror(errno));
}

/* What root alone may do comes first; then it becomes `user`, whose the data are. */
static int
open_all(struct daemon *d)
{
	share(d);
	if (become_folder(&d->become, d->data) != 0)
		return say("cannot use the data folder", d->data, strerror(errno));
	if (open_workers(d) != 0)
		return -1;
	d->control = control_open(d->control_path, &d->workers, d->become.uid);
	if (!d->control)
		return -1;
	if (become_now(&d->become) != 0)
		return say("cannot become", d->become.name, strerror(errno));
	if (host_open(&d->all) != 0)
		return -1;
	d->all.complaints = NULL;
	conf_free(d->conf); /* wipes the passwords that stood in the files */
	d->conf = NULL;
	return 0;
}

static int
run(struct daemon *d)
{
	bool failed;

	d->signals = signals_open(&d->workers);
	if (!d->signals || worker_set_start(&d->workers) != 0) {
		say("cannot start", "its threads", strerror(errno));
		worker_set_stop(&d->workers);
		return DAEMON_BROKEN;
	}
	worker_run(&d->workers.at[0]);
	failed = atomic_load(&d->failed) > 0;
	log_line(LOG_LEVEL_INFO, "covend", "stopped");
	return failed ? DAEMON_BROKEN : DAEMON_GOOD;
}

static void
close_all(struct daemon *d, bool opened)
{
	if (d->workers.count)
		worker_set_join(&d->workers);
	if (d->signals)
		signals_close(d->signals);
	if (d->control)
		control_close(d->control);
	if (d->workers.at)
		worker_set_close(&d->workers);
	if (opened)
		host_close(&d->all);
	uses_free(&d->all.chain);
	self_free(d->self);
	if (d->net)
		net_shared_free(d->net);
	free((void *)d->all.names);
	option_free(d->set);
	if (d->conf)
		conf_free(d->conf);
	complaints_free(d->complaints);
	explicit_bzero(&d->workers.keys, sizeof d->workers.keys);
}

static int
complained(struct daemon *d)
{
	if (complaints_count(d->complaints) == 0)
		return DAEMON_BROKEN;
	complaints_print(d->complaints, stderr);
	return DAEMON_CONFIGURATION;
}

/* -t: the plugins are opened, too, for they know what their options mean; nothing else is. */
static int
check(struct daemon *d)
{
	share(d);
	if (host_open(&d->all) != 0)
		return complained(d);
	host_close(&d->all);
	chain_print(&d->all.chain, stdout);
	return DAEMON_GOOD;
}

int
daemon_run(const struct daemon_wish *wish)
{
	struct daemon d = { .wish = wish, .complaints = complaints_new() };
	bool opened = false;
	int code;

	signals_block();
	if (!d.complaints || value_open() != 0)
		return DAEMON_BROKEN;
	if (read_configuration(&d) != 0)
		code = complained(&d);
	else if (wish->check_only)
		code = check(&d);
	else {
		log_set_level((enum log_level)(d.settings->log_level + 1));
		opened = open_all(&d) == 0;
		code = opened ? run(&d) : complained(&d);
	}
	close_all(&d, opened);
	return code;
}
