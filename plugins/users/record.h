/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: what stands in the store's table "users" under an AoR: an account or an alias.
 *
 *	1 | 1 account | only | what there is, a bit a hash | the hashes
 *	1 | 2 alias   | AoR of its account
 *
 * The first byte is the version.  Hashes stand in the order md5 and sha256 of the short
 * spelling, then of the long one; the lowest bit is the first. */
#ifndef USERS_RECORD_H
#define USERS_RECORD_H

#include "name.h"
#include "proof.h"

#define RECORD_TABLE "users"
#define RECORD_VERSION 1
#define RECORD_MAX (2 + NAME_AOR_MAX)

enum record_kind { RECORD_ACCOUNT = 1, RECORD_ALIAS = 2 };

struct record {
	enum record_kind kind;
	struct proof proof;        /* of an account */
	struct coven_slice target; /* of an alias: the account's AoR; a part of what was read */
};

/* The bytes, in the room, and their number. */
size_t record_write(const struct record *r, uint8_t room[RECORD_MAX]);
/* -1: damaged, or of a version that we do not know. */
int record_read(struct coven_slice value, struct record *r);

#endif
