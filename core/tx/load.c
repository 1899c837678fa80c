/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load: rooms measured. */
#include "tx/load.h"

static const char *const names[LOAD_ROOMS] = {
	[LOAD_SERVERS] = "server transactions",
	[LOAD_CLIENTS] = "client transactions",
	[LOAD_MEMORY] = "memory of requests",
	[LOAD_PARKED] = "requests that wait",
	[LOAD_LETTERS] = "letters of other workers",
	[LOAD_PASSING] = "age of messages from other workers",
	[LOAD_SOCKET] = "socket buffer",
	[LOAD_LAG] = "age of datagrams",
};

/* Transactions end by timers, whether or not anybody still asks. */
static bool
empties_slowly(enum load_room room)
{
	return room <= LOAD_MEMORY;
}

void
load_init(struct load *l)
{
	*l = (struct load){ .high = false };
	for (unsigned i = 0; i < LOAD_ROOMS; i++)
		l->at[i].high = l->at[i].low = SIZE_MAX;
}

/* At least one thing fits into a room of any size. */
void
load_limit(struct load *l, enum load_room room, size_t max)
{
	size_t high = max / 100 * LOAD_HIGH + max % 100 * LOAD_HIGH / 100;
	unsigned low = empties_slowly(room) ? LOAD_SLOW : LOAD_LOW;

	l->at[room].high = high ? high : 1;
	l->at[room].low = max / 100 * low + max % 100 * low / 100;
	if (l->at[room].low >= l->at[room].high)
		l->at[room].low = l->at[room].high - 1;
}

bool
load_is_high(struct load *l)
{
	for (unsigned i = 0; i < LOAD_ROOMS; i++) {
		if (l->high ? l->used[i] <= l->at[i].low : l->used[i] < l->at[i].high)
			continue;
		if (!l->high)
			log_often(&l->told, LOG_LEVEL_WARN, "load",
			          "%s: %zu, too much for new requests; they get 503 until it is %zu",
			          names[i], l->used[i], l->at[i].low);
		l->high = true;
		return true;
	}
	l->high = false;
	return false;
}
