/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other names of an account, in the store. */
#include "command.h"

#include <string.h>

struct alias {
	struct errand errand;
	struct coven_out *out;
	char room[NAME_AOR_MAX], owner_room[NAME_AOR_MAX];
	struct coven_slice aor, owner;
};

static void
end(struct alias *a, int status)
{
	coven_end(a->out, status);
	errand_end(a);
}

static void
tell(struct alias *a, struct coven_slice owner)
{
	coven_row(a->out);
	coven_put_text(a->out, "alias", a->aor);
	coven_put_text(a->out, "aor", owner);
}

static struct alias *
begin(struct coven_instance *in, struct coven_out *out)
{
	struct alias *a = errand_new(desk_errands(in), sizeof *a);

	if (a)
		a->out = out;
	return a;
}

/* -- add */

static void
stored(struct coven_instance *in, uint64_t tag, int result,
       const struct coven_records *records)
{
	struct alias *a = errand_of(tag);

	if (result == COVEN_STORE_OK)
		tell(a, a->owner);
	else if (result == COVEN_STORE_CHANGED)
		command_taken(in, a->out, a->aor, records);
	else
		coven_error(a->out, "%s", command_fault(in, result));
	end(a, result == COVEN_STORE_OK ? 0 : 1);
}

static void
store(struct coven_instance *in, struct alias *a)
{
	struct record alias = { .kind = RECORD_ALIAS, .target = a->owner };
	struct coven_record record = { .size = sizeof record, .key = a->aor };
	uint8_t bytes[RECORD_MAX];

	record.value = (struct coven_slice){ (const char *)bytes,
					     record_write(&alias, bytes) };
	coven_table_put(in, RECORD_TABLE, &record, COVEN_NO_RECORD, stored, errand_tag(a));
}

static void
found_owner(struct coven_instance *in, uint64_t tag, int result,
	    const struct coven_records *records)
{
	struct alias *a = errand_of(tag);
	struct record r = { .kind = RECORD_ALIAS };

	if (result == COVEN_STORE_OK && records->count &&
	    record_read(coven_record_at(records, 0)->value, &r) == 0 &&
	    r.kind == RECORD_ACCOUNT) {
		store(in, a);
	} else {
		if (result == COVEN_STORE_OK)
			command_taken(in, a->out, a->owner, records);
		else if (result == COVEN_STORE_NONE)
			coven_error(a->out, "there is no account %.*s",
				    (int)a->owner.length, a->owner.at);
		else
			coven_error(a->out, "%s", command_fault(in, result));
		end(a, 1);
	}
	explicit_bzero(&r, sizeof r);
}

enum coven_verdict
alias_add(struct coven_instance *in, struct coven_out *out, size_t count,
	  const struct coven_slice *words)
{
	const struct account *owner;
	struct alias *a;

	if (count != 2)
		return COVEN_NEXT;
	a = begin(in, out);
	if (!a)
		return COVEN_FAIL;
	if (!command_name(in, out, words[0], coven_first_domain(in), a->owner_room,
			  &a->owner) ||
	    !command_name(in, out, words[1], name_domain(a->owner), a->room, &a->aor) ||
	    !command_free(in, out, a->aor)) {
		errand_end(a);
		return COVEN_FAIL;
	}
	owner = accounts_find(desk_accounts(in), a->owner, NULL);
	if (owner)
		a->owner = owner->aor;
	if (owner)
		store(in, a);
	else
		coven_table_get(in, RECORD_TABLE, a->owner, found_owner, errand_tag(a));
	return COVEN_WAIT;
}

/* -- del */

static void
gone(struct coven_instance *in, uint64_t tag, int result,
     const struct coven_records *records)
{
	struct alias *a = errand_of(tag);

	if (result == COVEN_STORE_OK)
		tell(a, a->owner);
	else
		coven_error(a->out, "%s",
			    command_fault(in, result == COVEN_STORE_NONE
						      ? COVEN_STORE_CHANGED
						      : result));
	end(a, result == COVEN_STORE_OK ? 0 : 1);
}

static void
found_alias(struct coven_instance *in, uint64_t tag, int result,
	    const struct coven_records *records)
{
	struct alias *a = errand_of(tag);
	const struct coven_record *at = records->count ? coven_record_at(records, 0) : NULL;
	struct record r;

	if (result == COVEN_STORE_OK && at && record_read(at->value, &r) == 0 &&
	    r.kind == RECORD_ALIAS) {
		memcpy(a->owner_room, r.target.at, r.target.length);
		a->owner = (struct coven_slice){ a->owner_room, r.target.length };
		coven_table_remove(in, RECORD_TABLE, a->aor, at->version, gone, tag);
		return;
	}
	if (result == COVEN_STORE_OK)
		command_taken(in, a->out, a->aor, records);
	else if (result == COVEN_STORE_NONE)
		coven_error(a->out, "there is no alias %.*s", (int)a->aor.length,
			    a->aor.at);
	else
		coven_error(a->out, "%s", command_fault(in, result));
	end(a, 1);
}

enum coven_verdict
alias_del(struct coven_instance *in, struct coven_out *out, size_t count,
	  const struct coven_slice *words)
{
	struct alias *a;

	if (count != 1)
		return COVEN_NEXT;
	a = begin(in, out);
	if (!a)
		return COVEN_FAIL;
	if (!command_name(in, out, words[0], coven_first_domain(in), a->room, &a->aor) ||
	    !command_free(in, out, a->aor)) {
		errand_end(a);
		return COVEN_FAIL;
	}
	coven_table_get(in, RECORD_TABLE, a->aor, found_alias, errand_tag(a));
	return COVEN_WAIT;
}
