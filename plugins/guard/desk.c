/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bans are listed, made and ended by hand. */
#include "desk.h"
#include "shared.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

struct listing {
	struct coven_out *out; /* NULL: free */
	struct desk *desk;
	size_t cursor;
};

struct desk {
	struct listing lists[DESK_LISTS];
};

struct desk *
desk_new(void)
{
	return calloc(1, sizeof(struct desk));
}

/* What still waits has been ended by the core. */
void
desk_free(struct desk *d)
{
	free(d);
}

/* -- list */

static void
put(struct coven_out *out, const struct bans_record *record)
{
	char room[RANGE_TEXT];

	coven_row(out);
	coven_put_text(out, "address", range_text(&record->range, room));
	coven_put_number(out, "seconds", (record->left_ms + 999) / 1000);
	coven_put_number(out, "times", record->times);
	coven_put_text(out, "why", coven_text(bans_why(record->cause)));
}

/* false: that was the last one. */
static bool
put_page(struct coven_instance *in, struct coven_out *out, size_t *cursor)
{
	const struct shared *all = coven_shared(in);
	struct bans_record record;

	for (unsigned i = 0; i < DESK_PAGE; i++) {
		if (!bans_next(all->tables->bans, cursor, coven_now_ms(in), &record))
			return false;
		put(out, &record);
	}
	return true;
}

static void
go_on(struct coven_instance *in, void *arg)
{
	struct listing *l = arg;
	struct coven_out *out = l->out;

	if (coven_heard(out) && put_page(in, out, &l->cursor)) {
		coven_flush(in, out, go_on, l);
		return;
	}
	l->out = NULL;
	coven_end(out, 0);
}

static enum coven_verdict
list(struct coven_instance *in, struct coven_out *out)
{
	const struct worker *self = coven_self(in);
	size_t cursor = 0;

	coven_name_rows(out, "bans");
	if (!put_page(in, out, &cursor))
		return COVEN_DONE;
	for (unsigned i = 0; i < DESK_LISTS; i++) {
		struct listing *l = &self->desk->lists[i];

		if (l->out)
			continue;
		*l = (struct listing){ .out = out, .cursor = cursor };
		coven_flush(in, out, go_on, l);
		return COVEN_WAIT;
	}
	coven_error(out, "too many lists are being read");
	return COVEN_FAIL;
}

/* -- add, del */

/* "90", "90s", "1.5h" is not: whole numbers of s, m, h or d. -1: it is none. */
static int64_t
read_duration(struct coven_slice text)
{
	static const struct { char letter; int64_t ms; } units[] = {
		{ 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', DAY_MS },
	};
	int64_t unit = 1000, number = 0;
	size_t length = text.length;

	for (size_t i = 0; length > 1 && i < sizeof units / sizeof *units; i++)
		if (text.at[text.length - 1] == units[i].letter) {
			unit = units[i].ms;
			length = text.length - 1;
		}
	if (length == 0 || length > 9)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		number = number * 10 + (text.at[i] - '0');
	}
	return number > 0 && number <= BANS_LONGEST_MS / unit ? number * unit : -1;
}

/* What counts as one source anyway is kept as one. */
static bool
is_source(struct range *r, bool whole)
{
	unsigned bits = key_bits(&r->address);

	if (whole && r->bits > bits)
		*r = range_of(&r->address, bits);
	return r->bits == bits;
}

static bool
is_ours(struct coven_instance *in, const struct range *r)
{
	const struct shared *all = coven_shared(in);
	char room[RANGE_TEXT];

	return rule_spares(&all->rule, &r->address) ||
	       coven_is_self(in, range_host(&r->address, room), 0);
}

static enum coven_verdict
add(struct coven_instance *in, struct coven_out *out, struct range *r, bool whole,
    int64_t ms)
{
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;
	int64_t now_ms = coven_now_ms(in);
	struct bans_record record = { .left_ms = ms, .cause = BANS_BY_HAND };
	char room[RANGE_TEXT];
	int rc;

	if (is_ours(in, r)) {
		coven_error(out, "%s is never banned", range_text(r, room).at);
		return COVEN_FAIL;
	}
	if (is_source(r, whole))
		rc = bans_add(t->bans, key_source(&t->key, &r->address), r, ms, now_ms);
	else
		rc = bans_add_range(t->bans, r, ms, now_ms);
	range_text(r, room);
	if (rc != 0) {
		coven_error(out, "too many bans by hand: %s was not added", room);
		return COVEN_FAIL;
	}
	coven_log(in, COVEN_WARN, "banned %s for %lld s: %s", room, (long long)ms / 1000,
		  bans_why(BANS_BY_HAND));
	record.range = *r;
	put(out, &record);
	return COVEN_DONE;
}

static enum coven_verdict
del(struct coven_instance *in, struct coven_out *out, struct range *r, bool whole)
{
	const struct shared *all = coven_shared(in);
	struct tables *t = all->tables;
	int64_t now_ms = coven_now_ms(in);
	char room[RANGE_TEXT];
	bool was;

	if (is_source(r, whole))
		was = bans_remove(t->bans, key_source(&t->key, &r->address), now_ms);
	else
		was = bans_remove_range(t->bans, r, now_ms);
	range_text(r, room);
	if (!was) {
		coven_error(out, "%s is not banned", room);
		return COVEN_FAIL;
	}
	coven_log(in, COVEN_INFO, "%s is no longer banned: by hand", room);
	return COVEN_DONE;
}

enum coven_verdict
desk_command(struct coven_instance *in, struct coven_out *out, size_t count,
	     const struct coven_slice *words)
{
	int64_t ms = DAY_MS;
	struct range r;
	bool whole;

	if (count == 1 && coven_is(words[0], "list"))
		return list(in, out);
	if (count < 2 || count > 3)
		return COVEN_NEXT;
	coven_name_rows(out, "bans");
	if (range_read(words[1], &r, &whole) != 0) {
		coven_error(out, "not an address: \"%.*s\"",
			    (int)(words[1].length < 60 ? words[1].length : 60), words[1].at);
		return COVEN_FAIL;
	}
	if (coven_is(words[0], "del") && count == 2)
		return del(in, out, &r, whole);
	if (!coven_is(words[0], "add"))
		return COVEN_NEXT;
	if (count == 3)
		ms = read_duration(words[2]);
	if (ms < 0) {
		coven_error(out, "not a duration such as 90s, 10m, 2h, 1d: \"%.*s\"",
			    (int)(words[2].length < 60 ? words[2].length : 60), words[2].at);
		return COVEN_FAIL;
	}
	return add(in, out, &r, whole, ms);
}
