/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set-associative table of sources that never grows: of a full set the one goes that is
 * not banned and has been quiet for longest, else whose ban ends first; never one that was
 * banned by hand. */
#include "bans.h"
#include "key.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define POINT 1000 /* parts of a point */
#define BANS_SOURCES ((size_t)BANS_SETS * BANS_WAYS)

/* The word that packets look at: who, how, and the second in which the ban ends. */
#define GATE_TIME_BITS 28
#define GATE_TIME (((uint64_t)1 << GATE_TIME_BITS) - 1)
#define GATE_BY_HAND ((uint64_t)1 << GATE_TIME_BITS)
#define GATE_WHO_SHIFT (GATE_TIME_BITS + 1)

struct offender {
	uint64_t source; /* as in key.h; valid if there is an address */
	struct coven_address address;
	int64_t seen_ms, until_ms; /* last fault; end of its ban, 0: never had one */
	int64_t points; /* in parts */
	uint32_t strikes;
	uint8_t cause;
};

struct banned_range {
	struct range range;
	int64_t until_ms;
};

/* The same for packets: 128 bits each, IPv4 addresses as those of IPv6 that stand for
 * them. until: 0, it is free. */
struct range_gate {
	_Atomic uint64_t net[2], mask[2];
	_Atomic int64_t until_ms;
};

struct bans {
	pthread_mutex_t lock; /* not for the gates */
	_Atomic int64_t until_ms; /* the latest end of any ban: mostly it is over */
	_Atomic unsigned ranges_used; /* none behind */
	struct range_gate range_gates[BANS_RANGES];
	_Atomic uint64_t gates[BANS_SETS][BANS_WAYS];
	struct offender offenders[BANS_SETS][BANS_WAYS];
	struct banned_range ranges[BANS_RANGES];
};

const char *
bans_why(enum bans_cause cause)
{
	static const char *const why[BANS_CAUSES] = {
		[BANS_WRONG_PASSWORDS] = "wrong passwords",
		[BANS_MALFORMED] = "malformed messages",
		[BANS_SCANNING] = "scanning",
		[BANS_TOO_MUCH] = "too many messages",
		[BANS_BY_HAND] = "by hand",
	};

	return why[cause];
}

struct bans *
bans_new(void)
{
	struct bans *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

void
bans_free(struct bans *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* -- what packets ask */

bool
bans_any(const struct bans *b, int64_t now_ms)
{
	return now_ms < atomic_load_explicit(&b->until_ms, memory_order_relaxed);
}

static void
halves(const struct coven_address *a, uint64_t half[2])
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };

	if (a->family == 4)
		memcpy(ip + 12, a->ip, 4);
	else
		memcpy(ip, a->ip, sizeof ip);
	memcpy(half, ip, sizeof ip);
}

static bool
in_banned_range(const struct bans *b, const struct coven_address *from, int64_t now_ms)
{
	unsigned count = atomic_load_explicit(&b->ranges_used, memory_order_acquire);
	uint64_t half[2];

	halves(from, half);
	for (unsigned i = 0; i < count; i++) {
		const struct range_gate *g = &b->range_gates[i];
		uint64_t differs = 0;

		if (atomic_load_explicit(&g->until_ms, memory_order_acquire) <= now_ms)
			continue;
		for (unsigned h = 0; h < 2; h++)
			differs |= (half[h] ^ atomic_load_explicit(&g->net[h],
								   memory_order_relaxed)) &
				   atomic_load_explicit(&g->mask[h], memory_order_relaxed);
		if (!differs)
			return true;
	}
	return false;
}

enum bans_verdict
bans_look(const struct bans *b, uint64_t source, const struct coven_address *from,
	  int64_t now_ms)
{
	const _Atomic uint64_t *gates = b->gates[source % BANS_SETS];
	uint64_t now = (uint64_t)now_ms / 1000;

	for (unsigned i = 0; i < BANS_WAYS; i++) {
		uint64_t gate = atomic_load_explicit(&gates[i], memory_order_relaxed);

		if (gate >> GATE_WHO_SHIFT == source >> GATE_WHO_SHIFT &&
		    (gate & GATE_TIME) > now)
			return gate & GATE_BY_HAND ? BANS_BANNED_BY_HAND : BANS_BANNED;
	}
	return in_banned_range(b, from, now_ms) ? BANS_BANNED_BY_HAND : BANS_FREE;
}

/* -- offenders */

static bool
forgotten(const struct offender *o, int64_t now_ms)
{
	int64_t since = o->seen_ms > o->until_ms ? o->seen_ms : o->until_ms;

	return o->address.family == 0 || now_ms - since >= BANS_FORGET_MS;
}

static bool
is_banned(const struct offender *o, int64_t now_ms)
{
	return o->address.family != 0 && o->until_ms > now_ms;
}

