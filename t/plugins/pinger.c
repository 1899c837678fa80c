/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinger -- asks peers, and every device of the users it is told, with OPTIONS, once for all
 * workers, and tells who is up; a device that stays silent is unbound: own requests through
 * the flow of a binding, timers, events, commands and the store in one. */
#include <coven/store.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 5000
#define DEVICES_MAX 1000

struct peer_row {
	struct coven_slice uri;
};

struct options {
	struct coven_rows peers, users;
	int64_t every, misses;
};

static const struct coven_option columns[] = {
	COVEN_OPTION("uri", COVEN_STRING, struct peer_row, uri, NULL, "whom to ask"),
	COVEN_OPTIONS_END
};

static const struct coven_option options[] = {
	COVEN_ROWS("peers", struct options, peers, struct peer_row, columns,
		   "one row a peer"),
	COVEN_OPTION("users", COVEN_LIST, struct options, users, "()",
		     "AoRs whose devices are asked"),
	COVEN_RANGE("misses", COVEN_INT, struct options, misses, "3", 1, 100,
		    "so many in a row, and a device is unbound"),
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

/* Worker 0's alone: a binding that the store had when it was asked last. */
struct device {
	struct device *next;
	struct shared *all;
	struct coven_slice aor;       /* of the options */
	struct coven_slice contact, call_id; /* copies, behind this struct */
	uint32_t cseq;
	int64_t misses, round;
	bool sending;
};

struct shared {
	pthread_mutex_t lock;
	struct device *devices;
	size_t device_count;
	int64_t round;
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
	for (struct device *d = all->devices, *next; d; d = next) {
		next = d->next;
		free(d);
	}
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

/* -- devices: bindings of users ---------------------------------------------------- */

static struct device *
device_find(struct shared *all, struct coven_slice aor, struct coven_slice contact)
{
	struct device *d = all->devices;

	while (d && !(coven_same(d->aor, aor) && coven_same(d->contact, contact)))
		d = d->next;
	return d;
}

static struct device *
device_new(struct shared *all, struct coven_slice aor, const struct coven_binding *b)
{
	size_t size = sizeof(struct device) + b->contact.length + b->call_id.length;
	struct device *d = all->device_count < DEVICES_MAX ? calloc(1, size) : NULL;
	char *text = d ? (char *)(d + 1) : NULL;

	if (!d)
		return NULL;
	d->all = all;
	d->aor = aor;
	memcpy(text, b->contact.at, b->contact.length);
	d->contact = (struct coven_slice){ text, b->contact.length };
	text += b->contact.length;
	if (b->call_id.length)
		memcpy(text, b->call_id.at, b->call_id.length);
	d->call_id = (struct coven_slice){ text, b->call_id.length };
	d->next = all->devices;
	all->devices = d;
	all->device_count++;
	return d;
}

/* Those that the store does not have any more; one that is being asked, at the next round. */
static void
devices_sweep(struct shared *all, struct coven_slice aor)
{
	for (struct device **at = &all->devices, *d; (d = *at);) {
		if (!coven_same(d->aor, aor) || d->sending || d->round == all->round) {
			at = &d->next;
			continue;
		}
		*at = d->next;
		all->device_count--;
		free(d);
	}
}

static void
unbound(struct coven_instance *in, uint64_t tag, int result,
	const struct coven_bindings *list)
{
	coven_log(in, COVEN_INFO, "unbound a device: %s",
		  result == COVEN_STORE_OK ? "done" : "it was not there");
}

/* As the device itself would: if it has registered again meanwhile, nothing happens. */
static void
unbind(struct coven_instance *in, const struct device *d)
{
	struct coven_binding b = { .size = sizeof b,
				   .contact = d->contact,
				   .call_id = d->call_id,
				   .cseq = d->cseq + 1 };
	struct coven_change change = { COVEN_UNBIND, &b };
	struct coven_limits limits = { .size = sizeof limits, .bindings = 100 };

	coven_store_update(in, d->aor, &change, 1, &limits, unbound, 0);
}

static void
device_answered(struct coven_instance *in, void *arg, int status,
		const struct coven_message *response)
{
	const struct options *o = coven_options(in);
	struct device *d = arg;

	d->sending = false;
	d->misses = response ? 0 : d->misses + 1;
	if (d->misses == o->misses)
		unbind(in, d);
}

/* By the flow that it registered by: a device behind a NAT has no other way in. */
static struct coven_target *
device_target(struct coven_instance *in, const struct coven_binding *b)
{
	struct coven_target *t = coven_target_new(in, b->contact);

	if (!t || coven_target_flow(t, b->flow) != 0 ||
	    (b->path.length && coven_target_set(t, COVEN_TO_ROUTE, b->path) != 0)) {
		coven_target_free(t);
		return NULL;
	}
	return t;
}

static void
device_ask(struct coven_instance *in, struct device *d, const struct coven_binding *b)
{
	struct coven_target *t = device_target(in, b);
	struct coven_message *m = t ? coven_new_request(in, "OPTIONS", b->contact) : NULL;

	if (m)
		d->sending = coven_send(in, m, t, device_answered, d, ANSWER_MS) != 0;
	else
		coven_target_free(t);
}

static void
found(struct coven_instance *in, uint64_t tag, int result,
      const struct coven_bindings *list)
{
	const struct options *o = coven_options(in);
	struct coven_slice aor = ((const struct coven_slice *)o->users.at)[tag];
	struct shared *all = coven_shared(in);

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE)
		return;
	for (size_t i = 0; i < list->count; i++) {
		const struct coven_binding *b = coven_binding_at(list, i);
		struct device *d = device_find(all, aor, b->contact);

		if (!d)
			d = device_new(all, aor, b);
		if (!d)
			continue;
		d->round = all->round;
		d->cseq = b->cseq;
		if (!d->sending)
			device_ask(in, d, b);
	}
	devices_sweep(all, aor);
}

static void
ask_all(struct coven_instance *in, void *arg)
{
	const struct options *o = coven_options(in);
	const struct coven_slice *users = o->users.at;
	struct shared *all = arg;

	for (size_t i = 0; i < all->count; i++)
		if (all->peers[i].sending == 0)
			ask(in, &all->peers[i]);
	all->round++;
	for (size_t i = 0; i < o->users.count; i++)
		coven_store_find(in, users[i], found, i);
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
	for (const struct device *d = all->devices; d; d = d->next) {
		coven_row(out);
		coven_put_text(out, "aor", d->aor);
		coven_put_text(out, "contact", d->contact);
		coven_put_number(out, "misses", d->misses);
	}
	return COVEN_DONE;
}

static const struct coven_listen listens[] = { { COVEN_NAMED, heard }, { 0, NULL } };
static const struct coven_command commands[] = {
	{ "pinger", "", "peers and their last answer", show }, { NULL, NULL, NULL, NULL }
};

static const struct coven_need wants[] = { { "store", COVEN_STORE_VERSION }, { NULL, 0 } };

COVEN_PLUGIN(.name = "pinger", .version = "1.0", .summary = "who is up", .wants = wants,
	     .options_size = sizeof(struct options), .options = options,
	     .listens = listens, .commands = commands, .open = open_peers,
	     .close = close_peers, .start = start);
