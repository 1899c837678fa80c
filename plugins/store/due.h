/* SPDX-License-Identifier: GPL-3.0-or-later */
/* due: what ends when, in buckets of a second.  A tick looks at one bucket, however many
 * there are in all; what ends later than a turn of the wheel is looked at once a turn. */
#ifndef STORE_DUE_H
#define STORE_DUE_H

#include <stdbool.h>
#include <stdint.h>

#define DUE_BUCKETS 1024

struct due_link {
	struct due_link *next, **back; /* back: who points here; NULL: in no bucket */
	int64_t second;
};

struct due {
	struct due_link *buckets[DUE_BUCKETS];
	int64_t done; /* this second and all before have been looked at */
};

void due_add(struct due *d, struct due_link *link, int64_t until_ms);
void due_remove(struct due_link *link);
/* Takes out all that has ended by now: a list linked by `next`. */
struct due_link *due_take(struct due *d, int64_t now_ms);

#endif
