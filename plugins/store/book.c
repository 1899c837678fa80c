/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All AoRs with their bindings: shards of a hash table whose buckets follow the order of
 * the hashes. */
#include "book.h"
#include "shard.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct book {
	uint64_t seed[2];
	_Atomic uint64_t version; /* the last given; whoever comes back goes on here */
	struct shard shards[BOOK_SHARDS];
};

struct book *
book_new(const uint64_t seed[2])
{
	struct book *b = calloc(1, sizeof *b);
	size_t made = 0;

	if (!b)
		return NULL;
	b->seed[0] = seed[0];
	b->seed[1] = seed[1] | 1;
	while (made < BOOK_SHARDS && shard_open(&b->shards[made]) == 0)
		made++;
	if (made == BOOK_SHARDS)
		return b;
	while (made--)
		shard_close(&b->shards[made]);
	free(b);
	return NULL;
}

void
book_free(struct book *b)
{
	for (size_t i = 0; i < BOOK_SHARDS; i++)
		shard_close(&b->shards[i]);
	free(b);
}

/* Eight bytes at a time, crossed and multiplied by secrets: strangers cannot aim at one
 * bucket. */
static uint64_t
hash(const struct book *b, struct coven_slice text)
{
	uint64_t h = b->seed[0] ^ text.length, word;
	size_t left = text.length;
	const char *at = text.at;

	while (left) {
		size_t step = left < sizeof word ? left : sizeof word;

		word = 0;
		memcpy(&word, at, step);
		h = (h ^ word) * b->seed[1];
		h ^= h >> 29;
		h *= UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
		at += step;
		left -= step;
	}
	return h;
}

static struct shard *
shard_of(struct book *b, uint64_t h)
{
	return &b->shards[h >> (64 - BOOK_SHARD_BITS)];
}

static uint64_t
next_version(struct book *b)
{
	return atomic_fetch_add(&b->version, 1) + 1;
}

/* The keeper is asked before anything has changed, and last: after it nothing can fail. */
static int
commit(struct book *b, struct shard *s, struct keeper *keep, struct draft *d,
       struct coven_slice aor, uint64_t h, struct entry **entry)
{
	bool fresh = !d->from;
	struct entry *e = fresh ? shard_add(s, aor, h) : d->from;
	uint64_t version = next_version(b);
	int result = e ? COVEN_STORE_OK : COVEN_STORE_DOWN;

	if (e && keep)
		result = keep->aor(keep, d->clock, aor, version, d->list, d->count);
	if (result != COVEN_STORE_OK) {
		draft_drop(d);
		if (e && fresh)
			shard_remove(s, e);
		return result;
	}
	s->bindings -= e->count;
	draft_keep(d, e, &s->due);
	s->bindings += e->count;
	e->version = version;
	*entry = e;
	return COVEN_STORE_OK;
}

static void
show_nothing(struct coven_bindings *shown, struct coven_slice aor, uint64_t version)
{
	*shown = (struct coven_bindings){ .size = sizeof *shown,
					  .version = version,
					  .aor = aor,
					  .stride = sizeof(struct coven_binding) };
}

int
book_update(struct book *b, struct keeper *keep, struct binding_clock clock,
	    struct coven_slice aor, const struct coven_change *changes, size_t count,
	    const struct coven_limits *limits, struct copy *copy,
	    struct coven_bindings *shown)
{
	uint64_t h = hash(b, aor);
	struct shard *s = shard_of(b, h);
	struct entry *e;
	struct draft d;
	int result;

	show_nothing(shown, aor, 0);
	pthread_mutex_lock(&s->lock);
	e = shard_find(s, aor, h);
	result = draft_make(&d, e, clock, changes, count, limits);
	if (result == COVEN_STORE_OK && (count == 0 || (!e && d.count == 0)))
		draft_drop(&d);
	else if (result == COVEN_STORE_OK)
		result = commit(b, s, keep, &d, aor, h, &e);
	if (e && entry_show(e, clock, copy, shown) != 0) {
		/* what was changed stays changed: "perhaps stored" */
		show_nothing(shown, aor, e->version);
		result = COVEN_STORE_DOWN;
	}
	if (e && e->count == 0)
		shard_remove(s, e);
	pthread_mutex_unlock(&s->lock);
	return result;
}

int
book_find(struct book *b, struct binding_clock clock, struct coven_slice aor,
	  struct copy *copy, struct coven_bindings *shown)
{
	uint64_t h = hash(b, aor);
	struct shard *s = shard_of(b, h);
	int result = COVEN_STORE_OK;
	struct entry *e;

