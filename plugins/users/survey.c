/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the configuration are looked up in the store, one after the other. */
#include "survey.h"
#include "desk.h"
#include "record.h"

#define LATER_MS 1000
#define LINES_MAX 10

struct survey {
	struct errand errand;
	size_t nth, found;
};

static void look(struct coven_instance *in, struct survey *s);

static void
looked(struct coven_instance *in, uint64_t tag, int result,
       const struct coven_records *records)
{
	struct survey *s = errand_of(tag);
	struct coven_slice name;
	bool alias;

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		errand_end(s);
		return;
	}
	if (result == COVEN_STORE_OK && ++s->found <= LINES_MAX &&
	    accounts_name(desk_accounts(in), s->nth, &name, &alias))
		coven_log(in, COVEN_WARN,
			  "%.*s is in the configuration and in the store: the "
			  "configuration counts",
			  (int)name.length, name.at);
	s->nth++;
	look(in, s);
}

static void
look(struct coven_instance *in, struct survey *s)
{
	struct coven_slice name;
	bool alias;

	if (accounts_name(desk_accounts(in), s->nth, &name, &alias)) {
		coven_table_get(in, RECORD_TABLE, name, looked, errand_tag(s));
		return;
	}
	if (s->found > LINES_MAX)
		coven_log(in, COVEN_WARN, "%zu names are in the configuration and in the store",
			  s->found);
	errand_end(s);
}

static void
begin(struct coven_instance *in, void *arg)
{
	struct survey *s = NULL;

	if (desk_has_store(in))
		s = errand_new(desk_errands(in), sizeof *s);
	if (s)
		look(in, s);
}

void
survey_later(struct coven_instance *in)
{
	coven_after(in, LATER_MS, begin, NULL);
}
