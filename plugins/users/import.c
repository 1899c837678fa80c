/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many accounts at once.  The lines go to the store side by side, so that they share its
 * commits; within a line the account comes first. */
#include "command.h"
#include "entry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINES_MAX 60

struct import;
struct line {
	struct import *of;
	struct entry entry;
	size_t done; /* records stored: the account, then aliases */
	bool failed;
};

struct import {
	struct errand errand;
	struct coven_out *out;
	size_t count, waiting;
	struct line lines[];
};

static void store_next(struct coven_instance *in, struct line *l);

__attribute__((format(printf, 2, 3))) static void
fail(struct line *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(l->entry.fault, sizeof l->entry.fault, fmt, args);
	va_end(args);
	l->failed = true;
}

/* -- the answer, when all lines have ended */

static void
end(struct coven_instance *in, struct import *m)
{
	int64_t added = 0, aliases = 0, failed = 0;

	if (--m->waiting)
		return;
	for (size_t i = 0; i < m->count; i++) {
		const struct line *l = &m->lines[i];

		added += l->done > 0;
		aliases += l->done > 0 ? (int64_t)l->done - 1 : 0;
		failed += l->failed;
		if (!l->failed)
			continue;
		coven_row(m->out);
		coven_put_number(m->out, "line", (int64_t)i + 1);
		coven_put_text(m->out, "error", coven_text(l->entry.fault));
	}
	coven_row(m->out);
	coven_put_number(m->out, "added", added);
	coven_put_number(m->out, "aliases", aliases);
	coven_put_number(m->out, "failed", failed);
	if (added)
		coven_log(in, COVEN_INFO, "%lld new account%s", (long long)added, added == 1 ? "" : "s");
	coven_end(m->out, 0);
	errand_end(m);
}

/* -- one record after the other */

static struct coven_slice
key_of(const struct line *l)
{
	return l->done ? l->entry.alias[l->done - 1] : l->entry.aor;
}

static void
stored(struct coven_instance *in, uint64_t tag, int result,
       const struct coven_records *records)
{
	struct line *l = (struct line *)errand_of(tag);
	struct coven_slice key = key_of(l);

	if (result == COVEN_STORE_OK) {
		l->done++;
		store_next(in, l);
		return;
	}
	if (result == COVEN_STORE_CHANGED)
		fail(l, "%.*s is there already", (int)key.length, key.at);
	else
		fail(l, "%.*s: %s", (int)key.length, key.at, command_fault(in, result));
	end(in, l->of);
}

static void
store_next(struct coven_instance *in, struct line *l)
{
	struct record what = { .kind = l->done ? RECORD_ALIAS : RECORD_ACCOUNT,
			       .proof = l->entry.proof,
			       .target = l->entry.aor };
	struct coven_record record = { .size = sizeof record };
	uint8_t bytes[RECORD_MAX];

	if (l->done == 1 + l->entry.aliases) {
		end(in, l->of);
		return;
	}
	record.key = key_of(l);
	if (accounts_find(desk_accounts(in), record.key, NULL)) {
		fail(l, "%.*s is in the configuration", (int)record.key.length,
		     record.key.at);
		end(in, l->of);
		return;
	}
	record.value = (struct coven_slice){ (const char *)bytes,
					     record_write(&what, bytes) };
	coven_table_put(in, RECORD_TABLE, &record, COVEN_NO_RECORD, stored, errand_tag(l));
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(&what, sizeof what);
}

enum coven_verdict
import_lines(struct coven_instance *in, struct coven_out *out, size_t count,
	     const struct coven_slice *words)
{
	struct import *m;

	if (count == 0 || count > LINES_MAX)
		return COVEN_NEXT;
	m = errand_new(desk_errands(in), sizeof *m + count * sizeof m->lines[0]);
	if (!m)
		return COVEN_FAIL;
	m->out = out;
	m->count = count;
	m->waiting = count + 1;
	for (size_t i = 0; i < count; i++) {
		struct line *l = &m->lines[i];

		l->of = m;
		l->failed = entry_read(&l->entry, in, words[i]) != 0;
		if (l->failed)
			m->waiting--;
		else
			store_next(in, l);
	}
	end(in, m);
	return COVEN_WAIT;
}
