/* SPDX-License-Identifier: GPL-3.0-or-later */
/* name: what a person writes, "alice" or "alice@Example.COM", as an AoR in its one
 * spelling. */
#ifndef USERS_NAME_H
#define USERS_NAME_H

#include <coven/plugin.h>

#define NAME_SCHEME "sip:"
#define NAME_SCHEME_BYTES (sizeof NAME_SCHEME - 1)
#define NAME_USER_MAX 128   /* user part of an account or alias */
#define NAME_DOMAIN_MAX 253 /* a DNS name */
#define NAME_AOR_MAX (NAME_SCHEME_BYTES + NAME_USER_MAX + 1 + NAME_DOMAIN_MAX)

/* The AoR of this name, in the room; without a domain it is in `home`.  NULL, or why it is
 * no name, to stand behind it in a sentence. */
const char *name_spell(const struct coven_instance *in, struct coven_slice name,
		       struct coven_slice home, char room[NAME_AOR_MAX],
		       struct coven_slice *aor);
/* Of an AoR. */
struct coven_slice name_user(struct coven_slice aor);
struct coven_slice name_long(struct coven_slice aor); /* user@domain */
struct coven_slice name_domain(struct coven_slice aor);

#endif
