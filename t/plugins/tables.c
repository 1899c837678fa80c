/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tables -- the named tables of the store, by hand: what a ladder types is asked for, and
 * what comes is shown.  A version is a number, "any" or "none". */
#include <coven/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 512

static const char *
result_name(int result)
{
	static const char *const names[] = { "ok",   "none",	"stale",  "full",
					     "down", "changed", "refused" };

	return result >= 0 && result < 7 ? names[result] : "?";
}

/* The tag of a call is the answer that waits for it. */
static void
shown(struct coven_instance *in, uint64_t tag, int result,
      const struct coven_records *records)
{
	struct coven_out *out = (struct coven_out *)(uintptr_t)tag;

	coven_row(out);
	coven_put_text(out, "result", coven_text(result_name(result)));
	coven_put_text(out, "cursor", records->cursor);
	for (size_t i = 0; i < records->count; i++) {
		const struct coven_record *r = coven_record_at(records, i);

		if (i)
			coven_row(out);
		coven_put_text(out, "key", r->key);
		coven_put_text(out, "value", r->value);
		coven_put_number(out, "version", (int64_t)r->version);
		coven_put_number(out, "left", r->expires_ms ? r->expires_ms - coven_wall_ms(in) : 0);
	}
	coven_end(out, 0);
}

static const char *
word(size_t count, const struct coven_slice *words, size_t nth, char room[WORD_MAX])
{
	snprintf(room, WORD_MAX, "%.*s", nth < count ? (int)words[nth].length : 0,
		 nth < count ? words[nth].at : "");
	return room;
}

static uint64_t
version(const char *text)
{
	if (!strcmp(text, "none"))
		return COVEN_NO_RECORD;
	return *text && strcmp(text, "any") != 0 ? strtoull(text, NULL, 10) : COVEN_ANY_VERSION;
}

/* table put TABLE KEY VALUE [VERSION [MS]] */
static void
put(struct coven_instance *in, uint64_t tag, size_t count, const struct coven_slice *words,
    const char *table)
{
	char expected[WORD_MAX], ms[WORD_MAX];
	struct coven_record r = { .size = sizeof r, .key = words[2], .value = words[3] };

	word(count, words, 4, expected);
	if (*word(count, words, 5, ms))
		r.expires_ms = coven_wall_ms(in) + strtoll(ms, NULL, 10);
	coven_table_put(in, table, &r, version(expected), shown, tag);
}

static enum coven_verdict
command(struct coven_instance *in, struct coven_out *out, size_t count,
	const struct coven_slice *words)
{
	const struct coven_slice nothing = { NULL, 0 };
	uint64_t tag = (uintptr_t)out;
	char table[WORD_MAX], more[WORD_MAX];

	if (count < 3)
		return COVEN_FAIL;
	word(count, words, 1, table);
	word(count, words, 3, more);
	if (coven_is(words[0], "get"))
		coven_table_get(in, table, words[2], shown, tag);
	else if (coven_is(words[0], "put") && count > 3)
		put(in, tag, count, words, table);
	else if (coven_is(words[0], "remove"))
		coven_table_remove(in, table, words[2], version(more), shown, tag);
	else if (coven_is(words[0], "range")) /* TABLE PREFIX AT_MOST [CURSOR] */
		coven_table_range(in, table, words[2], count > 4 ? words[4] : nothing,
				  (size_t)strtoul(more, NULL, 10), shown, tag);
	else
		return COVEN_FAIL;
	return COVEN_WAIT;
}

static const struct coven_command commands[] = {
	{ "table", "get|put|remove|range TABLE KEY...", "the tables of the store, by hand", command },
	{ NULL, NULL, NULL, NULL }
};

static const struct coven_need needs[] = { { "store", COVEN_STORE_VERSION }, { NULL, 0 } };

COVEN_PLUGIN(.name = "tables", .version = "0.1.0", .summary = "tables of the store, by hand",
	     .commands = commands, .needs = needs);
