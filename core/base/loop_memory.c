/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for libev, which ends the process when it gets none: a reserve is given back before it is told so. */
#include "base/loop_memory.h"
#include <ev.h>
#include <pthread.h>
#include <stdlib.h>

#define RESERVE (256 * 1024) /* bytes; more than the tables of a loop grow at once */

/* libev's allocator is the process's, and takes no argument. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *reserve;

static void *
again(void *at, long size)
{
	pthread_mutex_lock(&lock);
	free(reserve);
	reserve = NULL;
	at = realloc(at, (size_t)size);
	reserve = malloc(RESERVE);
	pthread_mutex_unlock(&lock);
	return at;
}

static void *
resize(void *at, long size) EV_NOEXCEPT
{
	void *moved;

	if (!size) {
		free(at);
		return NULL;
	}
	moved = realloc(at, (size_t)size);
	return moved ? moved : again(at, size);
}

void
loop_memory_open(void)
{
	pthread_mutex_lock(&lock);
	if (!reserve) {
		reserve = malloc(RESERVE);
		ev_set_allocator(resize);
	}
	pthread_mutex_unlock(&lock);
}
