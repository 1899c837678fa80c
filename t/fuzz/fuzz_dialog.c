/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved dialogs: what is read is saved as the same bytes, and whatever it holds makes a request that can be scanned,
 * with the lines it should have and no other. */
#include "base/text.h"
#include "host/dialog_state.h"
#include "sip/scan.h"

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
run_request(const struct dialog_state *s, struct arena *arena)
{
	static struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault;
	struct coven_slice text =
		arena_print(arena,
			    "NOTIFY %.*s SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK0\r\n"
			    "Max-Forwards: 70\r\nRoute: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\n"
			    "To: <%.*s>;tag=%.*s\r\nCall-ID: %.*s\r\nCSeq: 1 NOTIFY\r\n"
			    "Content-Length: 0\r\n\r\n",
			    TEXT_ARG(s->target),
			    TEXT_ARG(s->route.length ? s->route : TEXT("<sip:a>")),
			    TEXT_ARG(s->local_uri), TEXT_ARG(s->local_tag),
			    TEXT_ARG(s->remote_uri), TEXT_ARG(s->remote_tag),
			    TEXT_ARG(s->call_id));

	check(text.at != NULL);
	check(sip_scan(&m, text.at, text.length, true, &scratch, &fault) == 0);
	check(m.field_count == 8);
	check(text_same(sip_slice(&m, m.uri), s->target));
	check(text_same(sip_slice(&m, m.call_id), s->call_id));
	check(text_same(sip_slice(&m, m.from_tag), s->local_tag));
	check(text_same(sip_slice(&m, m.to_tag), s->remote_tag));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct coven_slice bytes = { (const char *)data, size };
	struct arena_pool *pool;
	struct arena *arena;
	struct dialog_state s;
	uint8_t *again;

	if (dialog_state_read(&s, bytes) != 0)
		return 0;
	check(dialog_state_save(&s, NULL, 0) == size);
	again = malloc(size);
	check(dialog_state_save(&s, again, size) == size && memcmp(again, data, size) == 0);
	free(again);
	if (!s.begun)
		return 0;
	pool = arena_pool_new(4);
	arena = arena_new(pool);
	run_request(&s, arena);
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}