static struct offender *
find(struct bans *b, uint64_t source, int64_t now_ms)
{
	struct offender *set = b->offenders[source % BANS_SETS];

	for (unsigned i = 0; i < BANS_WAYS; i++)
		if (set[i].source == source && !forgotten(&set[i], now_ms))
			return &set[i];
	return NULL;
}

/* The higher, the longer it stays. */
static int
rank(const struct offender *o, int64_t now_ms)
{
	if (forgotten(o, now_ms))
		return 0;
	if (!is_banned(o, now_ms))
		return 1;
	return o->cause == BANS_BY_HAND ? 3 : 2;
}

static bool
goes_first(const struct offender *a, const struct offender *b, int64_t now_ms)
{
	int a_rank = rank(a, now_ms), b_rank = rank(b, now_ms);

	if (a_rank != b_rank)
		return a_rank < b_rank;
	return a_rank == 1 ? a->seen_ms < b->seen_ms : a->until_ms < b->until_ms;
}

static _Atomic uint64_t *
gate_of(struct bans *b, const struct offender *o)
{
	size_t index = (size_t)(o - &b->offenders[0][0]);

	return &b->gates[index / BANS_WAYS][index % BANS_WAYS];
}

/* NULL: all were banned by hand. */
static struct offender *
make(struct bans *b, uint64_t source, const struct coven_address *a, int64_t now_ms)
{
	struct offender *set = b->offenders[source % BANS_SETS], *place = set;

	for (unsigned i = 0; i < BANS_WAYS; i++) {
		if (set[i].source == source && forgotten(&set[i], now_ms)) {
			place = &set[i];
			break;
		}
		if (goes_first(&set[i], place, now_ms))
			place = &set[i];
	}
	if (rank(place, now_ms) == 3)
		return NULL;
	*place = (struct offender){ .source = source, .address = *a };
	atomic_store_explicit(gate_of(b, place), 0, memory_order_relaxed);
	return place;
}

static struct offender *
find_or_make(struct bans *b, uint64_t source, const struct coven_address *a, int64_t now_ms)
{
	struct offender *o = find(b, source, now_ms);

	return o ? o : make(b, source, a, now_ms);
}

/* Under the lock. */
static void
raise_to(struct bans *b, int64_t until_ms)
{
	if (until_ms > atomic_load_explicit(&b->until_ms, memory_order_relaxed))
		atomic_store_explicit(&b->until_ms, until_ms, memory_order_relaxed);
}

static void
shut(struct bans *b, struct offender *o, int64_t ms, int64_t now_ms)
{
	uint64_t second;

	o->until_ms = now_ms + ms;
	second = (uint64_t)(o->until_ms + 999) / 1000;
	atomic_store_explicit(gate_of(b, o),
			      o->source >> GATE_WHO_SHIFT << GATE_WHO_SHIFT |
				      (o->cause == BANS_BY_HAND ? GATE_BY_HAND : 0) |
				      (second < GATE_TIME ? second : GATE_TIME),
			      memory_order_relaxed);
	raise_to(b, o->until_ms);
}

/* Each time twice as long as the time before. */
static int64_t
ban_ms(const struct bans_rule *rule, uint32_t strikes)
{
	int64_t ms = rule->first_ms;

	while (strikes-- > 0 && ms < rule->most_ms)
		ms *= 2;
	return ms < rule->most_ms ? ms : rule->most_ms;
}

/* Are these too many points? */
static bool
count(struct offender *o, int64_t points, const struct bans_rule *rule, int64_t now_ms)
{
	int64_t passed = now_ms - o->seen_ms;

	if (passed >= rule->decay_ms)
		o->points = 0;
	else
		o->points -= passed * rule->limit * POINT / rule->decay_ms;
	if (o->points < 0)
		o->points = 0;
	o->points += points * POINT;
	o->seen_ms = now_ms;
	return o->points >= rule->limit * POINT;
}

int64_t
bans_fault(struct bans *b, uint64_t source, const struct coven_address *from,
	   enum bans_cause cause, int64_t points, const struct bans_rule *rule,
	   int64_t now_ms)
{
	struct offender *o;
	int64_t ms = 0;

	if (points <= 0)
		return 0;
	pthread_mutex_lock(&b->lock);
	o = find_or_make(b, source, from, now_ms);
	if (o && !is_banned(o, now_ms) && count(o, points, rule, now_ms)) {
		ms = ban_ms(rule, o->strikes++);
		o->points = 0;
		o->cause = (uint8_t)cause;
		o->address = *from;
		shut(b, o, ms, now_ms);
	}
	pthread_mutex_unlock(&b->lock);
	return ms;
}

/* -- by hand */

