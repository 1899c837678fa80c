/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shared: what all workers have in common, and what outlives a reload. */
#ifndef GUARD_SHARED_H
#define GUARD_SHARED_H

#include "key.h"
#include "known.h"
#include "rule.h"

#define SHARED_SOURCE_BITS 17 /* 128 Ki sources, 1 MiB */
#define SHARED_PREFIX_BITS 15 /* 32 Ki prefixes, 256 KiB */
#define SHARED_LINES 10 /* in the log, a second and cause */
#define SHARED_TELL_MS 10000 /* between two lines on what was dropped, a worker */

/* Counted: the use of the plugin that a reload brings takes over that of the use before. */
struct tables {
	_Atomic unsigned uses;
	struct key key;
	struct meter *sources, *prefixes;
	struct known *known;
	struct bans *bans;
	struct lines {
		_Atomic int64_t second;
		_Atomic unsigned count;
	} lines[BANS_CAUSES];
};

struct shared {
	struct rule rule;
	struct tables *tables;
};

struct desk;

/* One worker's own. */
struct worker {
	struct allowance total; /* its part of it */
	_Atomic uint64_t full;
	uint64_t dropped; /* not told yet */
	int64_t told_ms; /* 0: never */
	struct desk *desk;
};

/* As in struct coven_plugin. */
int shared_open(struct coven_instance *in);
void shared_close(struct coven_instance *in);
enum coven_verdict shared_start(struct coven_instance *in);
void shared_stop(struct coven_instance *in);

/* Not too many lines of one cause? */
bool shared_may_log(struct coven_instance *in, enum bans_cause cause);

#endif
