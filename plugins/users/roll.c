/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the configuration become accounts: names are spelled out, passwords become
 * hashes. */
#include "roll.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 128   /* user part of an account or alias */
#define DOMAIN_MAX_BYTES 253 /* a DNS name */
#define SCHEME "sip:"

/* What is being read, and the room for AoRs that is left. */
struct reader {
	struct coven_instance *in;
	struct roll *roll;
	char *to;
	int bad;
};

/* RFC 3261 user part without escapes and without ':', which digests cannot have. */
static bool
good_user(struct coven_slice user)
{
	static const char more[] = "-_.!~*'()&=+$,;?/";

	if (user.length == 0 || user.length > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < user.length; i++) {
		char c = user.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');

		if (!plain && (c == '\0' || !strchr(more, c)))
			return false;
	}
	return true;
}

/* "alice" or "alice@Example.COM" as "sip:alice@example.com", behind what was written
 * before. */
static struct coven_slice
spell(struct reader *r, struct coven_slice name, struct coven_slice home)
{
	const char *at = name.length ? memchr(name.at, '@', name.length) : NULL;
	struct coven_slice user = { name.at, at ? (size_t)(at - name.at) : name.length };
	struct coven_slice domain = home, aor = { r->to, 0 };

	if (at)
		domain = (struct coven_slice){ at + 1, name.length - user.length - 1 };
	if (!good_user(user) || domain.length == 0 || domain.length > DOMAIN_MAX_BYTES ||
	    !coven_is_domain(r->in, domain))
		return (struct coven_slice){ NULL, 0 };
	memcpy(r->to, SCHEME, sizeof SCHEME - 1);
	r->to += sizeof SCHEME - 1;
	memcpy(r->to, user.at, user.length);
	r->to += user.length;
	*r->to++ = '@';
	for (size_t i = 0; i < domain.length; i++) {
		char c = domain.at[i];

		*r->to++ = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	aor.length = (size_t)(r->to - aor.at);
	return aor;
}

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

static int
from_hex(struct coven_slice hex, uint8_t *to, size_t size)
{
	if (hex.length != 2 * size)
		return -1;
	for (size_t i = 0; i < hex.length; i++) {
		char c = hex.at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		to[i / 2] = (uint8_t)(to[i / 2] << 4 | digit);
	}
	return 0;
}

static void
hash_password(struct account *a, struct coven_slice user, struct coven_slice password,
	      struct account_hash *to)
{
	char room[COVEN_HASH_TEXT];
	struct coven_slice hex = { room, 0 };

	if (a->only != COVEN_SHA256) {
		hex.length = coven_digest_ha1(COVEN_MD5, user, a->domain, password, room);
		to->has_md5 = from_hex(hex, to->md5, sizeof to->md5) == 0;
	}
	if (a->only != COVEN_MD5) {
		hex.length =
			coven_digest_ha1(COVEN_SHA256, user, a->domain, password, room);
		to->has_sha256 = from_hex(hex, to->sha256, sizeof to->sha256) == 0;
	}
	explicit_bzero(room, sizeof room);
}

/* Hashes that were given are of the short spelling; nobody can make the long one's of
 * them. */
static void
take_hashes(struct reader *r, const struct roll_row *row, struct account *a)
{
	struct account_hash *to = &a->hashes[ACCOUNT_SHORT];

	if (row->ha1_md5.length) {
		to->has_md5 = from_hex(row->ha1_md5, to->md5, sizeof to->md5) == 0;
		if (!to->has_md5)
			complain(r, row, "ha1_md5", "ha1_md5 is not 32 hex digits");
	}
	if (row->ha1_sha256.length) {
		to->has_sha256 =
			from_hex(row->ha1_sha256, to->sha256, sizeof to->sha256) == 0;
		if (!to->has_sha256)
			complain(r, row, "ha1_sha256", "ha1_sha256 is not 64 hex digits");
	}
	if (to->has_md5 != to->has_sha256 && !a->only)
		a->only = to->has_md5 ? COVEN_MD5 : COVEN_SHA256;
	if ((a->only == COVEN_MD5 && !to->has_md5) ||
	    (a->only == COVEN_SHA256 && !to->has_sha256))
		complain(r, row, "digest", "digest: the hash for it is not given");
}

static void
set_proof(struct reader *r, const struct roll_row *row, struct account *a)
{
	struct coven_slice lengthy = { a->aor.at + sizeof SCHEME - 1,
				       a->aor.length - (sizeof SCHEME - 1) };
	struct coven_slice brief = { lengthy.at, lengthy.length - a->domain.length - 1 };
	bool hashed = row->ha1_md5.length || row->ha1_sha256.length;

	a->only = row->digest == ROLL_MD5      ? COVEN_MD5
		  : row->digest == ROLL_SHA256 ? COVEN_SHA256
					       : 0;
	if (!hashed && row->password.length == 0) {
		complain(r, row, "password",
			 "no password, ha1_md5 or ha1_sha256");
	} else if (hashed && row->password.length) {
		complain(r, row, "password", "both a password and its hashes");
	} else if (hashed) {
		take_hashes(r, row, a);
	} else {
		hash_password(a, brief, row->password, &a->hashes[ACCOUNT_SHORT]);
		hash_password(a, lengthy, row->password, &a->hashes[ACCOUNT_LONG]);
	}
}

static void
add_account(struct reader *r, const struct roll_row *row)
{
	struct coven_slice aor = spell(r, row->name, coven_first_domain(r->in));
	const struct account *other;
	struct account *a;
	const char *at;

	if (!aor.at) {
		complain(r, row, "name",
			 "not a user name, or not in a domain of ours: \"%.*s\"",
			 (int)row->name.length, row->name.at);
		return;
	}
	a = accounts_add(r->roll->accounts, aor, &other);
	if (!a) {
		complain(r, row, "name", "a second account of this name: \"%.*s\"",
			 (int)row->name.length, row->name.at);
		return;
	}
	at = memchr(aor.at, '@', aor.length);
	a->row = row;
	a->domain.at = at + 1;
	a->domain.length = aor.length - (size_t)(at + 1 - aor.at);
	set_proof(r, row, a);
}

/* An alias without a domain belongs to the account's own. */
static void
add_alias(struct reader *r, struct account *a, struct coven_slice name)
{
	struct coven_slice aor = spell(r, name, a->domain);
	const struct account *other;

	if (!aor.at)
		complain(r, a->row, "aliases",
			 "not a user name, or not in a domain of ours: \"%.*s\"",
			 (int)name.length, name.at);
	else if (accounts_alias(r->roll->accounts, a, aor, &other) != 0)
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
	size_t names = 0, each = sizeof SCHEME + 1 + home.length;

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
