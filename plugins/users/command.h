/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: "covenctl user ...": what its parts have in common, and the parts. */
#ifndef USERS_COMMAND_H
#define USERS_COMMAND_H

#include "desk.h"
#include "record.h"

#define COMMAND_SHOWN 100 /* bytes of a wrong word in an error */

/* What is said behind "user". */
enum coven_verdict command_user(struct coven_instance *in, struct coven_out *out,
				size_t count, const struct coven_slice *words);

/* The AoR that a word means, in the room; false: it is none, and said so. */
bool command_name(struct coven_instance *in, struct coven_out *out, struct coven_slice word,
		  struct coven_slice home, char room[NAME_AOR_MAX],
		  struct coven_slice *aor);
/* false, and said: it belongs to the configuration. */
bool command_free(struct coven_instance *in, struct coven_out *out, struct coven_slice aor);
/* A password that can be one; NULL, or what is wrong. */
const char *command_password(struct coven_slice password);
/* Why the store has not done it. */
const char *command_fault(const struct coven_instance *in, int result);
/* The record that stands in the way, as a sentence. */
void command_taken(struct coven_instance *in, struct coven_out *out, struct coven_slice aor,
		   const struct coven_records *records);

/* -- the parts; each gets the words behind its own name */

/* change: add NAME [--digest D] PASSWORD, passwd likewise, del NAME. */
enum coven_verdict change_add(struct coven_instance *in, struct coven_out *out,
			      size_t count, const struct coven_slice *words);
enum coven_verdict change_passwd(struct coven_instance *in, struct coven_out *out,
				 size_t count, const struct coven_slice *words);
enum coven_verdict remove_user(struct coven_instance *in, struct coven_out *out,
			       size_t count, const struct coven_slice *words);
/* alias: add NAME ALIAS, del ALIAS. */
enum coven_verdict alias_add(struct coven_instance *in, struct coven_out *out, size_t count,
			     const struct coven_slice *words);
enum coven_verdict alias_del(struct coven_instance *in, struct coven_out *out, size_t count,
			     const struct coven_slice *words);
/* list: accounts; aliases, of one account or of all. */
enum coven_verdict list_users(struct coven_instance *in, struct coven_out *out,
			      size_t count, const struct coven_slice *words);
enum coven_verdict list_aliases(struct coven_instance *in, struct coven_out *out,
				size_t count, const struct coven_slice *words);
/* import LINE... */
enum coven_verdict import_lines(struct coven_instance *in, struct coven_out *out,
				size_t count, const struct coven_slice *words);

#endif
