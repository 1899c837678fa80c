/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sources: how many connections each address has open, for all workers together.  Any
 * thread. IPv6 counts by /64: that is what one customer has. */
#ifndef NET_SOURCES_H
#define NET_SOURCES_H

#include "base/keyed.h"
#include "base/table.h"
#include <coven/types.h>
#include <pthread.h>

struct sources {
	pthread_mutex_t lock;
	struct keyed key;
	struct table table;
};

int sources_init(struct sources *s); /* -1: no memory */
void sources_done(struct sources *s);

/* Counts one more of that address; -1: it has `max` already, or there is no memory. */
int sources_enter(struct sources *s, const struct coven_address *a, uint32_t max);
/* After a sources_enter() that gave 0. */
void sources_leave(struct sources *s, const struct coven_address *a);

#endif
