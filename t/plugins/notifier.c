/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notifier -- serves SUBSCRIBE to one word of text (RFC 6665, event package
 * "x-coven-test"), and keeps its subscriptions in a table of the store, so that they
 * survive a restart: dialogs of a plugin's own, tables, tickets, timers and commands in one.
 *
 * A subscription lives on the worker of its dialog.  The lock is for the command that lists those of all workers, and
 * for the word. */
#include <coven/dialog.h>
#include <coven/store.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKAGE "x-coven-test"
#define TABLE "notifier"
#define WORD_MAX 100
#define PAGE 64         /* records that are restored in one go */
#define STORE_MS 10000  /* the store has given up before */
#define NOTIFY_MS 32000 /* RFC 3261 timer F */
#define KEY_ROOM 64
#define ROW_HEAD 32     /* before the dialog: when it ends, 16 hex digits, and a blank */

struct options {
	int64_t min_expires, max_expires;
};

static const struct coven_option options[] = {
	COVEN_RANGE("min_expires", COVEN_TIME, struct options, min_expires, "10s", 1000,
		    3600000, "shorter subscriptions are refused with 423"),
	COVEN_RANGE("max_expires", COVEN_TIME, struct options, max_expires, "1h", 1000,
		    INT64_C(86400000),
		    "longer ones, and those that do not say, get this"),
	COVEN_OPTIONS_END
};

struct subscription {
	struct subscription *next;
	struct coven_instance *in;
	struct coven_dialog *dialog;
	char key[KEY_ROOM]; /* in the table: our tag */
	int64_t expires_ms; /* wall clock */
	coven_timer timer;
	bool busy;       /* a NOTIFY is on its way */
	bool again;      /* ... and another one is due behind it */
	bool terminated; /* the next NOTIFY is the last */
};

struct shared {
	pthread_mutex_t lock;
	char word[WORD_MAX + 1];
	struct subscription *first[64]; /* of each worker */
};

#define WORKERS_MAX (sizeof((struct shared *)0)->first / sizeof(struct subscription *))

static void notify(struct subscription *s);

/* -- the book ------------------------------------------------------------------- */

static void
forget(struct subscription *s)
{
	struct shared *all = coven_shared(s->in);
	struct subscription **at = &all->first[coven_worker(s->in)];

	pthread_mutex_lock(&all->lock);
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	pthread_mutex_unlock(&all->lock);
	coven_cancel(s->in, s->timer);
	coven_dialog_free(s->dialog);
	free(s);
}

static void
removed(struct coven_instance *in, uint64_t tag, int result,
	const struct coven_records *records)
{
	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE)
		coven_log(in, COVEN_WARN, "a subscription that has ended is still stored");
}

static void
end(struct subscription *s)
{
	coven_table_remove(s->in, TABLE, coven_text(s->key), COVEN_ANY_VERSION, removed, 0);
	forget(s);
}

static void
over(struct coven_instance *in, void *arg)
{
	struct subscription *s = arg;

	s->timer = 0;
	s->terminated = true;
	notify(s);
}

/* From now on until then. */
static void
run_until(struct subscription *s, int64_t expires_ms)
{
	int64_t left = expires_ms - coven_wall_ms(s->in);
	struct shared *all = coven_shared(s->in);

	pthread_mutex_lock(&all->lock);
	s->expires_ms = expires_ms;
	pthread_mutex_unlock(&all->lock);
	coven_cancel(s->in, s->timer);
	s->timer = coven_after(s->in, left > 0 ? left : 0, over, s);
}

static struct subscription *
begin(struct coven_instance *in, struct coven_dialog *d)
{
	struct coven_dialog_info info = { .size = sizeof info };
	struct shared *all = coven_shared(in);
	struct subscription *s = calloc(1, sizeof *s);

	if (!s) {
		coven_dialog_free(d);
		return NULL;
	}
	s->in = in;
	s->dialog = d;
	coven_dialog_facts(d, &info);
	snprintf(s->key, sizeof s->key, "%.*s", (int)info.local_tag.length,
		 info.local_tag.at);
	coven_dialog_set_data(d, s);
	pthread_mutex_lock(&all->lock);
	s->next = all->first[coven_worker(in)];
	all->first[coven_worker(in)] = s;
	pthread_mutex_unlock(&all->lock);
	return s;
}

