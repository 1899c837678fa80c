/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinger -- asks peers with OPTIONS, once for all workers, and tells who is up: own
 * requests, timers, events and commands in one. */
#include <coven/plugin.h>

#include <pthread.h>
#include <stdlib.h>

#define ANSWER_MS 5000

struct peer_row {
	struct coven_slice uri;
};

struct options {
	struct coven_rows peers;
	int64_t every;
};

static const struct coven_option columns[] = {
	COVEN_OPTION("uri", COVEN_STRING, struct peer_row, uri, NULL, "whom to ask"),
	COVEN_OPTIONS_END
};

static const struct coven_option options[] = {
	COVEN_ROWS("peers", struct options, peers, struct peer_row, columns,
		   "one row a peer"),
	COVEN_RANGE("every", COVEN_TIME, struct options, every, "30s", 1000, 3600000,
		    "how often"),
	COVEN_OPTIONS_END
};

/* Written by worker 0, read by the command there; heard is counted where the event is
 * delivered. */
struct peer {
	struct shared *all;
	const struct peer_row *row;
	uint64_t sending;
	int64_t status, wall_ms;
	bool up;
};

struct shared {
	pthread_mutex_t lock;
	size_t count;
	int64_t heard;
	struct peer peers[];
};

static int
open_peers(struct coven_instance *in)
{
	const struct options *o = coven_options(in);
	const struct peer_row *rows = o->peers.at;
	struct shared *all =
		calloc(1, sizeof *all + o->peers.count * sizeof all->peers[0]);
	int bad = 0;

	if (!all)
		return -1;
	pthread_mutex_init(&all->lock, NULL);
	all->count = o->peers.count;
	for (size_t i = 0; i < all->count; i++) {
		all->peers[i] = (struct peer){ .all = all, .row = &rows[i], .up = true };
		if (coven_uri_valid(rows[i].uri))
			continue;
		coven_complain(in, &rows[i], "uri", "not a SIP URI");
		bad = -1;
	}
	if (bad) {
		pthread_mutex_destroy(&all->lock);
		free(all);
		return -1;
	}
	coven_set_shared(in, all);
	return 0;
}

static void
close_peers(struct coven_instance *in)
{
	struct shared *all = coven_shared(in);

	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static void
tell(struct coven_instance *in, const struct peer *p)
{
	struct coven_event event = { .size = sizeof event,
				     .kind = COVEN_NAMED,
				     .name = coven_text(p->up ? "peer-up" : "peer-down"),
				     .contact = p->row->uri,
				     .code = p->status,
				     .wall_ms = p->wall_ms };

	coven_emit(in, &event);
}

static void
answered(struct coven_instance *in, void *arg, int status,
	 const struct coven_message *response)
{
	struct peer *p = arg;
	bool up = response != NULL && status != 503, turned;

	pthread_mutex_lock(&p->all->lock);
	turned = up != p->up;
	p->up = up;
	p->status = status;
	p->wall_ms = coven_wall_ms(in);
	p->sending = 0;
	pthread_mutex_unlock(&p->all->lock);
	if (turned)
		tell(in, p);
}

static void
ask(struct coven_instance *in, struct peer *p)
{
	struct coven_message *m = coven_new_request(in, "OPTIONS", p->row->uri);

	if (!m)
		return;
	if (coven_add_header(m, "Accept", coven_text("application/sdp"), false) != 0) {
		coven_message_free(m);
		return;
	}
	p->sending = coven_send(in, m, NULL, answered, p, ANSWER_MS);
}

static void
ask_all(struct coven_instance *in, void *arg)
{
	const struct options *o = coven_options(in);
	struct shared *all = arg;

	for (size_t i = 0; i < all->count; i++)
		if (all->peers[i].sending == 0)
			ask(in, &all->peers[i]);
	coven_after(in, o->every, ask_all, all);
}

static enum coven_verdict
start(struct coven_instance *in)
{
	if (coven_worker(in) == 0 && coven_after(in, 0, ask_all, coven_shared(in)) == 0)
		return COVEN_FAIL;
	return COVEN_DONE;
}

static void
heard(struct coven_instance *in, const struct coven_event *event)
{
	struct shared *all = coven_shared(in);

	pthread_mutex_lock(&all->lock);
	all->heard++;
	pthread_mutex_unlock(&all->lock);
}

static enum coven_verdict
show(struct coven_instance *in, struct coven_out *out, size_t count,
     const struct coven_slice *words)
{
	struct shared *all = coven_shared(in);

	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < all->count; i++) {
		coven_row(out);
		coven_put_text(out, "uri", all->peers[i].row->uri);
		coven_put_bool(out, "up", all->peers[i].up);
		coven_put_number(out, "status", all->peers[i].status);
		coven_put_number(out, "events", all->heard);
	}
	pthread_mutex_unlock(&all->lock);
	return COVEN_DONE;
}

static const struct coven_listen listens[] = { { COVEN_NAMED, heard }, { 0, NULL } };
static const struct coven_command commands[] = {
	{ "pinger", "", "peers and their last answer", show }, { NULL, NULL, NULL, NULL }
};

COVEN_PLUGIN(.name = "pinger", .version = "1.0", .summary = "who is up",
	     .options_size = sizeof(struct options), .options = options,
	     .listens = listens, .commands = commands, .open = open_peers,
	     .close = close_peers, .start = start);
