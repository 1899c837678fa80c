/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users -- accounts, of the configuration and of the store: gives the service
 * "credentials". */
#include "ask.h"
#include "command.h"
#include "roll.h"

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

static const struct coven_command commands[] = {
	{ "user",
	  "list | add NAME [--digest any|md5|sha256] PASSWORD | passwd NAME [--digest ...] "
	  "PASSWORD | del NAME | alias list [NAME] | alias add NAME ALIAS | alias del ALIAS | "
	  "import FILE",
	  "the accounts, and changes of those in the store", command_user },
	{ NULL, NULL, NULL, NULL }
};

static const struct coven_credentials ops = { .size = sizeof ops,
					      .find = ask_find,
					      .resolve = ask_resolve };

static const struct coven_service gives[] = {
	{ "credentials", COVEN_CREDENTIALS_VERSION, &ops }, { NULL, 0, NULL }
};
static const struct coven_need wants[] = { { "store", COVEN_STORE_VERSION }, { NULL, 0 } };

COVEN_PLUGIN(.name = "users", .version = "0.1.0",
	     .summary = "accounts, written in the configuration or made by covenctl",
	     .options_size = sizeof(struct roll_options), .options = options,
	     .commands = commands, .gives = gives, .wants = wants, .open = desk_open,
	     .close = desk_close, .start = desk_start, .stop = desk_stop);
