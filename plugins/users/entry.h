/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entry: a line of an import: an account and its aliases.
 *
 *	name password
 *	name,password[,alias...]
 *	name,domain,HA1-MD5,HA1-SHA256[,alias...]	one of the hashes may be empty
 */
#ifndef USERS_ENTRY_H
#define USERS_ENTRY_H

#include "name.h"
#include "proof.h"

#define ENTRY_ALIASES_MAX 16
#define ENTRY_FAULT 200

struct entry {
	char room[NAME_AOR_MAX];
	struct coven_slice aor;
	struct proof proof;
	size_t aliases;
	char alias_rooms[ENTRY_ALIASES_MAX][NAME_AOR_MAX];
	struct coven_slice alias[ENTRY_ALIASES_MAX];
	char fault[ENTRY_FAULT]; /* what is wrong; never with the password in it */
};

/* -1: see fault. */
int entry_read(struct entry *e, const struct coven_instance *in, struct coven_slice line);

#endif
