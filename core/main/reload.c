/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reloads, step by step: read and open (at once, on worker 0), start (on every worker), take over (on every worker). */
#include "main/reload.h"
#include "base/text.h"
#include "host/out.h"
#include "host/round.h"
#include "host/tenure.h"
#include "main/notify.h"
#include "main/reading.h"
#include <stdatomic.h>
#include <stdlib.h>

struct reload {
	struct reload_setup setup;
	struct complaints *complaints;
	struct edition *edition; /* being started; NULL: no reload is going on */
	struct coven_out *out;
	_Atomic unsigned left;
	_Atomic bool failed;
};

struct reload *
reload_open(const struct reload_setup *setup)
{
	struct reload *r = calloc(1, sizeof *r);

	if (r)
		r->setup = *setup;
	return r;
}

void
reload_close(struct reload *r)
{
	if (!r)
		return;
	complaints_free(r->complaints);
	free(r);
}

/* -- the answer */

static void
tell_one(void *arg, const char *text)
{
	struct reload *r = arg;

	log_line(LOG_LEVEL_ERROR, "reload", "%s", text);
	if (!r->out)
		return;
	coven_row(r->out);
	coven_put_text(r->out, "mistake", text_of(text));
}

static void
finish(struct reload *r, bool good)
{
	struct coven_out *out = r->out;
	size_t mistakes = complaints_count(r->complaints);

	complaints_each(r->complaints, tell_one, r);
	if (good)
		log_line(LOG_LEVEL_INFO, "reload", "the new configuration is in force");
	else
		log_line(LOG_LEVEL_ERROR, "reload", "nothing was changed");
	if (out && !good)
		out_error(out, "nothing was changed: %zu mistake%s", mistakes, mistakes == 1 ? "" : "s");
	complaints_free(r->complaints);
	r->complaints = NULL;
	r->edition = NULL;
	r->out = NULL;
	r->setup.all->complaints = NULL;
	notify_say(r->setup.notify, "READY=1");
	if (out)
		coven_end(out, good ? 0 : 1);
}

/* -- take over */

static void
take_over(struct host *h, void *arg)
{
	(void)arg;
	tenure_take_over(h);
}

static void
taken_over(void *arg, bool whole)
{
	struct reload *r = arg;

	const struct reading *reading = reading_of(host_newest(r->setup.all));

	log_set_level((enum log_level)(reading->settings->log_level + 1));
	net_shared_set_tls(r->setup.all->net, reading->tls);
	finish(r, whole);
}

static void
give_up(struct host *h, void *arg)
{
	(void)arg;
	tenure_give_up(h);
}

static void
given_up(void *arg, bool whole)
{
	(void)whole;
	finish(arg, false);
}

static void
all_started(void *arg)
{
	struct reload *r = arg;
	bool failed = atomic_load(&r->failed);
	int rc;

	if (failed)
		complain(r->complaints, NULL, 0, "a plugin could not start; the lines of the log before this say which");
	rc = failed ? round_run(r->setup.all, give_up, given_up, r) : round_run(r->setup.all, take_over, taken_over, r);
	if (rc != 0)
		log_line(LOG_LEVEL_ERROR, "reload", "no memory: the new configuration waits for the next reload");
}

/* -- start */

struct order {
	struct reload *reload;
	struct host *host;
};

static void
unheard(void *arg)
{
	(void)arg; /* the server ends */
}

static void
started(void *arg, bool ok)
{
	struct reload *r = arg;

	if (!ok)
		atomic_store(&r->failed, true);
	if (atomic_fetch_sub(&r->left, 1) == 1)
		loop_post(r->setup.all->hosts[0]->loop, all_started, unheard, r);
}

static void
start_here(void *arg)
{
	struct order *o = arg;

	tenure_start(o->host, o->reload->edition, started, o->reload);
	free(o);
}

static void
start_everywhere(struct reload *r)
{
	struct host_shared *all = r->setup.all;

	atomic_store(&r->left, all->workers);
	atomic_store(&r->failed, false);
	for (unsigned i = 0; i < all->workers; i++) {
		struct order *o = malloc(sizeof *o);

		if (o)
			*o = (struct order){ r, all->hosts[i] };
		if (o && loop_post(o->host->loop, start_here, free, o) == 0)
			continue;
		free(o);
		started(r, false);
	}
}

/* -- read and open */

static int
prepare(struct reload *r)
{
	struct host_shared *all = r->setup.all;
	struct edition *now = host_newest(all);
	struct reading *reading = reading_new(r->setup.configuration, &all->shared_hash, r->complaints);

	if (!reading)
		return -1;
	reading_compare(reading, reading_of(now), r->complaints);
	r->edition = reading_edition(reading, all, r->setup.user, r->complaints);
	if (!r->edition)
		return -1;
	if (complaints_count(r->complaints) == 0 && edition_open(r->edition) == 0) {
		reading_forget(reading);
		return 0;
	}
	edition_end(r->edition, false);
	r->edition = NULL;
	return -1;
}

static void
refuse(struct coven_out *out, const char *why)
{
	log_line(LOG_LEVEL_WARN, "reload", "%s", why);
	if (!out)
		return;
	out_error(out, "%s", why);
	coven_end(out, 1);
}

void
reload_start(struct reload *r, struct coven_out *out)
{
	if (r->complaints) {
		refuse(out, "a reload is going on already");
		return;
	}
	r->complaints = complaints_new();
	if (!r->complaints) {
		refuse(out, "no memory");
		return;
	}
	r->out = out;
	r->setup.all->complaints = r->complaints;
	notify_reloading(r->setup.notify);
	if (prepare(r) == 0)
		start_everywhere(r);
	else
		finish(r, false);
}
