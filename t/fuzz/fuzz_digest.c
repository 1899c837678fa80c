/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials: fields lie inside, what was read can be checked, and the library reads the
 * same text unharmed. */
#include "base/text.h"
#include "sip/value.h"
#include <coven/digest.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
check_inside(struct coven_slice text, struct coven_slice part)
{
	if (part.at != NULL)
		check(part.at >= text.at &&
		      part.at + part.length <= text.at + text.length);
	else
		check(part.length == 0);
}

static void
run(struct coven_slice text)
{
	struct coven_credentials_given given = { .size = sizeof given };
	char ha1[COVEN_HASH_TEXT];
	size_t length;

	if (coven_digest_read(text, &given) < 0)
		return;
	check_inside(text, given.username);
	check_inside(text, given.realm);
	check_inside(text, given.nonce);
	check_inside(text, given.uri);
	check_inside(text, given.response);
	check_inside(text, given.algorithm);
	check_inside(text, given.cnonce);
	check_inside(text, given.opaque);
	check_inside(text, given.qop);
	check_inside(text, given.nc);
	check(given.username.at && given.realm.at && given.nonce.length &&
	      given.uri.length);
	length = coven_digest_ha1(given.hash, given.username, given.realm, TEXT("secret"),
				  ha1);
	check((length != 0) == (given.hash != 0));
	coven_digest_check(&given, (struct coven_slice){ ha1, length }, TEXT("REGISTER"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool open;
	struct coven_slice text = { (const char *)data, size };
	struct arena_pool *pool = arena_pool_new(4);
	struct arena *arena = arena_new(pool);

	if (!open)
		open = value_open() == 0;
	run(text);
	value_authorization(text, arena);
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}