int
bans_add(struct bans *b, uint64_t source, const struct range *r, int64_t ms,
	 int64_t now_ms)
{
	struct offender *o;

	pthread_mutex_lock(&b->lock);
	o = find_or_make(b, source, &r->address, now_ms);
	if (o) {
		o->cause = BANS_BY_HAND;
		o->seen_ms = now_ms;
		shut(b, o, ms, now_ms);
	}
	pthread_mutex_unlock(&b->lock);
	return o ? 0 : -1;
}

bool
bans_remove(struct bans *b, uint64_t source, int64_t now_ms)
{
	struct offender *o;
	bool was;

	pthread_mutex_lock(&b->lock);
	o = find(b, source, now_ms);
	was = o && is_banned(o, now_ms);
	if (o) {
		atomic_store_explicit(gate_of(b, o), 0, memory_order_relaxed);
		*o = (struct offender){ .source = 0 };
	}
	pthread_mutex_unlock(&b->lock);
	return was;
}

static bool
same_range(const struct range *a, const struct range *b)
{
	return a->bits == b->bits && a->address.family == b->address.family &&
	       memcmp(a->address.ip, b->address.ip, sizeof a->address.ip) == 0;
}

/* Its place, or a free one; BANS_RANGES: neither is there. */
static unsigned
range_place(const struct bans *b, const struct range *r, int64_t now_ms, bool or_free)
{
	unsigned free_one = BANS_RANGES;

	for (unsigned i = 0; i < BANS_RANGES; i++) {
		if (b->ranges[i].until_ms <= now_ms)
			free_one = free_one < i ? free_one : i;
		else if (same_range(&b->ranges[i].range, r))
			return i;
	}
	return or_free ? free_one : BANS_RANGES;
}

static void
set_range_gate(struct range_gate *g, const struct range *r, int64_t until_ms)
{
	struct coven_address mask = { .family = 6 };
	uint64_t net[2], bits[2];
	unsigned count = r->bits + (r->address.family == 4 ? 96 : 0);

	memset(mask.ip, 0xff, sizeof mask.ip);
	mask = range_of(&mask, count).address;
	halves(&r->address, net);
	halves(&mask, bits);
	atomic_store_explicit(&g->until_ms, 0, memory_order_release);
	for (unsigned h = 0; h < 2; h++) {
		atomic_store_explicit(&g->net[h], net[h], memory_order_relaxed);
		atomic_store_explicit(&g->mask[h], bits[h], memory_order_relaxed);
	}
	atomic_store_explicit(&g->until_ms, until_ms, memory_order_release);
}

int
bans_add_range(struct bans *b, const struct range *r, int64_t ms, int64_t now_ms)
{
	unsigned i;

	pthread_mutex_lock(&b->lock);
	i = range_place(b, r, now_ms, true);
	if (i < BANS_RANGES) {
		b->ranges[i] = (struct banned_range){ *r, now_ms + ms };
		set_range_gate(&b->range_gates[i], r, now_ms + ms);
		if (i >= atomic_load_explicit(&b->ranges_used, memory_order_relaxed))
			atomic_store_explicit(&b->ranges_used, i + 1,
					      memory_order_release);
		raise_to(b, now_ms + ms);
	}
	pthread_mutex_unlock(&b->lock);
	return i < BANS_RANGES ? 0 : -1;
}

bool
bans_remove_range(struct bans *b, const struct range *r, int64_t now_ms)
{
	unsigned i;

	pthread_mutex_lock(&b->lock);
	i = range_place(b, r, now_ms, false);
	if (i < BANS_RANGES) {
		b->ranges[i].until_ms = 0;
		atomic_store_explicit(&b->range_gates[i].until_ms, 0,
				      memory_order_release);
	}
	pthread_mutex_unlock(&b->lock);
	return i < BANS_RANGES;
}

/* -- the list */

static bool
record_at(const struct bans *b, size_t index, int64_t now_ms, struct bans_record *record)
{
	const struct offender *o;

	if (index >= BANS_SOURCES) {
		const struct banned_range *r = &b->ranges[index - BANS_SOURCES];

		*record = (struct bans_record){ r->range, r->until_ms - now_ms,
						BANS_BY_HAND, 0 };
		return r->until_ms > now_ms;
	}
	o = &b->offenders[index / BANS_WAYS][index % BANS_WAYS];
	if (!is_banned(o, now_ms))
		return false;
	*record = (struct bans_record){ range_of(&o->address, key_bits(&o->address)),
					o->until_ms - now_ms, (enum bans_cause)o->cause,
					o->strikes };
	return true;
}

bool
bans_next(struct bans *b, size_t *cursor, int64_t now_ms, struct bans_record *record)
{
	bool found = false;

	pthread_mutex_lock(&b->lock);
	while (!found && *cursor < BANS_SOURCES + BANS_RANGES)
		found = record_at(b, (*cursor)++, now_ms, record);
	pthread_mutex_unlock(&b->lock);
	return found;
}
