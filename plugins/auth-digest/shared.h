/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shared: the options, and what lives as long as the plugin is in use. */
#ifndef AUTH_DIGEST_SHARED_H
#define AUTH_DIGEST_SHARED_H

#include "guess.h"
#include "memo.h"
#include "nonce.h"
#include "window.h"

#include <coven/digest.h>
#include <coven/plugin.h>

#define SHARED_ALGORITHMS 2
#define SHARED_ASKS 50     /* of unknown AoRs, a worker: each one makes a transaction */
#define SHARED_LINES 10    /* in the log, a worker */
#define SHARED_DUMMY 64 /* as long as a SHA-256 in hex; an MD5 is the first half */

struct shared_options {
	struct coven_rows algorithms;
	int64_t lifetime;
	bool calls;
	int64_t guesses, guess_window, guess_penalty;
};

/* For all workers; each part that changes has its own locks. */
struct shared {
	uint32_t algorithms[SHARED_ALGORITHMS];
	size_t count;
	struct nonce_keys *keys;
	struct window *window;
	struct memo *devices, *offers;
	struct guess *guess;
	char dummy[SHARED_DUMMY]; /* the hash of whoever does not exist */
};

/* One worker's own. */
struct worker {
	struct nonce_maker *maker;
	int64_t second;
	unsigned asked, logged; /* in this second */
};

/* Is this hash (enum coven_hash) one of the configured? */
bool shared_offers(const struct shared *all, uint32_t hash);

/* Against strangers who ask for very much: a number of look-ups, and of log lines, a
 * second. */
bool shared_may_ask(struct coven_instance *in);
bool shared_may_log(struct coven_instance *in);

/* As in struct coven_plugin. */
int shared_open(struct coven_instance *in);
void shared_close(struct coven_instance *in);
enum coven_verdict shared_start(struct coven_instance *in);
void shared_stop(struct coven_instance *in);

#endif
