/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When new work is refused, and when it is taken again. */
#include "tx/load.h"

#include "../tap.h"

static bool
with(struct load *l, enum load_room room, size_t used)
{
	l->used[room] = used;
	return load_is_high(l);
}

int
main(void)
{
	struct load l;

	load_init(&l);
	ok(!with(&l, LOAD_CLIENTS, 1000000000), "no limit");
	load_init(&l);
	load_limit(&l, LOAD_LAG, 250);
	ok(!with(&l, LOAD_LAG, 199), "below four fifths");
	ok(with(&l, LOAD_LAG, 200), "four fifths");
	ok(with(&l, LOAD_LAG, 126), "until it is half");
	ok(!with(&l, LOAD_LAG, 125), "then no longer");
	ok(!with(&l, LOAD_LAG, 199), "and it begins at four fifths again");
	with(&l, LOAD_LAG, 0);
	load_limit(&l, LOAD_SERVERS, 1000);
	ok(with(&l, LOAD_SERVERS, 800), "another room");
	ok(with(&l, LOAD_SERVERS, 781), "which empties slowly");
	ok(!with(&l, LOAD_SERVERS, 780), "and so is good earlier");
	with(&l, LOAD_SERVERS, 800);
	with(&l, LOAD_LAG, 200);
	ok(with(&l, LOAD_SERVERS, 0), "all must be good");
	ok(!with(&l, LOAD_LAG, 0), "and are");
	load_limit(&l, LOAD_PARKED, 1);
	ok(with(&l, LOAD_PARKED, 1) && !with(&l, LOAD_PARKED, 0), "a room for one");
	load_limit(&l, LOAD_MEMORY, SIZE_MAX);
	ok(!with(&l, LOAD_MEMORY, SIZE_MAX / 2) && with(&l, LOAD_MEMORY, SIZE_MAX), "a large one");
	with(&l, LOAD_MEMORY, 0);
	load_pass(&l, 1000, 900);
	is_int((int)l.used[LOAD_PASSING], 100, "the age of what came from another worker");
	load_pass(&l, 1000, 1001);
	is_int((int)l.used[LOAD_PASSING], 0, "whose clock may be ahead");
	return done();
}
