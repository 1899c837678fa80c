/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roll: the options of users, and how their rows become accounts. */
#ifndef USERS_ROLL_H
#define USERS_ROLL_H

#include "account.h"

enum roll_digest { ROLL_ANY, ROLL_MD5, ROLL_SHA256 };

/* One row of the configuration. */
struct roll_row {
	struct coven_slice name, password, ha1_md5, ha1_sha256;
	struct coven_rows aliases;
	int64_t digest; /* enum roll_digest */
};

struct roll_options {
	struct coven_rows accounts; /* of struct roll_row */
};

struct roll {
	struct accounts *accounts;
	char *text; /* all AoRs, one after the other */
};

/* Every mistake is complained of with its line; -1: there was one. */
int roll_read(struct coven_instance *in, const struct roll_options *options,
	      struct roll *roll);
void roll_free(struct roll *roll);

#endif
