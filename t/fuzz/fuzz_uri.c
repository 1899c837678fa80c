/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URIs and addresses: their parts lie inside, equality holds, canonical forms stay as
 * they are. */
#include "base/text.h"
#include "sip/uri.h"
#include "sip/value.h"

#include <stdlib.h>
#include <string.h>

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
run_uri(struct coven_slice text, struct arena *arena)
{
	struct sip_uri uri, canonical;
	struct coven_slice aor, twice;
	size_t i;

	check(!(uri_parse(text, &uri) == 0) || uri_has_scheme(text));
	if (uri_parse(text, &uri) < 0)
		return;
	for (i = 0; i < text.length; i++)
		check((uint8_t)text.at[i] > ' ' && text.at[i] != '<' &&
		      text.at[i] != '>' && text.at[i] != '"');
	check_inside(text, uri.scheme);
	check_inside(text, uri.user);
	check_inside(text, uri.password);
	check_inside(text, uri.host);
	check_inside(text, uri.params);
	check_inside(text, uri.headers);
	check_inside(text, uri_param(&uri, "transport"));
	check(uri_equal(&uri, &uri));
	check(!uri.sip || uri.host.length > 0);
	aor = uri_aor(&uri, arena);
	check((aor.at != NULL) == uri.sip);
	if (aor.at == NULL)
		return;
	check(uri_parse(aor, &canonical) == 0 && canonical.port == 0 &&
	      canonical.params.at == NULL);
	twice = uri_aor(&canonical, arena);
	check(text_same(aor, twice));
}

static void
run_address(struct coven_slice text, struct arena *arena)
{
	struct sip_name_addr na;
	struct coven_slice rest, name, value;

	value_contact(text, arena);
	if (name_addr_parse(text, &na) < 0)
		return;
	check_inside(text, na.display);
	check_inside(text, na.uri);
	check_inside(text, na.params);
	for (rest = na.params; param_next(&rest, &name, &value);) {
		check_inside(text, name);
		check_inside(text, value);
		check(name.length > 0);
	}
	check_inside(text, param_find(na.params, "q"));
	run_uri(na.uri, arena);
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
	run_uri(text, arena);
	run_address(text, arena);
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}
