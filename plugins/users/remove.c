/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account goes: first what proves it, then its aliases, then its devices, so that
 * nobody is reached under a name that is free again. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#define PAGE 200

struct removal {
	struct errand errand;
	struct coven_out *out;
	char room[NAME_AOR_MAX];
	struct coven_slice aor;
	char cursor_room[COVEN_TABLE_KEY_MAX];
	struct coven_slice cursor;
	size_t waiting, aliases;
	int fault; /* the first result that was none */
};

static void next_page(struct coven_instance *in, struct removal *r);

static void
end(struct removal *r, int status)
{
	coven_end(r->out, status);
	errand_end(r);
}

/* -- devices */

static void
unbound(struct coven_instance *in, uint64_t tag, int result,
	const struct coven_bindings *list)
{
	struct removal *r = errand_of(tag);

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE && !r->fault)
		r->fault = result;
	coven_log(in, COVEN_INFO, "an account was taken away");
	if (r->fault) {
		coven_error(r->out,
			    "%.*s is no account any more, but of its aliases or devices "
			    "something is left: %s",
			    (int)r->aor.length, r->aor.at, command_fault(in, r->fault));
		end(r, 1);
		return;
	}
	coven_row(r->out);
	coven_put_text(r->out, "aor", r->aor);
	coven_put_number(r->out, "aliases", (int64_t)r->aliases);
	end(r, 0);
}

static void
unbind(struct coven_instance *in, struct removal *r)
{
	uint64_t number;
	char call_id[32];
	struct coven_binding binding = { .size = sizeof binding, .cseq = 1 };
	struct coven_change change = { COVEN_UNBIND_ALL, &binding };
	struct coven_limits limits = { .size = sizeof limits, .bindings = UINT32_MAX };

	coven_random(&number, sizeof number);
	binding.call_id.at = call_id;
	binding.call_id.length = (size_t)snprintf(call_id, sizeof call_id, "user-del-%016llx",
						  (unsigned long long)number);
	binding.updated_ms = coven_wall_ms(in);
	coven_store_update(in, r->aor, &change, 1, &limits, unbound, errand_tag(r));
}

/* -- aliases, page by page */

static void
go_on(struct coven_instance *in, struct removal *r)
{
	if (--r->waiting)
		return;
	if (r->cursor.length && !r->fault)
		next_page(in, r);
	else
		unbind(in, r);
}

static void
alias_gone(struct coven_instance *in, uint64_t tag, int result,
	   const struct coven_records *records)
{
	struct removal *r = errand_of(tag);

	if (result == COVEN_STORE_OK)
		r->aliases++;
	else if (result != COVEN_STORE_NONE && result != COVEN_STORE_CHANGED && !r->fault)
		r->fault = result;
	go_on(in, r);
}

static void
paged(struct coven_instance *in, uint64_t tag, int result,
      const struct coven_records *records)
{
	struct removal *r = errand_of(tag);
	struct record record;

	r->waiting = 1;
	r->cursor.length = 0;
	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE)
		r->fault = result;
	for (size_t i = 0; result == COVEN_STORE_OK && i < records->count; i++) {
		const struct coven_record *at = coven_record_at(records, i);

		if (record_read(at->value, &record) != 0 || record.kind != RECORD_ALIAS ||
		    !coven_same(record.target, r->aor))
			continue;
		r->waiting++;
		coven_table_remove(in, RECORD_TABLE, at->key, at->version, alias_gone, tag);
	}
	explicit_bzero(&record, sizeof record);
	if (result == COVEN_STORE_OK && records->cursor.length &&
	    records->cursor.length <= sizeof r->cursor_room) {
		memcpy(r->cursor_room, records->cursor.at, records->cursor.length);
		r->cursor = (struct coven_slice){ r->cursor_room,
						  records->cursor.length };
	}
	go_on(in, r);
}

static void
next_page(struct coven_instance *in, struct removal *r)
{
	coven_table_range(in, RECORD_TABLE, coven_text(NAME_SCHEME), r->cursor, PAGE, paged,
			  errand_tag(r));
}

/* -- the account itself */

static void
gone(struct coven_instance *in, uint64_t tag, int result,
     const struct coven_records *records)
{
	struct removal *r = errand_of(tag);

	if (result == COVEN_STORE_OK) {
		next_page(in, r);
		return;
	}
	coven_error(r->out, "%s",
		    command_fault(in, result == COVEN_STORE_NONE ? COVEN_STORE_CHANGED
								 : result));
	end(r, 1);
}

static void
read_old(struct coven_instance *in, uint64_t tag, int result,
	 const struct coven_records *records)
{
	struct removal *r = errand_of(tag);
	struct record record = { .kind = RECORD_ACCOUNT };

	if (result == COVEN_STORE_OK && records->count) {
		const struct coven_record *old = coven_record_at(records, 0);

		/* one that cannot be read can be removed, too */
		if (record_read(old->value, &record) != 0 ||
		    record.kind == RECORD_ACCOUNT) {
			coven_table_remove(in, RECORD_TABLE, r->aor, old->version, gone, tag);
			explicit_bzero(&record, sizeof record);
			return;
		}
		command_taken(in, r->out, r->aor, records);
	} else if (result == COVEN_STORE_NONE) {
		coven_error(r->out, "there is no account %.*s", (int)r->aor.length,
			    r->aor.at);
	} else {
		coven_error(r->out, "%s", command_fault(in, result));
	}
	end(r, 1);
}

enum coven_verdict
remove_user(struct coven_instance *in, struct coven_out *out, size_t count,
	    const struct coven_slice *words)
{
	struct removal *r;

	if (count != 1)
		return COVEN_NEXT;
	r = errand_new(desk_errands(in), sizeof *r);
	if (!r)
		return COVEN_FAIL;
	r->out = out;
	if (!command_name(in, out, words[0], coven_first_domain(in), r->room, &r->aor) ||
	    !command_free(in, out, r->aor)) {
		errand_end(r);
		return COVEN_FAIL;
	}
	coven_table_get(in, RECORD_TABLE, r->aor, read_old, errand_tag(r));
	return COVEN_WAIT;
}
