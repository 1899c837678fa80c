/* SPDX-License-Identifier: GPL-3.0-or-later */
/* daemon: from the configuration to a running server, step by step; every step that fails says why in a line. */
#include "main/daemon.h"
#include "base/text.h"
#include "main/become.h"
#include "main/claim.h"
#include "main/configuration.h"
#include "main/control.h"
#include "main/drain.h"
#include "main/listen.h"
#include "main/memory.h"
#include "main/notify.h"
#include "main/reading.h"
#include "main/reload.h"
#include "main/sandbox.h"
#include "main/signals.h"
#include "main/starter.h"
#include "main/successor.h"
#include "main/upgrade.h"
#include "main/watchdog.h"
#include "main/worker.h"
#include "sip/value.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct daemon {
	const struct daemon_wish *wish;
	struct places places;
	struct configuration configuration;
	struct complaints *complaints;
	struct reading *reading; /* what the server started with; the edition's as soon as there is one */
	const struct settings *settings;
	struct edition *edition;
	char data[PLACES_PATH];
	char control_path[PLACES_PATH];
	struct become become;
	struct claim claim;
	struct inherit inherit;
	struct starter starter;
	struct successor successor;
	struct notify notify;
	struct watchdog *watchdog;
	struct net_shared *net;
	struct host_shared all;
	struct worker_set workers;
	struct control *control;
	struct reload *reload;
	struct signals *signals;
	_Atomic unsigned started, failed;
};

/* -- the configuration ------------------------------------------------------------------------------- */

static void
find_user(struct daemon *d)
{
	struct option_place place = option_where(d->reading->set, NULL, "user");

	if (become_find(&d->become, d->settings->user.at) != 0)
		complain(d->complaints, place.file, place.line, "user: there is no user \"%s\"", d->settings->user.at);
}