/* -- the table -------------------------------------------------------------------- */

static void
save(struct subscription *s, coven_records_fn *done, uint64_t tag)
{
	static const struct coven_record none;
	char row[ROW_HEAD + COVEN_DIALOG_SAVED_MAX];
	size_t head = (size_t)snprintf(row, ROW_HEAD, "%016llx ",
				       (unsigned long long)s->expires_ms);
	struct coven_record r = none;

	r.size = sizeof r;
	r.key = coven_text(s->key);
	r.expires_ms = s->expires_ms;
	r.value.at = row;
	r.value.length = head + coven_dialog_save(s->dialog, row + head, sizeof row - head);
	coven_table_put(s->in, TABLE, &r, COVEN_ANY_VERSION, done, tag);
}

static void
saved(struct coven_instance *in, uint64_t ticket, int result,
      const struct coven_records *records)
{
	struct coven_dialog *d;

	if (result != COVEN_STORE_OK)
		coven_log(in, COVEN_WARN,
			  "a subscription is not stored, and ends with the server");
	if (!ticket || !coven_parked(in, ticket))
		return;
	d = coven_dialog_of(in, coven_parked(in, ticket));
	coven_resume(in, ticket, COVEN_REPLIED);
	if (d)
		notify(coven_dialog_data(d));
}

static void
restore_one(struct coven_instance *in, const struct coven_record *r)
{
	char head[17] = "";
	struct coven_slice bytes = { r->value.at + 17, r->value.length - 17 };
	struct coven_dialog *d;
	struct subscription *s;
	int rc = -1;

	if (r->value.length > 17 && r->value.at[16] == ' ') {
		memcpy(head, r->value.at, 16);
		rc = coven_dialog_restore(in, bytes, &d);
	}
	if (rc < 0)
		coven_log(in, COVEN_WARN, "a stored subscription is damaged");
	if (rc != 0)
		return;
	s = begin(in, d);
	if (!s)
		return;
	run_until(s, (int64_t)strtoull(head, NULL, 16));
	save(s, saved, 0); /* its leap */
}

static void
restored(struct coven_instance *in, uint64_t tag, int result,
	 const struct coven_records *records)
{
	static const struct coven_slice all = { NULL, 0 };

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		coven_log(in, COVEN_ERROR, "cannot read the subscriptions");
		coven_ready(in, false);
		return;
	}
	for (size_t i = 0; i < records->count; i++)
		restore_one(in, coven_record_at(records, i));
	if (records->cursor.length)
		coven_table_range(in, TABLE, all, records->cursor, PAGE, restored, 0);
	else
		coven_ready(in, true);
}

/* -- NOTIFY --------------------------------------------------------------------------- */

static void
notified(struct coven_instance *in, void *arg, int status,
	 const struct coven_message *response)
{
	struct subscription *s = arg;
	bool alive = coven_dialog_answered(s->dialog, status, response);

	s->busy = false;
	if (!alive || (s->terminated && !s->again)) {
		end(s);
		return;
	}
	save(s, saved, 0); /* its CSeq */
	if (s->again)
		notify(s);
}

static int
fill(struct subscription *s, struct coven_message *m)
{
	struct shared *all = coven_shared(s->in);
	int64_t left = (s->expires_ms - coven_wall_ms(s->in) + 999) / 1000;
	char word[WORD_MAX + 1], state[64] = "terminated;reason=timeout";

	if (!s->terminated)
		snprintf(state, sizeof state, "active;expires=%lld",
			 (long long)(left > 0 ? left : 0));
	pthread_mutex_lock(&all->lock);
	strcpy(word, all->word);
	pthread_mutex_unlock(&all->lock);
	return coven_add_header(m, "Event", coven_text(PACKAGE), false) ||
			       coven_add_header(m, "Subscription-State",
						coven_text(state), false) ||
			       coven_set_content(m, "text/plain", coven_text(word))
		       ? -1
		       : 0;
}

