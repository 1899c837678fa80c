/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts, or aliases: those of the configuration, then the store's, page by page. */
#include "command.h"

#include <string.h>

#define PAGE 200

struct list {
	struct errand errand;
	struct coven_out *out;
	bool aliases;
	char room[NAME_AOR_MAX];
	struct coven_slice owner; /* only aliases of this one; none: of all */
	char cursor_room[COVEN_TABLE_KEY_MAX];
	struct coven_slice cursor;
};

static void
put_account(struct coven_out *out, struct coven_slice aor, const struct proof *proof,
	    const char *from)
{
	coven_row(out);
	coven_put_text(out, "aor", aor);
	coven_put_text(out, "digest", coven_text(proof_word(proof->only)));
	coven_put_text(out, "from", coven_text(from));
}

static void
put_alias(const struct list *l, struct coven_slice alias, struct coven_slice owner,
	  const char *from)
{
	if (l->owner.at && !coven_same(l->owner, owner))
		return;
	coven_row(l->out);
	coven_put_text(l->out, "alias", alias);
	coven_put_text(l->out, "aor", owner);
	coven_put_text(l->out, "from", coven_text(from));
}

static void
put_configured(struct coven_instance *in, const struct list *l)
{
	const struct account *a;
	struct coven_slice name;
	bool alias;

	for (size_t i = 0; (a = accounts_name(desk_accounts(in), i, &name, &alias)); i++) {
		if (alias && l->aliases)
			put_alias(l, name, a->aor, "configuration");
		else if (!alias && !l->aliases)
			put_account(l->out, name, &a->proof, "configuration");
	}
}

/* A name that the configuration has, too, is shown, for somebody should tidy up. */
static void
put_record(struct coven_instance *in, const struct list *l, const struct coven_record *at)
{
	bool hidden = accounts_find(desk_accounts(in), at->key, NULL);
	const char *from = hidden ? "store, without effect" : "store";
	struct record r;

	if (record_read(at->value, &r) != 0)
		desk_damaged(in, at->key);
	else if (r.kind == RECORD_ALIAS && l->aliases)
		put_alias(l, at->key, r.target, from);
	else if (r.kind == RECORD_ACCOUNT && !l->aliases)
		put_account(l->out, at->key, &r.proof, from);
	explicit_bzero(&r, sizeof r);
}

static void next_page(struct coven_instance *in, void *arg);

static void
end(struct list *l, int status)
{
	coven_end(l->out, status);
	errand_end(l);
}

static void
paged(struct coven_instance *in, uint64_t tag, int result,
      const struct coven_records *records)
{
	struct list *l = errand_of(tag);

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		coven_error(l->out, "%s", command_fault(in, result));
		end(l, 1);
		return;
	}
	for (size_t i = 0; i < records->count; i++)
		put_record(in, l, coven_record_at(records, i));
	if (records->cursor.length == 0 || records->cursor.length > sizeof l->cursor_room ||
	    !coven_heard(l->out)) {
		end(l, 0);
		return;
	}
	memcpy(l->cursor_room, records->cursor.at, records->cursor.length);
	l->cursor = (struct coven_slice){ l->cursor_room, records->cursor.length };
	coven_flush(in, l->out, next_page, l);
}

static void
next_page(struct coven_instance *in, void *arg)
{
	struct list *l = arg;

	coven_table_range(in, RECORD_TABLE, coven_text(NAME_SCHEME), l->cursor, PAGE, paged,
			  errand_tag(l));
}

/* One after the other: what is in the configuration can be shown at once. */
static enum coven_verdict
run(struct coven_instance *in, struct list *l)
{
	coven_name_rows(l->out, l->aliases ? "aliases" : "users");
	put_configured(in, l);
	if (desk_has_store(in)) {
		next_page(in, l);
		return COVEN_WAIT;
	}
	errand_end(l);
	return COVEN_DONE;
}

enum coven_verdict
list_users(struct coven_instance *in, struct coven_out *out, size_t count,
	   const struct coven_slice *words)
{
	struct list *l;

	if (count != 0)
		return COVEN_NEXT;
	l = errand_new(desk_errands(in), sizeof *l);
	if (!l)
		return COVEN_FAIL;
	l->out = out;
	return run(in, l);
}

enum coven_verdict
list_aliases(struct coven_instance *in, struct coven_out *out, size_t count,
	     const struct coven_slice *words)
{
	struct list *l;

	if (count > 1)
		return COVEN_NEXT;
	l = errand_new(desk_errands(in), sizeof *l);
	if (!l)
		return COVEN_FAIL;
	l->out = out;
	l->aliases = true;
	if (count == 1 && !command_name(in, out, words[0], coven_first_domain(in), l->room,
					&l->owner)) {
		errand_end(l);
		return COVEN_FAIL;
	}
	return run(in, l);
}