/* Everything that can be known without opening anything. */
static int
read_configuration(struct daemon *d)
{
	d->configuration = configuration_choose(d->wish->file, &d->places);
	d->reading = reading_new(&d->configuration, &d->all.shared_hash, d->complaints);
	if (!d->reading)
		return -1;
	d->settings = d->reading->settings;
	snprintf(d->data, sizeof d->data, "%s", d->settings->data.length ? d->settings->data.at : d->places.data);
	if (d->settings->control.length)
		snprintf(d->control_path, sizeof d->control_path, "%s", d->settings->control.at);
	else
		places_control(&d->places, d->data, d->control_path);
	find_user(d);
	d->all.workers = (unsigned)d->settings->workers;
	d->all.net = d->net = listen_open(d->settings, d->reading->set, d->complaints);
	if (d->net)
		successor_follow(&d->successor, d->net, d->all.workers);
	d->edition = reading_edition(d->reading, &d->all, d->become.uid, d->complaints);
	if (!d->edition || complaints_count(d->complaints) > 0)
		return -1;
	net_shared_set_tls(d->net, d->reading->tls);
	return 0;
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
share(struct daemon *d)
{
	d->all.data_dir = d->data;
	d->all.complaints = d->complaints;
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
	if (d->workers.past)
		past_begin(d->workers.past);
	claim_sign(&d->claim);
	control_own(d->control);
	log_line(LOG_LEVEL_INFO, "covend", "configuration %s, data %s, control socket %s", d->configuration.file,
	         d->data, d->control_path);
	log_line(LOG_LEVEL_INFO, "covend", "ready: version %s, %u worker%s, %zu listener%s", COVEN_VERSION,
	         d->workers.count, d->workers.count == 1 ? "" : "s", net_shared_count(d->net),
	         net_shared_count(d->net) == 1 ? "" : "s");
	if (d->wish->ready_fd >= 0 && !d->workers.past && write(d->wish->ready_fd, "ready\n", 6) != 6)
		log_line(LOG_LEVEL_WARN, "covend", "cannot write to the descriptor of --ready-fd");
	notify_say(&d->notify, "READY=1\nSTATUS=%u worker%s, %zu listener%s", d->workers.count,
	           d->workers.count == 1 ? "" : "s", net_shared_count(d->net),
	           net_shared_count(d->net) == 1 ? "" : "s");
}

/* Requests are what grows; the rest is for all other tables. */
static void
limit_workers(struct daemon *d)
{
	int64_t memory = d->settings->memory_max ? d->settings->memory_max : memory_there() / 2;

	d->workers.transactions_max = (size_t)d->settings->transactions_max;
	d->workers.memory_max = (size_t)memory / d->all.workers;
}

static int
open_workers(struct daemon *d)
{
	const struct net_listener *where;
	const char *why;

	d->workers.all = &d->all;
	d->workers.test_clock = d->wish->test_clock;
	d->workers.record_route = (enum tx_record)d->settings->record_route; /* the words stand in that order */
	limit_workers(d);
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

/* From here on for good: neither root nor anything that only root may do. */
static int
give_up_rights(struct daemon *d)
{
	if (d->settings->sandbox)
		sandbox_bound();
	if (become_now(&d->become) != 0)
		return say("cannot become", d->become.name, strerror(errno));
	if (d->settings->sandbox)
		sandbox_close();
	else
		sandbox_hide();
	return 0;
}

static int
open_watchdog(struct daemon *d)
{
	int64_t us = notify_watchdog();

	if (us && d->notify.fd >= 0)
		d->watchdog = watchdog_open(&d->notify, &d->workers, us);
	return us && d->notify.fd >= 0 && !d->watchdog ? say("cannot start", "the watchdog", strerror(errno)) : 0;
}

static int
wait_for_place(struct daemon *d)
{
	const struct worker *first = &d->workers.at[0];

	if (successor_wait(&d->successor, d->net, &d->workers.past) != 0)
		return -1;
	return d->workers.past ? past_watch(d->workers.past, first->loop, first->net) : 0;
}

/* What root alone may do comes first; then it becomes `user`, whose the data are. */
static int
open_all(struct daemon *d)
{
	int control;

	share(d);
	sandbox_hide();
	if (claim_open(&d->claim, &d->become, &d->places, d->data, d->control_path, &d->inherit) != 0)
		return -1;
	control = inherit_take(&d->inherit, INHERIT_CONTROL);
	if (inherit_sockets(&d->inherit, d->net) != 0 || open_workers(d) != 0)
		return -1;
	if (net_shared_settle(d->net) != 0)
		return say("cannot take over", "its sockets", "there are fewer `workers` than before; restart instead");
	d->workers.reload = d->reload = reload_open(&(struct reload_setup){
		.all = &d->all, .configuration = &d->configuration, .notify = &d->notify, .user = d->become.uid });
	d->control = control_open(d->control_path, &d->workers, d->become.uid, control);
	if (!d->reload || !d->control || open_watchdog(d) != 0)
		return -1;
	if (give_up_rights(d) != 0 || wait_for_place(d) != 0 || host_open(&d->all) != 0)
		return -1;
	d->all.complaints = NULL;
	reading_forget(d->reading);
	return 0;
}

static int
run(struct daemon *d)
{
	bool failed;

	d->workers.drain = drain_new(&d->notify, &d->workers);
	d->workers.upgrade = upgrade_new(&(struct upgrade_setup){
		.workers = &d->workers, .net = d->net, .starter = &d->starter, .claim = &d->claim,
		.notify = &d->notify, .control = d->control });
	if (d->workers.drain && d->workers.upgrade)
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
close_all(struct daemon *d)
{
	if (d->workers.count)
		worker_set_join(&d->workers);
	if (d->signals)
		signals_close(d->signals);
	watchdog_close(d->watchdog);
	drain_close(d->workers.drain);
	upgrade_close(d->workers.upgrade);
	past_close(d->workers.past);
	if (d->control)
		control_close(d->control);
	if (d->workers.at)
		worker_set_close(&d->workers);
	drain_free(d->workers.drain);
	upgrade_free(d->workers.upgrade);
	past_free(d->workers.past);
	reload_close(d->reload);
	host_close(&d->all);
	if (d->net)
		net_shared_free(d->net);
	complaints_free(d->complaints);
	claim_close(&d->claim);
	inherit_close(&d->inherit);
	successor_close(&d->successor);
	starter_close(&d->starter);
	notify_close(&d->notify);
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
	d->all.only_checking = true;
	if (host_open(&d->all) != 0)
		return complained(d);
	chain_print(&d->edition->chain, stdout);
	return DAEMON_GOOD;
}

/* What the environment gives, and who will start a successor: while we are who we were. */
static int
begin(struct daemon *d)
{
	inherit_open(&d->inherit);
	if (successor_open(&d->successor, &d->inherit) != 0)
		return -1;
	if (successor_is(&d->successor))
		d->all.shared_hash = d->successor.hello.shared_hash;
	if (starter_open(&d->starter, d->wish->argv) != 0)
		return say("cannot start", "the process that starts a successor", strerror(errno));
	notify_open(&d->notify);
	return 0;
}

int
daemon_run(const struct daemon_wish *wish)
{
	struct daemon d = {
		.wish = wish, .complaints = complaints_new(), .claim = CLAIM_NONE, .notify = NOTIFY_NONE,
		.starter = STARTER_NONE, .successor = SUCCESSOR_NONE,
	};
	int code;

	signals_block();
	places_find(&d.places);
	host_shared_open(&d.all);
	keyed_random(&d.all.shared_hash);
	if (!wish->check_only && begin(&d) != 0)
		return DAEMON_BROKEN;
	if (!d.complaints || value_open() != 0)
		return DAEMON_BROKEN;
	if (read_configuration(&d) != 0)
		code = complained(&d);
	else if (wish->check_only)
		code = check(&d);
	else {
		log_set_level((enum log_level)(d.settings->log_level + 1));
		code = open_all(&d) == 0 ? run(&d) : complained(&d);
	}
	close_all(&d);
	return code;
}