	show_nothing(shown, aor, 0);
	pthread_mutex_lock(&s->lock);
	e = shard_find(s, aor, h);
	if (e && entry_show(e, clock, copy, shown) != 0)
		result = COVEN_STORE_DOWN;
	pthread_mutex_unlock(&s->lock);
	if (result != COVEN_STORE_OK)
		show_nothing(shown, aor, 0);
	else if (shown->count == 0)
		result = COVEN_STORE_NONE;
	return result;
}

static uint64_t
cursor_hash(struct coven_slice cursor)
{
	uint64_t h = 0;

	for (size_t i = 0; i < BOOK_CURSOR_HEX; i++) {
		char c = cursor.at[i];

		h = h << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return h;
}

static struct coven_slice
cursor_make(struct copy *copy, const struct entry *e)
{
	static const char digits[] = "0123456789abcdef";
	char *room = copy_room(copy, BOOK_CURSOR_HEX + e->aor_length);

	if (!room)
		return (struct coven_slice){ NULL, 0 };
	for (size_t i = 0; i < BOOK_CURSOR_HEX; i++)
		room[i] = digits[e->hash >> (60 - 4 * i) & 15];
	memcpy(room + BOOK_CURSOR_HEX, e->aor, e->aor_length);
	return (struct coven_slice){ room, BOOK_CURSOR_HEX + e->aor_length };
}

/* From the entry after (*h, aor) on; -1: no memory. */
static int
scan_shard(struct shard *s, struct binding_clock clock, uint64_t h,
	   struct coven_slice aor, size_t at_most, struct copy *copy,
	   struct book_page *page)
{
	struct entry *e = shard_after(s, h, aor);

	for (; e && page->count < at_most; e = shard_after(s, e->hash, entry_aor(e))) {
		struct coven_bindings *list = &page->lists[page->count];

		if (entry_show(e, clock, copy, list) != 0)
			return -1;
		if (list->count)
			page->count++;
		if (page->count == at_most) {
			page->cursor = cursor_make(copy, e);
			return page->cursor.at ? 0 : -1;
		}
	}
	return 0;
}

int
book_scan(struct book *b, struct binding_clock clock, struct coven_slice cursor,
	  size_t at_most, struct copy *copy, struct book_page *page)
{
	bool goes_on = cursor.length >= BOOK_CURSOR_HEX;
	uint64_t h = goes_on ? cursor_hash(cursor) : 0;
	struct coven_slice aor = { "", 0 };
	int failed = 0;

	if (goes_on)
		aor = (struct coven_slice){ cursor.at + BOOK_CURSOR_HEX,
					    cursor.length - BOOK_CURSOR_HEX };
	*page = (struct book_page){ .lists = copy_room(copy,
						       at_most * sizeof page->lists[0]) };
	if (!page->lists)
		return COVEN_STORE_DOWN;
	for (uint64_t i = h >> (64 - BOOK_SHARD_BITS); i < BOOK_SHARDS && !failed; i++) {
		struct shard *s = &b->shards[i];

		pthread_mutex_lock(&s->lock);
		failed = scan_shard(s, clock, h, aor, at_most, copy, page);
		pthread_mutex_unlock(&s->lock);
		if (page->cursor.at)
			break;
		h = (uint64_t)(i + 1) << (64 - BOOK_SHARD_BITS);
		aor.length = 0;
	}
	return failed ? COVEN_STORE_DOWN : COVEN_STORE_OK;
}

struct expiry {
	struct book *book;
	struct keeper *keep;
	struct binding_clock clock;
	book_notice_fn *notice;
	void *arg;
};

static void
expire_entry(struct expiry *x, struct shard *s, struct entry *e)
{
	s->bindings -= entry_sweep(e, x->clock.now_ms);
	e->version = next_version(x->book);
	if (x->keep)
		x->keep->aor(x->keep, x->clock, entry_aor(e), e->version, e->bindings,
			     e->count);
	if (x->notice)
		x->notice(x->arg, entry_aor(e), e->count);
	if (e->count == 0)
		shard_remove(s, e);
}

static void
expire_shard(struct expiry *x, struct shard *s)
{
	struct due_link *ended = due_take(&s->due, x->clock.now_ms);

	/* an entry is swept whole: its other ended bindings leave the list, too */
	for (struct due_link *l = ended, *before = NULL; l; before = l, l = l->next)
		l->back = before ? &before->next : &ended;
	while (ended)
		expire_entry(x, s, ((struct binding *)ended)->of);
}

void
book_expire(struct book *b, struct keeper *keep, struct binding_clock clock,
	    book_notice_fn *notice, void *arg)
{
	struct expiry x = { b, keep, clock, notice, arg };

	for (size_t i = 0; i < BOOK_SHARDS; i++) {
		pthread_mutex_lock(&b->shards[i].lock);
		expire_shard(&x, &b->shards[i]);
		pthread_mutex_unlock(&b->shards[i].lock);
	}
}

/* A draft of what came back, without the rules of an update: they were kept when it was
 * made. */
static int
redraft(struct draft *d, struct binding_clock clock, const struct coven_bindings *list)
{
	*d = (struct draft){ .clock = clock };
	d->list = calloc(list->count + 1, sizeof d->list[0]);
	if (!d->list)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		const struct coven_binding *from = coven_binding_at(list, i);

		if (from->expires_ms <= clock.wall_ms)
			continue;
		d->list[d->count] = binding_new(from, clock);
		if (!d->list[d->count]) {
			draft_drop(d);
			return -1;
		}
		d->count++;
	}
	return 0;
}

