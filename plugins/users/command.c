/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of "user" is meant, and what all of them say. */
#include "command.h"

#include <string.h>

#define PASSWORD_MAX 256

static const struct part {
	const char *first, *second; /* second: NULL, or a word of its own */
	coven_command_fn *run;
	bool stores; /* cannot do anything without a store */
} parts[] = {
	{ "list", NULL, list_users, false },
	{ "add", NULL, change_add, true },
	{ "passwd", NULL, change_passwd, true },
	{ "del", NULL, remove_user, true },
	{ "alias", "list", list_aliases, false },
	{ "alias", "add", alias_add, true },
	{ "alias", "del", alias_del, true },
	{ "import", NULL, import_lines, true },
};

enum coven_verdict
command_user(struct coven_instance *in, struct coven_out *out, size_t count,
	     const struct coven_slice *words)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const struct part *p = &parts[i];
		size_t own = p->second ? 2 : 1;

		if (count < own || !coven_is(words[0], p->first) ||
		    (p->second && !coven_is(words[1], p->second)))
			continue;
		if (p->stores && !desk_has_store(in)) {
			coven_error(out, "no plugin keeps accounts: the service \"store\" "
					 "is not there");
			return COVEN_FAIL;
		}
		return p->run(in, out, count - own, words + own);
	}
	return COVEN_NEXT;
}

bool
command_name(struct coven_instance *in, struct coven_out *out, struct coven_slice word,
	     struct coven_slice home, char room[NAME_AOR_MAX], struct coven_slice *aor)
{
	size_t shown = word.length < COMMAND_SHOWN ? word.length : COMMAND_SHOWN;
	struct coven_slice name = word;
	const char *fault;

	if (name.length > NAME_SCHEME_BYTES &&
	    memcmp(name.at, NAME_SCHEME, NAME_SCHEME_BYTES) == 0)
		name = name_long(name);
	fault = name_spell(in, name, home, room, aor);
	if (fault)
		coven_error(out, "\"%.*s\" %s", (int)shown, word.at, fault);
	return !fault;
}

bool
command_free(struct coven_instance *in, struct coven_out *out, struct coven_slice aor)
{
	if (!accounts_find(desk_accounts(in), aor, NULL))
		return true;
	coven_error(out, "%.*s is in the configuration, and can only be changed there",
		    (int)aor.length, aor.at);
	return false;
}

const char *
command_password(struct coven_slice password)
{
	if (password.length == 0)
		return "the password is empty";
	if (password.length > PASSWORD_MAX)
		return "the password is longer than 256 bytes";
	for (size_t i = 0; i < password.length; i++)
		if ((unsigned char)password.at[i] < ' ' || password.at[i] == 0x7f)
			return "the password has a control character";
	return NULL;
}

const char *
command_fault(const struct coven_instance *in, int result)
{
	switch ((enum coven_store_result)result) {
	case COVEN_STORE_DOWN:
		return "the store does not answer; perhaps it was done";
	case COVEN_STORE_CHANGED:
		return "somebody else has changed it just now: try again";
	case COVEN_STORE_REFUSED:
	case COVEN_STORE_FULL:
		return "the store cannot keep it now; its log lines say why";
	case COVEN_STORE_OK:
	case COVEN_STORE_NONE:
	case COVEN_STORE_STALE:
		break;
	}
	return "the store's answer makes no sense";
}

void
command_taken(struct coven_instance *in, struct coven_out *out, struct coven_slice aor,
	      const struct coven_records *records)
{
	struct record r;

	if (records->count == 0 ||
	    record_read(coven_record_at(records, 0)->value, &r) != 0)
		coven_error(out, "%.*s is in the store, but its record cannot be read",
			    (int)aor.length, aor.at);
	else if (r.kind == RECORD_ALIAS)
		coven_error(out, "%.*s is an alias of %.*s", (int)aor.length, aor.at,
			    (int)r.target.length, r.target.at);
	else
		coven_error(out, "there is an account %.*s", (int)aor.length, aor.at);
	explicit_bzero(&r, sizeof r);
}
