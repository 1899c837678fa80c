/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts made, and given another password.  Hashes are made before anything waits, so
 * that the password is nowhere afterwards. */
#include "command.h"

#include <string.h>

#define WORDS_MAX 4 /* NAME --digest DIGEST PASSWORD */

struct change {
	struct errand errand;
	struct coven_out *out;
	char room[NAME_AOR_MAX];
	struct coven_slice aor;
	struct proof proof; /* with all hashes, until `only` is known */
	uint32_t only;
	bool has_only, is_new;
};

static void
end(struct change *c, int status)
{
	coven_end(c->out, status);
	errand_end(c);
}

static void
stored(struct coven_instance *in, uint64_t tag, int result,
       const struct coven_records *records)
{
	struct change *c = errand_of(tag);

	if (result == COVEN_STORE_OK) {
		coven_row(c->out);
		coven_put_text(c->out, "aor", c->aor);
		coven_put_text(c->out, "digest", coven_text(proof_word(c->proof.only)));
		coven_log(in, COVEN_INFO, "%s",
			  c->is_new ? "a new account" : "a new password for an account");
	} else if (result == COVEN_STORE_CHANGED && c->is_new) {
		command_taken(in, c->out, c->aor, records);
	} else {
		coven_error(c->out, "%s", command_fault(in, result));
	}
	end(c, result == COVEN_STORE_OK ? 0 : 1);
}

static void
store(struct coven_instance *in, struct change *c, uint32_t only, uint64_t expected)
{
	struct record account = { .kind = RECORD_ACCOUNT };
	struct coven_record record = { .size = sizeof record, .key = c->aor };
	uint8_t bytes[RECORD_MAX];

	if (proof_restrict(&c->proof, only) != 0) {
		coven_error(c->out, "this system cannot make the hash for it");
		end(c, 1);
		return;
	}
	account.proof = c->proof;
	record.value = (struct coven_slice){ (const char *)bytes,
					     record_write(&account, bytes) };
	coven_table_put(in, RECORD_TABLE, &record, expected, stored, errand_tag(c));
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(&account, sizeof account);
}

/* -- words */

/* "--digest D" stands before or behind the name; the last word is never looked at, it may
 * be a password.  The words left, or 0: said what is wrong. */
static size_t
take_digest(struct coven_out *out, struct change *c, size_t count,
	    const struct coven_slice *words, struct coven_slice left[WORDS_MAX])
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (i + 2 >= count || c->has_only || !coven_is(words[i], "--digest")) {
			left[kept++] = words[i];
			continue;
		}
		if (proof_only(words[++i], &c->only) != 0) {
			coven_error(out, "\"%.*s\" is no digest: any, md5 or sha256",
				    (int)words[i].length, words[i].at);
			return 0;
		}
		c->has_only = true;
	}
	return kept;
}

/* NULL: the words are wrong, and *verdict says how. */
static struct change *
begin(struct coven_instance *in, struct coven_out *out, size_t count,
      const struct coven_slice *words, enum coven_verdict *verdict)
{
	struct coven_slice left[WORDS_MAX];
	const char *fault = NULL;
	struct change *c;
	size_t have;

	*verdict = COVEN_NEXT;
	if (count == 0 || count > WORDS_MAX)
		return NULL;
	*verdict = COVEN_FAIL;
	c = errand_new(desk_errands(in), sizeof *c);
	if (!c)
		return NULL;
	c->out = out;
	have = take_digest(out, c, count, words, left);
	if (have == 2)
		fault = command_password(left[1]);
	else if (have == 1)
		fault = "there is no password behind the name";
	else if (have > 2)
		*verdict = COVEN_NEXT;
	if (fault)
		coven_error(out, "%s", fault);
	if (!fault && have == 2 &&
	    command_name(in, out, left[0], coven_first_domain(in), c->room, &c->aor) &&
	    command_free(in, out, c->aor)) {
		proof_of_password(&c->proof, c->aor, left[1]);
		*verdict = COVEN_WAIT;
		return c;
	}
	errand_end(c);
	return NULL;
}

enum coven_verdict
change_add(struct coven_instance *in, struct coven_out *out, size_t count,
	   const struct coven_slice *words)
{
	enum coven_verdict verdict;
	struct change *c = begin(in, out, count, words, &verdict);

	if (c) {
		c->is_new = true;
		store(in, c, c->only, COVEN_NO_RECORD);
	}
	return verdict;
}

/* Which hash it is asked for stays, unless told. */
static void
read_old(struct coven_instance *in, uint64_t tag, int result,
	 const struct coven_records *records)
{
	struct change *c = errand_of(tag);
	const struct coven_record *old;
	struct record r;

	if (result != COVEN_STORE_OK || records->count == 0) {
		if (result == COVEN_STORE_NONE)
			coven_error(c->out, "there is no account %.*s",
				    (int)c->aor.length, c->aor.at);
		else
			coven_error(c->out, "%s", command_fault(in, result));
		end(c, 1);
		return;
	}
	old = coven_record_at(records, 0);
	if (record_read(old->value, &r) != 0 || r.kind != RECORD_ACCOUNT) {
		command_taken(in, c->out, c->aor, records);
		end(c, 1);
	} else {
		store(in, c, c->has_only ? c->only : r.proof.only, old->version);
	}
	explicit_bzero(&r, sizeof r);
}

enum coven_verdict
change_passwd(struct coven_instance *in, struct coven_out *out, size_t count,
	      const struct coven_slice *words)
{
	enum coven_verdict verdict;
	struct change *c = begin(in, out, count, words, &verdict);

	if (c)
		coven_table_get(in, RECORD_TABLE, c->aor, read_old, errand_tag(c));
	return verdict;
}
