/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that brings changes to the disk. */
#include "writer.h"
#include "mend.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RELAXED_MS 1000
#define RETRY_MS 1000    /* while the disk takes nothing */
#define CATCH_UP_MS 3000 /* ... not even what memory has had for a while */
#define AGAIN_MS 10      /* a letter that did not fit into a worker's box */
#define COMPLAIN_MS 10000
#define VERSIONS_AHEAD (1 << 20) /* versions that are reserved at once */

struct writer {
	struct disk *disk;
	struct stock *stock;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	pthread_cond_t settled; /* away, or not */
	bool stop, full, dirty, untold, complained;
	bool away, parked; /* the file is another process's: wished, and so */
	struct writer_wish wish;
	struct binding_clock clock; /* as a worker saw it last */
	struct bundle *open;        /* being filled; NULL: no memory */
	struct seat *seats[BUNDLE_SEATS];
	uint64_t reserved; /* versions: see disk_write_about() */
	int64_t begun_ms, retry_ms, failed_ms, complained_ms;
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Under the lock.  The writer outlives the instances: whichever sits there may say it. */
static void
say(struct writer *w, enum coven_level level, const char *text)
{
	for (size_t i = 0; i < BUNDLE_SEATS; i++)
		if (w->seats[i]) {
			coven_log(w->seats[i]->in, level, "%s", text);
			return;
		}
}

/* -- workers: changes come in */

/* Under the lock.  What happens by itself, as an end, cannot be refused. */
static int
turn_away(struct writer *w, const struct change *c)
{
	if (c->seat && (!w->wish.in_memory || w->away))
		return COVEN_STORE_REFUSED;
	w->dirty = true;
	return COVEN_STORE_OK;
}

/* Under the lock: a note has been added to the open bundle. */
static int
join(struct writer *w, struct change *c)
{
	if (w->open->items == 1) {
		w->begun_ms = w->wish.relaxed ? now_ms() : 0;
		pthread_cond_signal(&w->wake);
	}
	if (c->seat && !w->wish.relaxed && !c->bundle) {
		c->bundle = bundle_share(w->open);
		w->open->seats[c->seat->number / 64] |= UINT64_C(1)
							<< c->seat->number % 64;
	}
	return COVEN_STORE_OK;
}

static int
keep_aor(struct keeper *k, struct binding_clock clock, struct coven_slice aor,
	 uint64_t version, struct binding *const *list, size_t count)
{
	struct change *c = (struct change *)k;
	struct writer *w = c->writer;
	int result;

	pthread_mutex_lock(&w->lock);
	w->clock = clock;
	if (!w->full && !w->away && w->open &&
	    mend_put_aor(w->open, clock, aor, version, list, count) == 0)
		result = join(w, c);
	else
		result = turn_away(w, c);
	pthread_mutex_unlock(&w->lock);
	return result;
}

static int
keep_record(struct keeper *k, struct coven_slice table, const struct coven_record *record)
{
	struct change *c = (struct change *)k;
	struct writer *w = c->writer;
	int result;

	pthread_mutex_lock(&w->lock);
	if (!w->full && !w->away && w->open &&
	    mend_put_record(w->open, table, record) == 0)
		result = join(w, c);
	else
		result = turn_away(w, c);
	pthread_mutex_unlock(&w->lock);
	return result;
}

struct change
writer_change(struct writer *w, struct seat *seat)
{
	return (struct change){ .keeper = { keep_aor, keep_record },
				.writer = w,
				.seat = seat };
}

/* -- answers go out */

/* Under the lock. */
static void
call(struct writer *w, struct seat *seat)
{
	if (!seat || atomic_exchange(&seat->called, true))
		return;
	if (coven_post(seat->box, seat->wake, NULL, NULL) == 0)
		return;
	atomic_store(&seat->called, false);
	w->untold = true;
}

static void
finish(struct writer *w, struct bundle *b, int result)
{
	atomic_store(&b->result, result);
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < BUNDLE_SEATS; i++)
		if (b->seats[i / 64] >> i % 64 & 1)
			call(w, w->seats[i]);
	pthread_mutex_unlock(&w->lock);
	bundle_done(b);
}

/* -- the thread */

static uint64_t
highest_version(const struct writer *w)
{
	uint64_t a = book_version(w->stock->book), b = shelf_version(w->stock->shelf);

	return a > b ? a : b;
}

/* Versions that have been given are not given again after a restart, also those of what
 * has gone since. */
static void
reserve(struct writer *w, struct bundle *b)
{
	static const struct coven_slice about = { "m", 1 };
	uint64_t highest = highest_version(w);
	char *at;

	if (highest + VERSIONS_AHEAD / 2 < w->reserved)
		return;
	at = bundle_add(b, about, NOTE_ABOUT_SIZE);
	if (!at)
		return;
	w->reserved = highest + VERSIONS_AHEAD;
	note_about_put(at, w->reserved);
}

