/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plugin's life: accounts of the configuration for all workers, errands for each. */
#include "desk.h"
#include "record.h"
#include "roll.h"
#include "survey.h"

#include <stdlib.h>

#define DAMAGE_MS 10000 /* between two log lines of a worker */

struct desk {
	struct errands errands;
	int64_t told_ms; /* when damage was logged last; 0: never */
};

int
desk_open(struct coven_instance *in)
{
	struct roll *roll = calloc(1, sizeof *roll);

	if (!roll)
		return -1;
	if (roll_read(in, coven_options(in), roll) != 0) {
		free(roll);
		return -1;
	}
	coven_set_shared(in, roll);
	return 0;
}

void
desk_close(struct coven_instance *in)
{
	struct roll *roll = coven_shared(in);

	if (!roll)
		return;
	roll_free(roll);
	free(roll);
}

enum coven_verdict
desk_start(struct coven_instance *in)
{
	struct desk *d = calloc(1, sizeof *d);

	if (!d)
		return COVEN_FAIL;
	coven_set_self(in, d);
	if (coven_worker(in) == 0)
		survey_later(in);
	return COVEN_DONE;
}

void
desk_stop(struct coven_instance *in)
{
	struct desk *d = coven_self(in);

	if (!d)
		return;
	errand_end_all(&d->errands);
	free(d);
	coven_set_self(in, NULL);
}

const struct accounts *
desk_accounts(const struct coven_instance *in)
{
	const struct roll *roll = coven_shared(in);

	return roll->accounts;
}

struct errands *
desk_errands(const struct coven_instance *in)
{
	struct desk *d = coven_self(in);

	return &d->errands;
}

bool
desk_has_store(const struct coven_instance *in)
{
	return coven_is_given(in, "store", COVEN_STORE_VERSION);
}

void
desk_damaged(struct coven_instance *in, struct coven_slice key)
{
	struct desk *d = coven_self(in);
	int64_t now_ms = coven_now_ms(in) + 1;

	if (d->told_ms && now_ms - d->told_ms < DAMAGE_MS)
		return;
	d->told_ms = now_ms;
	coven_log(in, COVEN_ERROR,
		  "cannot read the record of %.*s in the store: damaged, or of a newer "
		  "version",
		  (int)key.length, key.at);
}
