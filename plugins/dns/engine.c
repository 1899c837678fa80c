/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine: questions come in through a list, answers leave through one for each worker; all else belongs
 * to the thread alone.
 *
 * Of the questions asked, `window` may be fresh; one that has been out for a while only waits for the network and makes
 * room for others, so that slow name servers do not hold up quick ones. */
#include "query.h"
#include "way.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_S 0.05
#define SLOW_MS 250
#define SLOW_MOST 2000    /* of them may be out */
#define CLASS_IN 1
#define TTL_FAILED 30     /* seconds that a failure is remembered */
#define TTL_LATE 5
#define TTL_NO_SOA 30

struct engine {
	const struct engine_options *options;
	pthread_t thread;
	struct ev_loop *loop;
	ev_async wake;
	ev_timer tick;
	/* the thread's own */
	struct way way;
	struct queue waiting, out;
	size_t fresh, slow;
	struct wire_answer answer;
	struct engine_status count;

	/* Questions and answers have a lock each, so that whoever asks does not wait for the many that are answered. */
	atomic_size_t in_count; /* in `in` and `waiting` */
	pthread_mutex_t lock;   /* of these */
	struct queue in;
	uint64_t refused;
	bool runs, stop, flush;
	struct engine_status status; /* as the thread had it when it last woke */

	pthread_mutex_t seats_lock; /* of these, and of the lists in the seats */
	struct seat *seats[ENGINE_SEATS];
	uint64_t sittings;
	bool untold;
};

int64_t
engine_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* -- answers */

/* Under the seats' lock. */
static void
call(struct engine *e, struct seat *seat)
{
	if (!seat->first || atomic_exchange(&seat->called, true))
		return;
	if (coven_post(seat->box, seat->wake, NULL, NULL) == 0)
		return;
	atomic_store(&seat->called, false);
	e->untold = true; /* its box is full: the next tick tries again */
}

static void
count(struct engine_status *s, const struct set *set)
{
	s->answered++;
	s->late += set->late;
	s->bogus += set->state == SET_BOGUS;
	s->failed += set->state == SET_DOWN && !set->late;
}

/* Under the seats' lock: the seat that waits, if it is still the one that asked. */
static struct seat *
seat_of(struct engine *e, const struct query *q)
{
	struct seat *seat = e->seats[q->seat];

	return seat && seat->sitting == q->sitting ? seat : NULL;
}

/* Takes the set; NULL: there was no memory for one. */
static void
give(struct engine *e, struct query *q, struct set *set)
{
	struct seat *seat;

	q->told = true;
	if (!set) {
		set = q->spare;
		q->spare = NULL;
	}
	count(&e->count, set);
	pthread_mutex_lock(&e->seats_lock);
	seat = seat_of(e, q);
	if (!seat) {
		set_done(set);
	} else {
		set->next = NULL;
		if (seat->first)
			seat->last->next = set;
		else
			seat->first = set;
		seat->last = set;
		call(e, seat);
	}
	pthread_mutex_unlock(&e->seats_lock);
}

static void
give_failure(struct engine *e, struct query *q, enum set_state state, const char *why, bool late)
{
	struct set *set = set_new(q->name, q->type, state, NULL, why);

	if (set) {
		set->ttl = late ? TTL_LATE : TTL_FAILED;
		set->late = late;
	}
	give(e, q, set);
}

static struct set *
set_of(struct query *q, struct wire_answer *a, bool secure)
{
	enum set_state state = a->count ? SET_FOUND : a->rcode == 3 ? SET_NONE : SET_EMPTY;
	struct set *set = set_new(q->name, q->type, state, a, NULL);

	if (!set)
		return NULL;
	set->proof = secure ? 2 : 1;
	if (!a->timed)
		set->ttl = TTL_NO_SOA;
	return set;
}

/* What libunbound says: perhaps before ub_resolve_event() has returned.  Nothing is asked from here. */
static void
answered(void *arg, int rcode, void *packet, int length, int secure, char *why, int limited)
{
	struct query *q = arg;
	struct engine *e = q->engine;
	struct coven_slice bytes = { packet, packet && length > 0 ? (size_t)length : 0 };
	struct wire_answer *a = &e->answer;
	struct wire_name name;

	(void)limited;
	queue_remove(&e->out, q);
	*(q->slow ? &e->slow : &e->fresh) -= 1;
	if (!q->told) {
		if (secure == 1)
			give_failure(e, q, SET_BOGUS, why && *why ? why : "validation failed", false);
		else if (rcode != 0 || !bytes.length)
			give_failure(e, q, SET_DOWN, "no name server gives a usable answer (SERVFAIL)", false);
		else if (wire_name_read(coven_text(q->name), &name) != 0 || wire_read(bytes, &name, q->type, a) != 0)
			give_failure(e, q, SET_DOWN, "malformed answer", false);
		else if (a->rcode != 0 && a->rcode != 3)
			give_failure(e, q, SET_DOWN, a->rcode == 2 ? "SERVFAIL" : a->rcode == 5 ? "REFUSED" : "name server error",
			             false);
		else
			give(e, q, set_of(q, a, secure == 2));
	}
	query_free(q);
	ev_feed_event(e->loop, &e->wake, EV_ASYNC);
}

