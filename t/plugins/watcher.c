/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watcher -- subscribes elsewhere and logs what it is told: the other side of notifier, for
 * tests of dialogs as UAC. */
#include <coven/dialog.h>

#include <stdlib.h>

#define EXPIRES_MS 600000
#define ANSWER_MS 32000

struct options {
	struct coven_slice uri, from;
};

static const struct coven_option options[] = {
	COVEN_OPTION("uri", COVEN_STRING, struct options, uri, NULL, "whom to watch"),
	COVEN_OPTION("from", COVEN_STRING, struct options, from, "",
		     "as whom; empty: as the domain"),
	COVEN_OPTIONS_END
};

/* Of worker 0. */
struct watch {
	struct coven_dialog *dialog; /* NULL: none */
	coven_timer timer;
	bool leaving;
};

static void refresh(struct coven_instance *in, void *arg);

static void
forget(struct coven_instance *in, struct watch *w, const char *why)
{
	coven_log(in, COVEN_INFO, "ended: %s", why);
	coven_cancel(in, w->timer);
	coven_dialog_free(w->dialog);
	w->dialog = NULL;
}

static void
answered(struct coven_instance *in, void *arg, int status,
	 const struct coven_message *response)
{
	struct watch *w = arg;

	if (!w->dialog) /* ended by a NOTIFY meanwhile */
		return;
	if (!coven_dialog_answered(w->dialog, status, response)) {
		forget(in, w, "refused");
		return;
	}
	coven_log(in, COVEN_INFO, "subscribed: %d", status);
	coven_cancel(in, w->timer);
	if (!w->leaving)
		w->timer = coven_after(in, EXPIRES_MS / 2, refresh, w);
}

static void
send(struct coven_instance *in, struct watch *w, struct coven_message *m)
{
	if (!m)
		return;
	if (coven_add_header(m, "Event", coven_text("x-coven-test"), false) != 0 ||
	    coven_add_header(m, "Expires", coven_text(w->leaving ? "0" : "600"), false) !=
		    0)
		coven_message_free(m);
	else
		coven_send(in, m, NULL, answered, w, ANSWER_MS);
}

static void
refresh(struct coven_instance *in, void *arg)
{
	struct watch *w = arg;

	send(in, w, coven_dialog_request(w->dialog, "SUBSCRIBE"));
}

static void
ask(struct coven_instance *in, void *arg)
{
	const struct options *o = coven_options(in);
	struct watch *w = arg;

	send(in, w, coven_dialog_ask(in, "SUBSCRIBE", o->from, o->uri, &w->dialog));
}

static enum coven_verdict
serve(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	struct coven_slice state = coven_header(coven_view(req), "Subscription-State", 0);
	struct coven_slice body = coven_body(coven_view(req));
	struct coven_dialog *d = coven_dialog_answer(in, req, 200, NULL);
	struct watch *w = coven_self(in);

	if (!d)
		return COVEN_REPLIED;
	coven_log(in, COVEN_INFO, "told: %.*s", (int)body.length, body.at);
	if (state.length >= 10 && coven_alike((struct coven_slice){ state.at, 10 },
					      coven_text("terminated")))
		forget(in, w, "terminated");
	return COVEN_REPLIED;
}

static enum coven_verdict
leave(struct coven_instance *in, struct coven_out *out, size_t count,
      const struct coven_slice *words)
{
	struct watch *w = coven_self(in);

	w->leaving = true;
	coven_row(out);
	coven_put_bool(out, "watching", w->dialog != NULL);
	if (w->dialog)
		refresh(in, w);
	return COVEN_DONE;
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return COVEN_FAIL;
	coven_set_self(in, w);
	if (coven_worker(in) == 0 && coven_after(in, 0, ask, w) == 0)
		return COVEN_FAIL;
	return COVEN_DONE;
}

static void
stop(struct coven_instance *in)
{
	free(coven_self(in));
}

static const struct coven_hook hooks[] = { { COVEN_SERVE, serve, "NOTIFY" },
					   { 0, NULL, NULL } };
static const struct coven_command commands[] = { { "watcher", "leave", "ends it", leave },
						 { NULL, NULL, NULL, NULL } };

COVEN_PLUGIN(.name = "watcher", .version = "1.0", .summary = "subscribes, for tests",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks,
	     .commands = commands, .start = start, .stop = stop);
