/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookout: who looks on while the server works, `covenctl events` and `covenctl trace`: the list of viewers, and the
 * way of rows from any worker to worker 0, where they are written.  All is bounded: what finds no room is counted, and
 * the viewer is told how much he has missed.  While nobody looks, each event and each message costs one branch. */
#ifndef HOST_LOOKOUT_H
#define HOST_LOOKOUT_H

#include "base/list.h"
#include <coven/plugin.h>
#include <pthread.h>
#include <stdatomic.h>

#define LOOKOUT_VIEWERS_MAX 16
#define LOOKOUT_BYTES_MAX (1u << 20)     /* rows that a viewer has not taken */
#define LOOKOUT_ON_THE_WAY (8u << 20)    /* bytes on the way to worker 0; a letter counts as */
#define LOOKOUT_LETTER_LEAST 1024        /* ... this at least */

struct host;
struct host_shared;

struct lookout { /* in host_shared */
	_Atomic unsigned events, messages; /* viewers of each */
	_Atomic size_t on_the_way;
	pthread_mutex_t lock;              /* viewers: changed on worker 0, read by all */
	struct list viewers;
	unsigned count;
	uint64_t last;                     /* number of the newest */
};

struct viewer {
	struct list link;
	struct host_shared *all;
	struct coven_out *out;
	bool messages;        /* else events */
	uint64_t number;      /* never given twice */
	_Atomic uint64_t lost;
	const struct viewer_kind *kind;
};

struct viewer_kind {
	void (*free)(struct viewer *v); /* gives its memory back */
};

void lookout_init(struct lookout *l);

/* -- worker 0.  v is the caller's memory until viewer_begin() has given 0, which makes an endless answer of out. */
int viewer_begin(struct viewer *v, struct host_shared *all, struct coven_out *out);
/* Begins a row, unless the viewer is too slow: false, and it is counted. */
bool viewer_row(struct viewer *v);
void viewer_rows_end(struct viewer *v); /* what was written is to leave */

/* -- letters from any worker */
struct lookout_letter {
	struct host_shared *all;
	size_t counts; /* bytes it counts as */
	unsigned count;
	uint64_t to[LOOKOUT_VIEWERS_MAX];
	void (*show)(struct lookout_letter *l, struct viewer *v); /* worker 0, for each viewer that is still there */
};

/* A letter of this size, zeroed, to all viewers that `wants` says; NULL: to none, or no room. */
struct lookout_letter *lookout_letter(struct host_shared *all, size_t size, bool messages,
                                      bool (*wants)(const struct viewer *v, const void *arg), const void *arg);
void lookout_send(struct lookout_letter *l); /* takes it */

static inline bool
lookout_wanted(const _Atomic unsigned *viewers)
{
	return __builtin_expect(atomic_load_explicit(viewers, memory_order_relaxed) != 0, 0);
}

#endif
