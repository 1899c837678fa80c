/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account: who has one in the configuration, what proves it, and the other names it goes
 * by.  Made once in open(), then only read, so no lock is needed. */
#ifndef USERS_ACCOUNT_H
#define USERS_ACCOUNT_H

#include "proof.h"

#include <coven/plugin.h>

struct account {
	struct coven_slice aor; /* "sip:alice@example.com" */
	const void *row;        /* of the options: for complaints */
	struct proof proof;
};

/* Accounts by AoR and by alias. */
struct accounts;
struct accounts *accounts_new(size_t accounts, size_t names); /* NULL: no memory */
void accounts_free(struct accounts *all);                     /* hashes are wiped */
size_t accounts_count(const struct accounts *all);
struct account *accounts_at(const struct accounts *all, size_t nth);

/* The next account, whose AoR is text that outlives `all`, or NULL: somebody has this
 * name, *other. */
struct account *accounts_add(struct accounts *all, struct coven_slice aor,
			     const struct account **other);
/* -1: somebody has this name, *other. */
int accounts_alias(struct accounts *all, struct account *owner, struct coven_slice aor,
		   const struct account **other);
/* The nth name, accounts and aliases; NULL: no more. */
const struct account *accounts_name(const struct accounts *all, size_t nth,
				    struct coven_slice *name, bool *is_alias);
/* By AoR or alias; NULL: nobody. */
const struct account *accounts_find(const struct accounts *all, struct coven_slice aor,
				    bool *is_alias);

#endif