int
book_restore(struct book *b, struct binding_clock clock,
	     const struct coven_bindings *list)
{
	uint64_t h = hash(b, list->aor);
	struct shard *s = shard_of(b, h);
	struct entry *e;
	struct draft d;
	int failed = redraft(&d, clock, list);

	book_raise(b, list->version);
	pthread_mutex_lock(&s->lock);
	e = shard_find(s, list->aor, h);
	if (!e && !failed && d.count) {
		e = shard_add(s, list->aor, h);
		failed = e ? 0 : -1;
		if (failed)
			draft_drop(&d);
	}
	if (e && !failed) {
		s->bindings -= e->count;
		draft_keep(&d, e, &s->due);
		s->bindings += e->count;
		e->version = list->version;
	} else if (!e && !failed) {
		draft_drop(&d);
	}
	if (e && (failed || e->count == 0))
		shard_remove(s, e);
	pthread_mutex_unlock(&s->lock);
	return failed;
}

void
book_walk(struct book *b, unsigned shard, book_walk_fn *fn, void *arg)
{
	struct shard *s = &b->shards[shard];
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	for (e = shard_after(s, 0, (struct coven_slice){ "", 0 }); e;
	     e = shard_after(s, e->hash, entry_aor(e)))
		fn(arg, e);
	pthread_mutex_unlock(&s->lock);
}

void
book_look(struct book *b, struct coven_slice aor, book_walk_fn *fn, void *arg)
{
	uint64_t h = hash(b, aor);
	struct shard *s = shard_of(b, h);

	pthread_mutex_lock(&s->lock);
	fn(arg, shard_find(s, aor, h));
	pthread_mutex_unlock(&s->lock);
}

static void
shift_entry(struct shard *s, struct entry *e, int64_t ms)
{
	for (size_t i = 0; i < e->count; i++) {
		struct binding *one = e->bindings[i];

		due_remove(&one->due);
		one->until_ms += ms;
		due_add(&s->due, &one->due, one->until_ms);
	}
}

void
book_shift(struct book *b, int64_t ms)
{
	for (size_t i = 0; i < BOOK_SHARDS; i++) {
		struct shard *s = &b->shards[i];
		struct entry *e;

		pthread_mutex_lock(&s->lock);
		for (e = shard_after(s, 0, (struct coven_slice){ "", 0 }); e;
		     e = shard_after(s, e->hash, entry_aor(e)))
			shift_entry(s, e, ms);
		pthread_mutex_unlock(&s->lock);
	}
}

uint64_t
book_version(struct book *b)
{
	return atomic_load(&b->version);
}

void
book_raise(struct book *b, uint64_t version)
{
	uint64_t had = atomic_load(&b->version);

	while (had < version &&
	       !atomic_compare_exchange_weak(&b->version, &had, version))
		;
}

struct book_size
book_count(struct book *b)
{
	struct book_size size = { 0, 0 };

	for (size_t i = 0; i < BOOK_SHARDS; i++) {
		struct shard *s = &b->shards[i];

		pthread_mutex_lock(&s->lock);
		size.aors += s->entries;
		size.bindings += s->bindings;
		pthread_mutex_unlock(&s->lock);
	}
	return size;
}
