/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users -- accounts from the configuration: gives the service "credentials". */
#include "roll.h"

#include <stdlib.h>
#include <string.h>

#define AOR_MAX_BYTES 512 /* longer than any account's */

static const char *const digests[] = { "any", "md5", "sha256", NULL };

static const struct coven_option columns[] = {
	COVEN_OPTION("name", COVEN_STRING, struct roll_row, name, NULL,
		     "user, or user@domain; without a domain: the first of `domains`"),
	COVEN_OPTION("password", COVEN_SECRET, struct roll_row, password, "",
		     "what the phone proves; only hashes of it are kept"),
	COVEN_OPTION("ha1_md5", COVEN_SECRET, struct roll_row, ha1_md5, "",
		     "instead of a password: MD5 of user:domain:password in hex"),
	COVEN_OPTION("ha1_sha256", COVEN_SECRET, struct roll_row, ha1_sha256, "",
		     "instead of a password: SHA-256 of user:domain:password in hex"),
	COVEN_OPTION("aliases", COVEN_LIST, struct roll_row, aliases, "()",
		     "extension numbers and other names that ring this account"),
	COVEN_CHOICE("digest", struct roll_row, digest, "any", digests,
		     "the only hash this account is asked for"),
	COVEN_OPTIONS_END
};

static const struct coven_option options[] = { COVEN_ROWS("accounts", struct roll_options,
							  accounts, struct roll_row,
							  columns, "one row a user"),
					       COVEN_OPTIONS_END };

static void
to_hex(const uint8_t *bytes, size_t size, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
}

/* The AoR that a digest user name of this realm would have; which of the two spellings it
 * is. */
static struct coven_slice
aor_of(struct coven_slice user, struct coven_slice realm, char room[AOR_MAX_BYTES],
       enum account_spelling *spelling)
{
	const char *at = user.length ? memchr(user.at, '@', user.length) : NULL;
	size_t length = at ? (size_t)(at - user.at) : user.length;
	struct coven_slice domain = realm;
	size_t total = 5 + length + realm.length;

	*spelling = at ? ACCOUNT_LONG : ACCOUNT_SHORT;
	if (at)
		domain = (struct coven_slice){ at + 1, user.length - length - 1 };
	if (total > AOR_MAX_BYTES || !coven_same(domain, realm))
		return (struct coven_slice){ NULL, 0 };
	memcpy(room, "sip:", 4);
	memcpy(room + 4, user.at, length);
	room[4 + length] = '@';
	memcpy(room + 5 + length, realm.at, realm.length);
	return (struct coven_slice){ room, total };
}

static size_t
hash_text(const struct account_hash *from, uint32_t hash, char room[COVEN_HASH_TEXT])
{
	if (hash == COVEN_MD5 && from->has_md5) {
		to_hex(from->md5, sizeof from->md5, room);
		return 2 * sizeof from->md5;
	}
	if (hash == COVEN_SHA256 && from->has_sha256) {
		to_hex(from->sha256, sizeof from->sha256, room);
		return 2 * sizeof from->sha256;
	}
	return 0;
}

/* The account, with an empty ha1 where this hash or this spelling cannot prove it. */
static void
find(struct coven_instance *in, coven_call call, struct coven_slice user,
     struct coven_slice realm, uint32_t hash)
{
	const struct roll *roll = coven_shared(in);
	char room[AOR_MAX_BYTES], hex[COVEN_HASH_TEXT];
	enum account_spelling spelling;
	struct coven_slice aor = aor_of(user, realm, room, &spelling);
	const struct account *a = NULL;
	bool alias = false;

	if (aor.at)
		a = accounts_find(roll->accounts, aor, &alias);
	if (!a || alias) {
		coven_credentials_answer(in, call, COVEN_CREDENTIALS_NONE, NULL);
		return;
	}
	struct coven_credential found = {
		.size = sizeof found,
		.hash = hash,
		.only = a->only,
		.ha1 = { hex, hash_text(&a->hashes[spelling], hash, hex) },
		.aor = a->aor,
	};
	coven_credentials_answer(in, call, COVEN_CREDENTIALS_OK, &found);
	explicit_bzero(hex, sizeof hex);
}

static void
resolve(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	const struct roll *roll = coven_shared(in);
	const struct account *a = accounts_find(roll->accounts, aor, NULL);

	if (a)
		coven_credentials_answer_aor(in, call, COVEN_CREDENTIALS_OK, a->aor);
	else
		coven_credentials_answer_aor(in, call, COVEN_CREDENTIALS_NONE,
					     (struct coven_slice){ NULL, 0 });
}

static const char *
digest_word(const struct account *a)
{
	return a->only == COVEN_MD5 ? "md5" : a->only == COVEN_SHA256 ? "sha256" : "any";
}

static enum coven_verdict
user(struct coven_instance *in, struct coven_out *out, size_t count,
     const struct coven_slice *words)
{
	const struct roll *roll = coven_shared(in);

	if (count != 1 || !coven_is(words[0], "list"))
		return COVEN_NEXT;
	for (size_t i = 0; i < accounts_count(roll->accounts); i++) {
		const struct account *a = accounts_at(roll->accounts, i);

		coven_row(out);
		coven_put_text(out, "aor", a->aor);
		coven_put_number(out, "aliases", (int64_t)a->aliases);
		coven_put_text(out, "digest", coven_text(digest_word(a)));
	}
	return COVEN_DONE;
}

static int
open_roll(struct coven_instance *in)
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

static void
close_roll(struct coven_instance *in)
{
	struct roll *roll = coven_shared(in);

	if (!roll)
		return;
	roll_free(roll);
	free(roll);
}

static const struct coven_command commands[] = { { "user", "list", "the accounts", user },
						 { NULL, NULL, NULL, NULL } };

static const struct coven_credentials ops = { .size = sizeof ops,
					      .find = find,
					      .resolve = resolve };

static const struct coven_service gives[] = {
	{ "credentials", COVEN_CREDENTIALS_VERSION, &ops }, { NULL, 0, NULL }
};

COVEN_PLUGIN(.name = "users", .version = "0.1.0",
	     .summary = "accounts written in the configuration",
	     .options_size = sizeof(struct roll_options), .options = options,
	     .commands = commands, .gives = gives, .open = open_roll,
	     .close = close_roll);
