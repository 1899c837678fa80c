/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the configuration become accounts: names are spelled out, passwords become
 * hashes. */
#include "roll.h"
#include "name.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being read, and the room for AoRs that is left. */
struct reader {
	struct coven_instance *in;
	struct roll *roll;
	char *to;
	int bad;
};

__attribute__((format(printf, 4, 5))) static void
complain(struct reader *r, const struct roll_row *row, const char *field, const char *fmt,
	 ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	coven_complain(r->in, row, field, "%s", text);
	r->bad = -1;
}

/* The AoR, behind what was written before; { NULL, 0 }: complained. */
static struct coven_slice
spell(struct reader *r, const struct roll_row *row, const char *field,
      struct coven_slice name, struct coven_slice home)
{
	char room[NAME_AOR_MAX];
	struct coven_slice aor;
	const char *fault = name_spell(r->in, name, home, room, &aor);

	if (fault) {
		complain(r, row, field, "%s: \"%.*s\" %s", field, (int)name.length,
			 name.at, fault);
		return (struct coven_slice){ NULL, 0 };
	}
	memcpy(r->to, aor.at, aor.length);
	aor.at = r->to;
	r->to += aor.length;
	return aor;
}

/* Hashes that were given are of the short spelling; nobody can make the long one's of
 * them. */
static void
take_hashes(struct reader *r, const struct roll_row *row, struct account *a, uint32_t only)
{
	const char *fault = proof_of_hex(&a->proof, row->ha1_md5, row->ha1_sha256);

	if (fault)
		complain(r, row, row->ha1_md5.length ? "ha1_md5" : "ha1_sha256", "%s",
			 fault);
	else if (only && proof_restrict(&a->proof, only) != 0)
		complain(r, row, "digest", "digest: the hash for it is not given");
}

static void
set_proof(struct reader *r, const struct roll_row *row, struct account *a)
{
	uint32_t only = row->digest == ROLL_MD5      ? COVEN_MD5
			: row->digest == ROLL_SHA256 ? COVEN_SHA256
						     : 0;
	bool hashed = row->ha1_md5.length || row->ha1_sha256.length;

	if (!hashed && row->password.length == 0) {
		complain(r, row, "password", "no password, ha1_md5 or ha1_sha256");
	} else if (hashed && row->password.length) {
		complain(r, row, "password", "both a password and its hashes");
	} else if (hashed) {
		take_hashes(r, row, a, only);
	} else {
		proof_of_password(&a->proof, a->aor, row->password);
		if (proof_restrict(&a->proof, only) != 0)
			complain(r, row, "password", "this system cannot make the hash");
	}
}

static void
add_account(struct reader *r, const struct roll_row *row)
{
	struct coven_slice aor = spell(r, row, "name", row->name,
				       coven_first_domain(r->in));
	const struct account *other;
	struct account *a;

	if (!aor.at)
		return;
	a = accounts_add(r->roll->accounts, aor, &other);
	if (!a) {
		complain(r, row, "name", "a second account of this name: \"%.*s\"",
			 (int)row->name.length, row->name.at);
		return;
	}
	a->row = row;
	set_proof(r, row, a);
}

/* An alias without a domain belongs to the account's own. */
static void
add_alias(struct reader *r, struct account *a, struct coven_slice name)
{
	struct coven_slice aor = spell(r, a->row, "aliases", name, name_domain(a->aor));
	const struct account *other;

	if (aor.at && accounts_alias(r->roll->accounts, a, aor, &other) != 0)
		complain(r, a->row, "aliases", "alias \"%.*s\" already is %.*s",
			 (int)name.length, name.at, (int)other->aor.length,
			 other->aor.at);
}

/* Accounts first: an alias never takes the name of an account that comes later. */
static void
add_all(struct reader *r, const struct roll_options *options)
{
	const struct roll_row *rows = options->accounts.at;

	for (size_t i = 0; i < options->accounts.count; i++)
		add_account(r, &rows[i]);
	for (size_t i = 0; i < accounts_count(r->roll->accounts); i++) {
		struct account *a = accounts_at(r->roll->accounts, i);
		const struct coven_rows *aliases =
			&((const struct roll_row *)a->row)->aliases;
		const struct coven_slice *names = aliases->at;

		for (size_t k = 0; k < aliases->count; k++)
			add_alias(r, a, names[k]);
		a->row = NULL;
	}
}

/* How many names there will be, and how many bytes they take at most. */
static size_t
measure(const struct roll_options *options, struct coven_slice home, size_t *bytes)
{
	const struct roll_row *rows = options->accounts.at;
	size_t names = 0, each = sizeof NAME_SCHEME + 1 + home.length;

	*bytes = 1;
	for (size_t i = 0; i < options->accounts.count; i++) {
		const struct coven_slice *aliases = rows[i].aliases.at;
		size_t domain = rows[i].name.length; /* an alias may inherit it */

		names += 1 + rows[i].aliases.count;
		*bytes += each + rows[i].name.length;
		for (size_t k = 0; k < rows[i].aliases.count; k++)
			*bytes += each + domain + aliases[k].length;
	}
	return names;
}

int
roll_read(struct coven_instance *in, const struct roll_options *options,
	  struct roll *roll)
{
	struct reader r = { .in = in, .roll = roll };
	size_t bytes, names = measure(options, coven_first_domain(in), &bytes);

	*roll = (struct roll){ accounts_new(options->accounts.count, names),
			       malloc(bytes) };
	if (!roll->accounts || !roll->text) {
		roll_free(roll);
		return -1;
	}
	r.to = roll->text;
	add_all(&r, options);
	if (r.bad)
		roll_free(roll);
	return r.bad;
}

void
roll_free(struct roll *roll)
{
	if (roll->accounts)
		accounts_free(roll->accounts);
	free(roll->text);
	*roll = (struct roll){ NULL, NULL };
}