/* -- questions go out */

static void
send_query(struct engine *e, struct query *q, int64_t now_ms)
{
	int rc;

	q->sent_ms = now_ms;
	queue_put(&e->out, q);
	e->fresh++;
	rc = ub_resolve_event(e->way.ctx, q->name, q->type, CLASS_IN, q, answered, NULL);
	if (rc == 0) /* q may have gone */
		return;
	queue_remove(&e->out, q);
	e->fresh--;
	give_failure(e, q, SET_DOWN, ub_strerror(rc), true);
	query_free(q);
}

static void
say(struct engine *e, enum coven_level level, const char *text)
{
	pthread_mutex_lock(&e->seats_lock);
	for (size_t i = 0; i < ENGINE_SEATS; i++)
		if (e->seats[i]) {
			coven_log(e->seats[i]->in, level, "%s", text);
			break;
		}
	pthread_mutex_unlock(&e->seats_lock);
}

static struct query *
take_waiting(struct engine *e)
{
	struct query *q = e->waiting.first;

	if (q) {
		queue_remove(&e->waiting, q);
		atomic_fetch_sub(&e->in_count, 1);
		e->count.asked++;
	}
	return q;
}

/* There is no way: all who wait are told. */
static void
refuse_all(struct engine *e)
{
	struct query *q;

	while ((q = take_waiting(e))) {
		give_failure(e, q, e->way.bogus ? SET_BOGUS : SET_DOWN, e->way.what, true);
		query_free(q);
	}
}

static void
pump(struct engine *e)
{
	int64_t now_ms = engine_now_ms();
	struct query *q;

	if (e->waiting.first || way_is_sought(&e->way)) {
		if (way_go_on(&e->way, now_ms))
			say(e, e->way.state == WAY_OPEN ? COVEN_INFO : COVEN_ERROR, e->way.what);
		if (e->way.state == WAY_NONE)
			refuse_all(e);
	}
	if (e->way.state != WAY_OPEN)
		return;
	while (e->fresh < (size_t)e->options->window && e->slow < SLOW_MOST && (q = take_waiting(e)))
		send_query(e, q, now_ms);
}

/* Out: libunbound goes on with them, and its answer will be forgotten. */
static void
end_late(struct engine *e, int64_t now_ms)
{
	struct query *q, *after;

	for (q = e->out.first; q; q = q->next) {
		if (!q->slow && now_ms - q->sent_ms >= SLOW_MS) {
			q->slow = true;
			e->fresh--;
			e->slow++;
		}
		if (!q->told && now_ms >= q->deadline_ms)
			give_failure(e, q, SET_DOWN, "no answer in time", true);
	}
	for (q = e->waiting.first; q; q = after) {
		after = q->next;
		if (now_ms < q->deadline_ms)
			continue;
		queue_remove(&e->waiting, q);
		atomic_fetch_sub(&e->in_count, 1);
		give_failure(e, q, SET_DOWN, e->way.state == WAY_OPEN ? "too many questions were before it" :
		                             "no name server answers", true);
		query_free(q);
	}
}

static void
forget(struct engine *e)
{
	way_close(&e->way);
	e->way.failed_ms = 0;
	while (e->out.first) {
		struct query *q = e->out.first;

		queue_remove(&e->out, q);
		if (!q->told)
			give_failure(e, q, SET_DOWN, "flushed", true);
		query_free(q);
	}
	e->fresh = e->slow = 0;
}

/* -- the thread */

static bool
look_in(struct engine *e)
{
	bool stop, flush;

	pthread_mutex_lock(&e->lock);
	queue_move(&e->waiting, &e->in);
	stop = e->stop;
	flush = e->flush;
	e->flush = false;
	e->status = e->count;
	e->status.in_flight = e->fresh + e->slow;
	e->status.slow = e->slow;
	e->status.running = true;
	memcpy(e->status.way, e->way.what, sizeof e->status.way);
	pthread_mutex_unlock(&e->lock);
	if (flush)
		forget(e);
	return stop;
}

static bool
is_at_work(const struct engine *e)
{
	return e->out.first || e->waiting.first || way_is_sought(&e->way);
}

static void
on_wake(struct ev_loop *loop, ev_async *w, int revents)
{
	struct engine *e = w->data;

	(void)revents;
	if (look_in(e)) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	ev_now_update(loop);
	pump(e);
	if (is_at_work(e) && !ev_is_active(&e->tick))
		ev_timer_again(loop, &e->tick);
}