/* One at a time, so that they arrive in order. */
static void
notify(struct subscription *s)
{
	struct coven_message *m;

	s->again = s->busy;
	if (s->busy)
		return;
	m = coven_dialog_request(s->dialog, "NOTIFY");
	if (!m) { /* replaced at a reload, or out of memory: the row is not ours to remove */
		if (s->terminated)
			forget(s);
		return;
	}
	if (fill(s, m) != 0)
		coven_message_free(m);
	else
		s->busy = coven_send(s->in, m, NULL, notified, s, NOTIFY_MS) != 0;
	if (!s->busy && s->terminated)
		end(s);
}

/* -- SUBSCRIBE --------------------------------------------------------------------------- */

static enum coven_verdict
refuse(struct coven_request *req, int status, const char *name, const char *value)
{
	if (coven_reply(req, status, NULL) != 0 ||
	    (name && coven_add_header(coven_reply_view(req), name, coven_text(value),
				      false) != 0))
		return COVEN_FAIL;
	return COVEN_REPLIED;
}

/* In ms; -1: not a number. */
static int64_t
wanted(struct coven_instance *in, struct coven_request *req)
{
	const struct options *o = coven_options(in);
	struct coven_slice text = coven_header(coven_view(req), "Expires", 0);
	int64_t n = 0;

	if (!text.at)
		return o->max_expires;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		n = n < 1000000000 ? 10 * n + (text.at[i] - '0') : n;
	}
	return n * 1000 < o->max_expires ? n * 1000 : o->max_expires;
}

/* The request waits, with its answer made, until the subscription is stored: an acknowledged one survives. */
static enum coven_verdict
keep(struct coven_instance *in, struct coven_request *req, struct subscription *s)
{
	coven_ticket ticket = coven_park(in, req, STORE_MS, NULL, NULL);

	save(s, saved, ticket);
	if (ticket)
		return COVEN_WAIT;
	notify(s);
	return COVEN_REPLIED;
}

/* No longer, or for this once: RFC 6665 4.4.3. */
static enum coven_verdict
drop(struct coven_instance *in, struct subscription *s)
{
	coven_cancel(in, s->timer);
	s->timer = 0;
	s->terminated = true;
	notify(s); /* leaves when this hook has returned; s may be gone */
	return COVEN_REPLIED;
}

static enum coven_verdict
subscribe(struct coven_instance *in, struct coven_request *req, int64_t ms)
{
	struct coven_dialog *d = coven_dialog_of(in, req);
	struct subscription *s = d ? coven_dialog_data(d) : NULL;
	struct coven_slice seconds = coven_print(req, "%lld", (long long)(ms / 1000));

	if (s && s->terminated)
		return refuse(req, 481, NULL, NULL);
	d = coven_dialog_answer(in, req, 200, NULL);
	if (!d)
		return COVEN_REPLIED;
	if (!s)
		s = begin(in, d);
	if (!s || coven_add_header(coven_reply_view(req), "Expires", seconds, false) != 0)
		return COVEN_FAIL;
	if (ms == 0)
		return drop(in, s);
	run_until(s, coven_wall_ms(in) + ms);
	return keep(in, req, s);
}

static enum coven_verdict
serve(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct options *o = coven_options(in);
	struct coven_slice event = coven_header(coven_view(req), "Event", 0);
	int64_t ms = wanted(in, req);
	char least[24];

	snprintf(least, sizeof least, "%lld", (long long)(o->min_expires / 1000));
	if (!coven_alike(event, coven_text(PACKAGE)))
		return refuse(req, 489, "Allow-Events", PACKAGE);
	if (ms < 0)
		return refuse(req, 400, NULL, NULL);
	if (ms > 0 && ms < o->min_expires)
		return refuse(req, 423, "Min-Expires", least);
	return subscribe(in, req, ms);
}

