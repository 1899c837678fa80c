/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load: how full the rooms of one worker are, and whether it still takes new work: no longer when one of them is filled to
 * four fifths, until all are well below that again.  What has begun goes on in the fifth that is left. */
#ifndef TX_LOAD_H
#define TX_LOAD_H

#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_HIGH 80 /* per cent of a room: no new work from here on, */
#define LOAD_SLOW 78 /* until a room that empties by timers is down to this, */
#define LOAD_LOW 50  /* and one that empties as fast as we work, to this */
#define LOAD_LAG_MAX 500 /* ms that a message may be old when its turn comes: T1, or all would come twice */
#define LOAD_PASS_MS 500 /* a measure of it is worth nothing after that */
#define LOAD_RETRY_MAX 30 /* seconds of Retry-After, at random from 1 on: not all are to come back at once */

enum load_room {
	LOAD_SERVERS, /* transactions, see tx.h */
	LOAD_CLIENTS,
	LOAD_MEMORY,  /* bytes of requests */
	LOAD_PARKED,  /* requests that wait for a plugin */
	LOAD_LETTERS, /* from other workers */
	LOAD_PASSING, /* ms: the age of what comes from them */
	LOAD_SOCKET,  /* per mille of a socket's buffer */
	LOAD_LAG,     /* ms: the age of datagrams */
	LOAD_ROOMS
};

struct load {
	struct { size_t high, low; } at[LOAD_ROOMS];
	size_t used[LOAD_ROOMS];
	int64_t passed_at; /* when LOAD_PASSING was measured */
	bool high;
	struct log_cause told;
};

void load_init(struct load *l);
void load_limit(struct load *l, enum load_room room, size_t max);
/* A message has come from another worker, who sent it then. */
static inline void
load_pass(struct load *l, int64_t now, int64_t sent)
{
	l->used[LOAD_PASSING] = now > sent ? (size_t)(now - sent) : 0;
	l->passed_at = now;
}

/* Is it too much, with l->used as it is? */
bool load_is_high(struct load *l);

#endif
