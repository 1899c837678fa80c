/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of an import are read. */
#include "entry.h"
#include "command.h"
#include "csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 60

__attribute__((format(printf, 2, 3))) static int
fail(struct entry *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(e->fault, sizeof e->fault, fmt, args);
	va_end(args);
	return -1;
}

static int
spell(struct entry *e, const struct coven_instance *in, struct coven_slice name,
      struct coven_slice home, char room[NAME_AOR_MAX], struct coven_slice *aor)
{
	const char *fault = name_spell(in, name, home, room, aor);
	int shown = (int)(name.length < SHOWN ? name.length : SHOWN);

	return fault ? fail(e, "\"%.*s\" %s", shown, name.length ? name.at : "", fault) : 0;
}

static bool
is_hash(struct coven_slice text, size_t length)
{
	if (text.length == 0)
		return true;
	for (size_t i = 0; i < text.length; i++)
		if (!strchr("0123456789abcdefABCDEF", text.at[i]) || !text.at[i])
			return false;
	return text.length == length;
}

static struct coven_slice
field(const struct csv *c, size_t nth)
{
	return nth < c->count ? c->fields[nth] : (struct coven_slice){ NULL, 0 };
}

/* Does the line give hashes, and no password? */
static bool
has_hashes(const struct csv *c, const struct coven_instance *in)
{
	struct coven_slice md5 = field(c, 2), sha256 = field(c, 3);

	return coven_is_domain(in, field(c, 1)) && md5.length + sha256.length > 0 &&
	       is_hash(md5, 2 * PROOF_MD5_SIZE) && is_hash(sha256, 2 * PROOF_SHA256_SIZE);
}

/* How many fields that took, or -1. */
static int
read_hashes(struct entry *e, const struct csv *c)
{
	const char *fault = proof_of_hex(&e->proof, field(c, 2), field(c, 3));

	if (fault)
		return fail(e, "%s", fault);
	if (!coven_alike(field(c, 1), name_domain(e->aor)))
		return fail(e, "the hashes are of another domain than %.*s",
			    (int)e->aor.length, e->aor.at);
	return 4;
}

static int
read_password(struct entry *e, const struct csv *c)
{
	const char *fault = command_password(field(c, 1));

	if (fault)
		return fail(e, "%s", fault);
	proof_of_password(&e->proof, e->aor, field(c, 1));
	if (proof_restrict(&e->proof, 0) != 0)
		return fail(e, "this system cannot make the hashes");
	return 2;
}

static int
read_fields(struct entry *e, const struct coven_instance *in, const struct csv *c)
{
	int at;

	if (c->count < 2)
		return fail(e, "there is no password behind the name");
	if (spell(e, in, field(c, 0), coven_first_domain(in), e->room, &e->aor) != 0)
		return -1;
	at = has_hashes(c, in) ? read_hashes(e, c) : read_password(e, c);
	if (at < 0)
		return -1;
	for (size_t i = (size_t)at; i < c->count; i++) {
		if (c->fields[i].length == 0)
			continue;
		if (e->aliases == ENTRY_ALIASES_MAX)
			return fail(e, "more than %d aliases", ENTRY_ALIASES_MAX);
		if (spell(e, in, c->fields[i], name_domain(e->aor),
			  e->alias_rooms[e->aliases], &e->alias[e->aliases]) != 0)
			return -1;
		e->aliases++;
	}
	return 0;
}

/* "name password": a blank comes before any comma or quote; the password is all the rest. */
static bool
is_plain(struct csv *c, struct coven_slice line)
{
	size_t name = 0, at;

	while (name < line.length && !memchr(" \t,\"", line.at[name], 4))
		name++;
	for (at = name; at < line.length && (line.at[at] == ' ' || line.at[at] == '\t'); at++)
		;
	if (name == 0 || at == name || at == line.length || line.at[at] == ',')
		return false;
	c->fields[0] = (struct coven_slice){ line.at, name };
	c->fields[1] = (struct coven_slice){ line.at + at, line.length - at };
	c->count = 2;
	return true;
}

int
entry_read(struct entry *e, const struct coven_instance *in, struct coven_slice line)
{
	struct csv c;
	const char *fault = is_plain(&c, line) ? NULL : csv_read(&c, line);
	int rc = fault ? fail(e, "%s", fault) : read_fields(e, in, &c);

	explicit_bzero(&c, sizeof c);
	return rc;
}