/* -- covenctl notifier list, covenctl notifier set WORD -------------------------------------- */

static void
tell_all(struct coven_instance *in, void *arg)
{
	struct shared *all = coven_shared(in);
	struct subscription *next;

	for (struct subscription *s = all->first[coven_worker(in)]; s; s = next) {
		next = s->next;
		if (!s->terminated)
			notify(s);
	}
}

static enum coven_verdict
set(struct coven_instance *in, struct coven_out *out, struct coven_slice word)
{
	struct shared *all = coven_shared(in);
	bool good = word.length <= WORD_MAX;

	if (good) {
		pthread_mutex_lock(&all->lock);
		snprintf(all->word, sizeof all->word, "%.*s", (int)word.length, word.at);
		pthread_mutex_unlock(&all->lock);
	}
	for (unsigned i = 0; good && i < coven_workers(in); i++)
		good = coven_call_worker(in, i, tell_all, NULL) == 0;
	coven_row(out);
	coven_put_bool(out, "set", good);
	return COVEN_DONE;
}

static void
show(struct coven_instance *in, struct coven_out *out, const struct subscription *s)
{
	/* the dialog is its worker's: only what never changes is looked at from here */
	coven_row(out);
	coven_put_text(out, "key", coven_text(s->key));
	coven_put_number(out, "seconds", (s->expires_ms - coven_wall_ms(in)) / 1000);
}

static enum coven_verdict
command(struct coven_instance *in, struct coven_out *out, size_t count,
	const struct coven_slice *words)
{
	struct shared *all = coven_shared(in);

	if (count == 2 && coven_is(words[0], "set"))
		return set(in, out, words[1]);
	if (count != 1 || !coven_is(words[0], "list"))
		return COVEN_NEXT;
	pthread_mutex_lock(&all->lock);
	for (unsigned i = 0; i < coven_workers(in); i++)
		for (const struct subscription *s = all->first[i]; s; s = s->next)
			show(in, out, s);
	pthread_mutex_unlock(&all->lock);
	return COVEN_DONE;
}

/* -- beginning and end ------------------------------------------------------------------------ */

static int
open_book(struct coven_instance *in)
{
	struct shared *all = coven_workers(in) <= WORKERS_MAX ? calloc(1, sizeof *all) : NULL;

	if (!all)
		return -1;
	pthread_mutex_init(&all->lock, NULL);
	strcpy(all->word, "nothing");
	coven_set_shared(in, all);
	return 0;
}

static void
close_book(struct coven_instance *in)
{
	struct shared *all = coven_shared(in);

	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static enum coven_verdict
start(struct coven_instance *in)
{
	struct coven_slice all = { NULL, 0 };

	coven_table_range(in, TABLE, all, all, PAGE, restored, 0);
	return COVEN_WAIT;
}

static void
stop(struct coven_instance *in)
{
	struct shared *all = coven_shared(in);

	while (all->first[coven_worker(in)])
		forget(all->first[coven_worker(in)]);
}

static const struct coven_hook hooks[] = { { COVEN_SERVE, serve, "SUBSCRIBE" },
					   { 0, NULL, NULL } };
static const struct coven_command commands[] = { { "notifier", "list | set WORD",
						   "subscriptions, and what they are told",
						   command },
						 { NULL, NULL, NULL, NULL } };
static const struct coven_need needs[] = { { "store", COVEN_STORE_VERSION }, { NULL, 0 } };

COVEN_PLUGIN(.name = "notifier", .version = "1.0", .summary = "subscriptions, for tests",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks,
	     .commands = commands, .needs = needs, .open = open_book, .close = close_book,
	     .start = start, .stop = stop);