/* Under the lock. */
static void
complain(struct writer *w, int rc)
{
	char text[200];

	w->failed_ms = now_ms();
	if (w->complained && w->failed_ms - w->complained_ms < COMPLAIN_MS)
		return;
	w->complained = true;
	w->complained_ms = w->failed_ms;
	snprintf(text, sizeof text, "cannot write to the disk: %s; until it can, changes %s",
		 disk_error(rc),
		 w->wish.in_memory ? "are in memory alone" : "are refused");
	say(w, COVEN_ERROR, text);
}

/* Said late, so that a disk with room for every second change does not fill the log. */
static void
relieved(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->complained && !w->full && now_ms() - w->failed_ms >= COMPLAIN_MS) {
		w->complained = false;
		say(w, COVEN_INFO, "the disk takes all changes again");
	}
	pthread_mutex_unlock(&w->lock);
}

static struct mend
mender(struct writer *w)
{
	struct mend m = { .disk = w->disk, .stock = w->stock };

	pthread_mutex_lock(&w->lock);
	m.clock = w->clock;
	pthread_mutex_unlock(&w->lock);
	return m;
}

/* From here on nothing comes in; what came in meanwhile stands on what has failed.  b
 * NULL: it was no bundle that failed. */
static void
fail(struct writer *w, struct bundle *b, int rc)
{
	struct mend m = mender(w);
	struct bundle *more;
	bool undo;

	pthread_mutex_lock(&w->lock);
	undo = !w->wish.relaxed && !w->wish.in_memory;
	w->retry_ms = now_ms();
	if (w->retry_ms - w->failed_ms < RETRY_MS)
		w->retry_ms += RETRY_MS;
	w->full = true;
	w->dirty |= !undo;
	complain(w, rc);
	more = w->open;
	w->open = bundle_new();
	pthread_mutex_unlock(&w->lock);
	if (undo && b)
		mend_undo(&m, b);
	if (undo && more)
		mend_undo(&m, more);
	if (b)
		finish(w, b, undo ? COVEN_STORE_REFUSED : COVEN_STORE_OK);
	if (more)
		finish(w, more, undo ? COVEN_STORE_REFUSED : COVEN_STORE_OK);
}

static void
write_bundle(struct writer *w, struct bundle *b)
{
	int rc;

	reserve(w, b);
	rc = disk_write(w->disk, b);
	if (rc) {
		w->reserved = 0;
		fail(w, b, rc);
	} else {
		finish(w, b, COVEN_STORE_OK);
	}
}

static void
retry(struct writer *w)
{
	uint64_t ahead = highest_version(w) + VERSIONS_AHEAD;
	int rc = disk_write_about(w->disk, ahead);

	pthread_mutex_lock(&w->lock);
	if (rc) {
		complain(w, rc);
		w->retry_ms = now_ms() + RETRY_MS;
	} else {
		w->reserved = ahead;
		w->full = false;
	}
	pthread_mutex_unlock(&w->lock);
}

static void
catch_up(struct writer *w)
{
	struct mend m = mender(w);
	int rc;

	pthread_mutex_lock(&w->lock);
	w->dirty = false;
	pthread_mutex_unlock(&w->lock);
	rc = mend_disk(&m);
	if (!rc)
		return;
	fail(w, NULL, rc);
	pthread_mutex_lock(&w->lock);
	w->dirty = true;
	w->retry_ms = now_ms() + CATCH_UP_MS;
	pthread_mutex_unlock(&w->lock);
}

/* Under the lock: how long there is nothing to do; 0: there is, -1: until called. */
static int64_t
rest(const struct writer *w)
{
	int64_t now = now_ms();

	if (w->stop || w->away)
		return 0;
	if (w->full)
		return w->retry_ms > now ? w->retry_ms - now : 0;
	if (w->dirty || !w->open)
		return w->open ? 0 : AGAIN_MS;
	if (w->open->items && w->begun_ms && now < w->begun_ms + RELAXED_MS)
		return w->begun_ms + RELAXED_MS - now;
	if (w->open->items)
		return 0;
	if (w->untold)
		return AGAIN_MS;
	return w->complained ? RETRY_MS : -1;
}