static void
on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct engine *e = w->data;

	(void)revents;
	look_in(e);
	end_late(e, engine_now_ms());
	pump(e);
	pthread_mutex_lock(&e->seats_lock);
	if (e->untold) {
		e->untold = false;
		for (size_t i = 0; i < ENGINE_SEATS; i++)
			if (e->seats[i])
				call(e, e->seats[i]);
	}
	if (!e->untold && !is_at_work(e))
		ev_timer_stop(loop, w);
	pthread_mutex_unlock(&e->seats_lock);
}

static void *
run(void *arg)
{
	struct engine *e = arg;

	ev_run(e->loop, 0);
	return NULL;
}

/* -- workers */

/* Under the lock.  The loop is made here, so that the thread can be woken as soon as it is there. */
static int
begin(struct engine *e)
{
	sigset_t all, before;
	int rc;

	if (!e->loop)
		e->loop = ev_loop_new(EVFLAG_AUTO);
	if (!e->loop)
		return -1;
	if (!e->way.base)
		e->way.base = ub_loop_new(e->loop);
	if (!e->way.base)
		return -1;
	ev_async_init(&e->wake, on_wake);
	ev_init(&e->tick, on_tick);
	e->tick.repeat = TICK_S;
	e->wake.data = e->tick.data = e;
	ev_async_start(e->loop, &e->wake);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&e->thread, NULL, run, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	e->runs = rc == 0;
	return e->runs ? 0 : -1;
}

int
engine_ask(struct engine *e, struct seat *seat, const char *name, uint16_t type, int64_t deadline_ms)
{
	struct query *q = query_new(name, type);
	int rc = -1;

	if (!q)
		return -1;
	q->engine = e;
	q->seat = seat->number;
	q->sitting = seat->sitting;
	q->deadline_ms = deadline_ms;
	pthread_mutex_lock(&e->lock);
	if (atomic_load(&e->in_count) < (size_t)e->options->queue && (e->runs || begin(e) == 0)) {
		queue_put(&e->in, q);
		atomic_fetch_add(&e->in_count, 1);
		ev_async_send(e->loop, &e->wake);
		rc = 0;
	} else {
		e->refused++;
	}
	pthread_mutex_unlock(&e->lock);
	if (rc != 0)
		query_free(q);
	return rc;
}

struct set *
engine_take(struct engine *e, struct seat *seat)
{
	struct set *first;

	atomic_store(&seat->called, false);
	pthread_mutex_lock(&e->seats_lock);
	first = seat->first;
	seat->first = seat->last = NULL;
	pthread_mutex_unlock(&e->seats_lock);
	return first;
}

int
engine_sit(struct engine *e, struct seat *seat)
{
	unsigned i = 0;

	pthread_mutex_lock(&e->seats_lock);
	while (i < ENGINE_SEATS && e->seats[i])
		i++;
	if (i < ENGINE_SEATS) {
		seat->number = i;
		seat->sitting = ++e->sittings;
		e->seats[i] = seat;
	}
	pthread_mutex_unlock(&e->seats_lock);
	return i < ENGINE_SEATS ? 0 : -1;
}

void
engine_rise(struct engine *e, struct seat *seat)
{
	struct set *set;

	pthread_mutex_lock(&e->seats_lock);
	e->seats[seat->number] = NULL;
	pthread_mutex_unlock(&e->seats_lock);
	set = engine_take(e, seat);
	while (set) {
		struct set *next = set->next;

		set_done(set);
		set = next;
	}
}

void
engine_flush(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	if (e->runs) {
		e->flush = true;
		ev_async_send(e->loop, &e->wake);
	}
	pthread_mutex_unlock(&e->lock);
}

void
engine_status(struct engine *e, struct engine_status *status)
{
	pthread_mutex_lock(&e->lock);
	*status = e->status;
	status->waiting = atomic_load(&e->in_count);
	status->refused = e->refused;
	pthread_mutex_unlock(&e->lock);
}

/* -- life */

struct engine *
engine_new(const struct engine_options *options)
{
	struct engine *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->options = options;
	e->way.options = options;
	e->way.state = WAY_NONE;
	queue_clear(&e->in);
	queue_clear(&e->waiting);
	queue_clear(&e->out);
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->seats_lock, NULL);
	return e;
}

void
engine_free(struct engine *e)
{
	if (e->runs) {
		pthread_mutex_lock(&e->lock);
		e->stop = true;
		pthread_mutex_unlock(&e->lock);
		ev_async_send(e->loop, &e->wake);
		pthread_join(e->thread, NULL);
	}
	way_close(&e->way);
	queue_free(&e->in);
	queue_free(&e->waiting);
	queue_free(&e->out);
	ub_loop_free(e->way.base);
	if (e->loop)
		ev_loop_destroy(e->loop);
	pthread_mutex_destroy(&e->seats_lock);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
