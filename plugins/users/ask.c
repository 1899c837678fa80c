/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is this, and what proves it?  What the store says is never kept: it may be shared
 * with others. */
#include "ask.h"
#include "desk.h"
#include "record.h"

#include <string.h>

static const struct coven_slice none = { NULL, 0 };

/* One question that the store is asked. */
struct question {
	struct errand errand;
	coven_call call;
	enum proof_spelling spelling;
	uint32_t hash;
	bool resolves;
};

/* The AoR that a digest user name of this realm would have; which of the two spellings it
 * is. */
static struct coven_slice
aor_of(struct coven_slice user, struct coven_slice realm, char room[NAME_AOR_MAX],
       enum proof_spelling *spelling)
{
	const char *at = user.length ? memchr(user.at, '@', user.length) : NULL;
	size_t length = at ? (size_t)(at - user.at) : user.length;
	size_t total = NAME_SCHEME_BYTES + length + 1 + realm.length;
	struct coven_slice domain = realm;
	char *to = room;

	*spelling = at ? PROOF_LONG : PROOF_SHORT;
	if (at)
		domain = (struct coven_slice){ at + 1, user.length - length - 1 };
	if (length == 0 || total > NAME_AOR_MAX || !coven_same(domain, realm))
		return none;
	memcpy(to, NAME_SCHEME, NAME_SCHEME_BYTES);
	to += NAME_SCHEME_BYTES;
	memcpy(to, user.at, length);
	to[length] = '@';
	memcpy(to + length + 1, realm.at, realm.length);
	return (struct coven_slice){ room, total };
}

/* With an empty ha1 where this hash or this spelling cannot prove the account. */
static void
tell_account(struct coven_instance *in, coven_call call, const struct proof *proof,
	     enum proof_spelling spelling, uint32_t hash, struct coven_slice aor)
{
	char hex[COVEN_HASH_TEXT];
	struct coven_credential found = {
		.size = sizeof found,
		.hash = hash,
		.only = proof->only,
		.ha1 = { hex, proof_hex(proof, spelling, hash, hex) },
		.aor = aor,
	};

	coven_credentials_answer(in, call, COVEN_CREDENTIALS_OK, &found);
	explicit_bzero(hex, sizeof hex);
}

/* -- what the store says */

static void
tell_result(struct coven_instance *in, const struct question *q, int result,
	    struct coven_slice aor)
{
	if (q->resolves)
		coven_credentials_answer_aor(in, q->call, result, aor);
	else
		coven_credentials_answer(in, q->call, result, NULL);
}

static void
tell_record(struct coven_instance *in, const struct question *q,
	    const struct coven_record *found)
{
	struct record r;

	if (record_read(found->value, &r) != 0) {
		desk_damaged(in, found->key);
		tell_result(in, q, COVEN_CREDENTIALS_DOWN, none);
	} else if (q->resolves) {
		tell_result(in, q, COVEN_CREDENTIALS_OK,
			    r.kind == RECORD_ALIAS ? r.target : found->key);
	} else if (r.kind == RECORD_ALIAS) {
		tell_result(in, q, COVEN_CREDENTIALS_NONE, none);
	} else {
		tell_account(in, q->call, &r.proof, q->spelling, q->hash, found->key);
	}
	explicit_bzero(&r, sizeof r);
}

static void
found(struct coven_instance *in, uint64_t tag, int result,
      const struct coven_records *records)
{
	struct question *q = errand_of(tag);

	if (result == COVEN_STORE_OK && records->count)
		tell_record(in, q, coven_record_at(records, 0));
	else
		tell_result(in, q,
			    result == COVEN_STORE_NONE ? COVEN_CREDENTIALS_NONE
						       : COVEN_CREDENTIALS_DOWN,
			    none);
	errand_end(q);
}

static void
ask_store(struct coven_instance *in, struct question what, struct coven_slice aor)
{
	struct question *q;

	if (!aor.at || aor.length > NAME_AOR_MAX || !desk_has_store(in)) {
		tell_result(in, &what, COVEN_CREDENTIALS_NONE, none);
		return;
	}
	q = errand_new(desk_errands(in), sizeof *q);
	if (!q) {
		tell_result(in, &what, COVEN_CREDENTIALS_DOWN, none);
		return;
	}
	what.errand = q->errand;
	*q = what;
	coven_table_get(in, RECORD_TABLE, aor, found, errand_tag(q));
}

/* -- questions */

void
ask_find(struct coven_instance *in, coven_call call, struct coven_slice user,
	 struct coven_slice realm, uint32_t hash)
{
	struct question q = { .call = call, .hash = hash };
	char room[NAME_AOR_MAX];
	struct coven_slice aor = aor_of(user, realm, room, &q.spelling);
	const struct account *a = NULL;
	bool alias = false;

	if (aor.at)
		a = accounts_find(desk_accounts(in), aor, &alias);
	if (!a)
		ask_store(in, q, aor);
	else if (alias)
		coven_credentials_answer(in, call, COVEN_CREDENTIALS_NONE, NULL);
	else
		tell_account(in, call, &a->proof, q.spelling, hash, a->aor);
}

void
ask_resolve(struct coven_instance *in, coven_call call, struct coven_slice aor)
{
	struct question q = { .call = call, .resolves = true };
	const struct account *a = accounts_find(desk_accounts(in), aor, NULL);

	if (a)
		coven_credentials_answer_aor(in, call, COVEN_CREDENTIALS_OK, a->aor);
	else
		ask_store(in, q, aor);
}