static void
sleep_for(struct writer *w, int64_t ms)
{
	struct timespec until;

	if (ms < 0) {
		pthread_cond_wait(&w->wake, &w->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&w->wake, &w->lock, &until);
}

/* Under the lock. */
static void
call_again(struct writer *w)
{
	w->untold = false;
	for (size_t i = 0; i < BUNDLE_SEATS; i++)
		call(w, w->seats[i]);
}

/* What to write; NULL: something else is to be done.  *stop: it is the last. */
static struct bundle *
wait_for_work(struct writer *w, bool *stop)
{
	struct bundle *b = NULL;
	int64_t ms;

	pthread_mutex_lock(&w->lock);
	ms = rest(w);
	if (ms != 0)
		sleep_for(w, ms);
	if (w->untold)
		call_again(w);
	*stop = w->stop;
	if (!w->open)
		w->open = bundle_new();
	if (w->open && w->open->items && !w->full && rest(w) == 0) {
		b = w->open;
		w->open = bundle_new();
	}
	pthread_mutex_unlock(&w->lock);
	return b;
}

/* When nothing is to be written: whose turn is it? */
static void
look_around(struct writer *w)
{
	bool full, dirty, theirs;

	pthread_mutex_lock(&w->lock);
	theirs = w->stop && w->away; /* what happens to the file is not our affair */
	full = !theirs && w->full && now_ms() >= w->retry_ms;
	dirty = !theirs && w->dirty && !w->full;
	pthread_mutex_unlock(&w->lock);
	if (full)
		retry(w);
	else if (dirty)
		catch_up(w);
}

/* Everything is on disk that ever will be?  Then the file is closed until it is ours
 * again.  What only memory has cannot be left behind: then we stay. */
static void
park(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->away && w->full && w->dirty) {
		w->away = false;
		pthread_cond_signal(&w->settled);
	} else if (w->away && (w->full || (!w->dirty && w->open && !w->open->items))) {
		disk_shut(w->disk);
		w->parked = true;
		pthread_cond_signal(&w->settled);
		while (w->away && !w->stop)
			pthread_cond_wait(&w->wake, &w->lock);
		w->full |= !w->stop && disk_reopen(w->disk) != 0;
		w->parked = false;
		pthread_cond_signal(&w->settled);
	}
	pthread_mutex_unlock(&w->lock);
}

int
writer_away(struct writer *w, bool away)
{
	int rc;

	pthread_mutex_lock(&w->lock);
	w->away = away && w->runs;
	pthread_cond_signal(&w->wake);
	while (w->away != w->parked)
		pthread_cond_wait(&w->settled, &w->lock);
	rc = w->away == away ? 0 : -1;
	pthread_mutex_unlock(&w->lock);
	return rc;
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	bool stop = false;

	while (!stop) {
		struct bundle *b = wait_for_work(w, &stop);

		if (b)
			write_bundle(w, b);
		look_around(w);
		relieved(w);
		park(w);
	}
	look_around(w); /* a disk that has come back in the last moment */
	return NULL;
}

/* -- its life */

struct writer *
writer_new(struct disk *disk, struct stock *stock)
{
	struct writer *w = calloc(1, sizeof *w);
	pthread_condattr_t attributes;

	if (!w)
		return NULL;
	w->disk = disk;
	w->stock = stock;
	w->open = bundle_new();
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attributes);
	pthread_cond_init(&w->settled, NULL);
	pthread_condattr_destroy(&attributes);
	return w;
}

int
writer_start(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (!w->runs)
		w->runs = pthread_create(&w->thread, NULL, run, w) == 0;
	pthread_mutex_unlock(&w->lock);
	return w->runs ? 0 : -1;
}

void
writer_free(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->runs)
		pthread_join(w->thread, NULL);
	if (w->open)
		bundle_done(w->open);
	pthread_cond_destroy(&w->wake);
	pthread_cond_destroy(&w->settled);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void
writer_wish(struct writer *w, struct writer_wish wish)
{
	pthread_mutex_lock(&w->lock);
	w->wish = wish;
	pthread_mutex_unlock(&w->lock);
}

int
writer_sit(struct writer *w, struct seat *seat)
{
	size_t i = 0;

	pthread_mutex_lock(&w->lock);
	while (i < BUNDLE_SEATS && w->seats[i])
		i++;
	if (i < BUNDLE_SEATS) {
		seat->number = (unsigned)i;
		w->seats[i] = seat;
	}
	pthread_mutex_unlock(&w->lock);
	return i < BUNDLE_SEATS ? 0 : -1;
}

void
writer_rise(struct writer *w, struct seat *seat)
{
	pthread_mutex_lock(&w->lock);
	w->seats[seat->number] = NULL;
	pthread_mutex_unlock(&w->lock);
}

void
writer_clock(struct writer *w, struct binding_clock clock)
{
	pthread_mutex_lock(&w->lock);
	w->clock = clock;
	pthread_mutex_unlock(&w->lock);
}
