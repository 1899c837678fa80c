/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bans: who misbehaves, and who is kept out for that, until when.
 *
 * Each fault of a source is worth points; these go away with time. Who has too many is
 * banned, each time for twice as long as the time before; after a day without a fault, and
 * without a ban, all is forgotten. Bans by hand may be for any range of addresses.
 *
 * Tables of fixed size for all workers, 2.3 MiB. What a packet asks, bans_look(), needs no
 * lock: beside each source there stands one word with the end of its ban. */
#ifndef GUARD_BANS_H
#define GUARD_BANS_H

#include "range.h"

#define BANS_SETS 4096 /* of BANS_WAYS sources: 32 Ki in all */
#define BANS_WAYS 8
#define BANS_RANGES 64 /* other than sources */
#define BANS_FORGET_MS INT64_C(86400000)
#define BANS_LONGEST_MS (INT64_C(3650) * 86400000) /* ten years */

enum bans_cause {
	BANS_WRONG_PASSWORDS,
	BANS_MALFORMED,
	BANS_SCANNING,
	BANS_TOO_MUCH,
	BANS_BY_HAND,
	BANS_CAUSES
};
const char *bans_why(enum bans_cause cause); /* "wrong passwords" */

struct bans_rule {
	int64_t limit;    /* points */
	int64_t decay_ms; /* so many of them are gone after this time */
	int64_t first_ms, most_ms;
};

struct bans;
struct bans *bans_new(void); /* NULL: no memory */
void bans_free(struct bans *b);

/* Is anybody banned at all? Mostly not, and then nothing else needs to be asked. */
bool bans_any(const struct bans *b, int64_t now_ms);
enum bans_verdict { BANS_FREE, BANS_BANNED, BANS_BANNED_BY_HAND };
enum bans_verdict bans_look(const struct bans *b, uint64_t source,
			    const struct coven_address *from, int64_t now_ms);

/* A fault. How long, in ms, the source is banned from now on; 0: it is not, or was
 * already. */
int64_t bans_fault(struct bans *b, uint64_t source, const struct coven_address *from,
		   enum bans_cause cause, int64_t points, const struct bans_rule *rule,
		   int64_t now_ms);

/* By hand: a source (bits as in key.h), or any other range. -1: there is no room. */
int bans_add(struct bans *b, uint64_t source, const struct range *r, int64_t ms,
	     int64_t now_ms);
int bans_add_range(struct bans *b, const struct range *r, int64_t ms, int64_t now_ms);
/* No longer, and its faults are forgiven. false: it was not banned. */
bool bans_remove(struct bans *b, uint64_t source, int64_t now_ms);
bool bans_remove_range(struct bans *b, const struct range *r, int64_t now_ms);

struct bans_record {
	struct range range;
	int64_t left_ms;
	enum bans_cause cause;
	unsigned times; /* banned so often; 0: by hand */
};
/* The next one from *cursor, which begins with 0. false: there is none. */
bool bans_next(struct bans *b, size_t *cursor, int64_t now_ms,
	       struct bans_record *record);

#endif
