/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bindings, page by page: a million of them neither stop the loop nor fill memory. */
#include "reg.h"

#include <coven/flow.h>
#include <coven/store.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AOR_ROOM 512
#define CONTACT_ROOM 2048
#define DROPPED_MAX 100       /* bindings of one AoR; more the registrar never takes */
#define LINES_PER_SECOND 10  /* of the log, and worker */
#define DROP_CALL_ID "covenctl" /* no device's, so no CSeq is compared */

/* One command that waits for the store or for its reader. */
struct reg_walk {
	struct reg_walk *next;
	struct coven_instance *in;
	struct coven_out *out;
	bool whole;                 /* `show` */
	char aor[AOR_ROOM];
	char contact[CONTACT_ROOM]; /* of `drop`; empty: all */
	char *cursor;               /* of `list`, or NULL: at the beginning */
	size_t cursor_length;
};

struct reg {
	struct reg_walk *walks;
	int64_t second; /* of the log: a few lines in each */
	unsigned lines, lost;
};

static void
walk_unlink(struct reg_walk *w)
{
	struct reg *reg = coven_self(w->in);
	struct reg_walk **at = &reg->walks;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}

static void
walk_free(struct reg_walk *w)
{
	free(w->cursor);
	free(w);
}

static void
walk_end(struct reg_walk *w, int status)
{
	struct coven_out *out = w->out;

	walk_unlink(w);
	walk_free(w);
	coven_end(out, status);
}

static void
walk_fail(struct reg_walk *w, int result)
{
	coven_error(w->out, result == COVEN_STORE_REFUSED ? "the store cannot keep it now"
	                                                  : "the store does not answer");
	walk_end(w, 1);
}

/* -- rows */

static void
put_flow(struct coven_instance *in, struct coven_out *out, const struct coven_binding *b,
         bool whole)
{
	struct coven_flow_info info = { .size = sizeof info };
	char room[64], text[96] = "";
	struct coven_slice peer;

	if (coven_flow_facts(in, b->flow, &info) == 0) {
		peer = coven_address_text(&info.far_end, room);
		snprintf(text, sizeof text, "%.*s:%.*s", (int)info.transport.length, info.transport.at,
		         (int)peer.length, peer.at);
	}
	coven_put_text(out, "peer", coven_text(text));
	if (whole && *text)
		coven_put_bool(out, "connected",
		               (info.flags & COVEN_FLOW_STREAM) && coven_flow_alive(in, b->flow));
}

static void
put_binding(const struct reg_walk *w, struct coven_slice aor, const struct coven_binding *b)
{
	int64_t now = coven_wall_ms(w->in);
	struct coven_out *out = w->out;

	coven_row(out);
	coven_put_text(out, "aor", aor);
	coven_put_text(out, "contact", b->contact);
	coven_put_number(out, "expires", (b->expires_ms - now + 999) / 1000);
	coven_put_number(out, "q", b->q);
	put_flow(w->in, out, b, w->whole);
	coven_put_text(out, "user_agent", b->user_agent);
	if (!w->whole)
		return;
	coven_put_text(out, "path", b->path);
	coven_put_text(out, "instance", b->instance);
	coven_put_number(out, "reg_id", b->reg_id);
	coven_put_text(out, "call_id", b->call_id);
	coven_put_number(out, "cseq", b->cseq);
	coven_put_number(out, "since_update", (now - b->updated_ms) / 1000);
}

static void
put_bindings(const struct reg_walk *w, const struct coven_bindings *list)
{
	for (size_t i = 0; i < list->count; i++)
		put_binding(w, list->aor, coven_binding_at(list, i));
}

/* -- list of all */

static void
next_page(struct coven_instance *in, void *arg);

static int
keep_cursor(struct reg_walk *w, struct coven_slice cursor)
{
	free(w->cursor);
	w->cursor = malloc(cursor.length);
	w->cursor_length = cursor.length;
	if (!w->cursor)
		return -1;
	memcpy(w->cursor, cursor.at, cursor.length);
	return 0;
}

static void
scanned(struct coven_instance *in, uint64_t tag, int result,
        const struct coven_bindings *lists, size_t count, struct coven_slice cursor)
{
	struct reg_walk *w = (void *)(uintptr_t)tag;

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		walk_fail(w, result);
		return;
	}
	for (size_t i = 0; i < count; i++)
		put_bindings(w, &lists[i]);
	if (cursor.length == 0 || !coven_heard(w->out))
		walk_end(w, 0);
	else if (keep_cursor(w, cursor) != 0)
		walk_fail(w, COVEN_STORE_DOWN);
	else
		coven_flush(in, w->out, next_page, w);
}

static void
next_page(struct coven_instance *in, void *arg)
{
	struct reg_walk *w = arg;
	struct coven_slice cursor = { w->cursor, w->cursor ? w->cursor_length : 0 };

	coven_store_scan(in, cursor, REG_PAGE, scanned, (uintptr_t)w);
}

/* -- one AoR */

static void
found(struct coven_instance *in, uint64_t tag, int result, const struct coven_bindings *list)
{
	struct reg_walk *w = (void *)(uintptr_t)tag;

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		walk_fail(w, result);
		return;
	}
	if (result == COVEN_STORE_OK)
		put_bindings(w, list);
	if (w->whole && (result == COVEN_STORE_NONE || list->count == 0)) {
		coven_error(w->out, "%s is not registered", w->aor);
		walk_end(w, 1);
		return;
	}
	walk_end(w, 0);
}

/* -- drop */

static void
dropped(struct coven_instance *in, uint64_t tag, int result, const struct coven_bindings *list)
{
	struct reg_walk *w = (void *)(uintptr_t)tag;

	if (result == COVEN_STORE_OK || result == COVEN_STORE_NONE)
		walk_end(w, 0);
	else
		walk_fail(w, result);
}

static bool
is_meant(const struct reg_walk *w, const struct coven_binding *b)
{
	struct coven_slice wanted = coven_text(w->contact);

	return !*w->contact || coven_same(b->contact, wanted) ||
	       coven_uri_equal(b->contact, wanted);
}

/* The rows tell what goes. */
static void
drop_found(struct coven_instance *in, uint64_t tag, int result,
           const struct coven_bindings *list)
{
	struct reg_walk *w = (void *)(uintptr_t)tag;
	struct coven_limits limits = { .size = sizeof limits, .bindings = UINT32_MAX };
	struct coven_binding gone[DROPPED_MAX];
	struct coven_change changes[DROPPED_MAX];
	size_t count = 0;

	if (result != COVEN_STORE_OK && result != COVEN_STORE_NONE) {
		walk_fail(w, result);
		return;
	}
	for (size_t i = 0; result == COVEN_STORE_OK && i < list->count && count < DROPPED_MAX; i++) {
		const struct coven_binding *b = coven_binding_at(list, i);

		if (!is_meant(w, b))
			continue;
		put_binding(w, list->aor, b);
		gone[count] = (struct coven_binding){
			.size = sizeof gone[count], .contact = b->contact, .instance = b->instance,
			.reg_id = b->reg_id, .call_id = coven_text(DROP_CALL_ID), .cseq = 1,
		};
		changes[count] = (struct coven_change){ COVEN_UNBIND, &gone[count] };
		count++;
	}
	if (count) {
		coven_store_update(in, coven_text(w->aor), changes, count, &limits, dropped, tag);
		return;
	}
	coven_error(w->out, *w->contact ? "%s has no such contact" : "%s is not registered",
	            w->aor);
	walk_end(w, 1);
}

/* -- the command */

/* "alice", "alice@example.com", "sip:alice@EXAMPLE.com": as the store knows it. */
static int
read_aor(struct coven_instance *in, struct coven_out *out, struct coven_slice word,
         char room[AOR_ROOM])
{
	struct coven_slice first = coven_first_domain(in), host;
	bool scheme = word.length > 4 && strncasecmp(word.at, "sip:", 4) == 0;
	int length;
	char *at;

	if (scheme)
		word = (struct coven_slice){ word.at + 4, word.length - 4 };
	at = word.length ? memchr(word.at, '@', word.length) : NULL;
	length = snprintf(room, AOR_ROOM, "sip:%.*s%s%.*s", (int)word.length, word.at,
	                  at ? "" : "@", at ? 0 : (int)first.length, first.at);
	if (length < 0 || length >= AOR_ROOM || word.length == 0) {
		coven_error(out, "no user or address of record like \"alice\" or \"alice@%.*s\"",
		            (int)first.length, first.at);
		return -1;
	}
	at = strchr(room, '@') + 1;
	for (char *p = at; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	host = coven_text(at);
	if (coven_is_domain(in, host))
		return 0;
	coven_error(out, "\"%.100s\" is no domain of this server", at);
	return -1;
}

static struct reg_walk *
walk_new(struct coven_instance *in, struct coven_out *out)
{
	struct reg *reg = coven_self(in);
	struct reg_walk *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->in = in;
	w->out = out;
	w->next = reg->walks;
	reg->walks = w;
	return w;
}

static enum coven_verdict
start(struct coven_instance *in, struct coven_out *out, size_t count,
      const struct coven_slice *words, coven_bindings_fn *then)
{
	struct reg_walk *w = walk_new(in, out);

	if (!w)
		return COVEN_FAIL;
	w->whole = coven_is(words[0], "show");
	if ((count > 1 && read_aor(in, out, words[1], w->aor) != 0) ||
	    (count > 2 && words[2].length >= sizeof w->contact)) {
		coven_error(out, "no contact is that long");
		walk_unlink(w);
		walk_free(w);
		return COVEN_FAIL;
	}
	if (count > 2)
		memcpy(w->contact, words[2].at, words[2].length);
	if (count > 1)
		coven_store_find(in, coven_text(w->aor), then, (uintptr_t)w);
	else
		next_page(in, w);
	return COVEN_WAIT;
}

enum coven_verdict
reg_command(struct coven_instance *in, struct coven_out *out, size_t count,
            const struct coven_slice *words)
{
	coven_name_rows(out, "bindings");
	if ((count == 1 || count == 2) && coven_is(words[0], "list"))
		return start(in, out, count, words, found);
	if (count == 2 && coven_is(words[0], "show"))
		return start(in, out, count, words, found);
	if ((count == 2 || count == 3) && coven_is(words[0], "drop"))
		return start(in, out, count, words, drop_found);
	return COVEN_NEXT;
}

/* -- the log */

static bool
may_log(struct coven_instance *in)
{
	struct reg *reg = coven_self(in);
	int64_t second = coven_now_ms(in) / 1000;

	if (second != reg->second) {
		if (reg->lost)
			coven_log(in, COVEN_INFO, "%u more lines left out", reg->lost);
		reg->second = second;
		reg->lines = reg->lost = 0;
	}
	if (reg->lines++ < LINES_PER_SECOND)
		return true;
	reg->lost++;
	return false;
}

static uint32_t
short_hash(struct coven_slice text)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.length; i++)
		h = (h ^ (unsigned char)text.at[i]) * 16777619u;
	return h;
}

void
reg_log(struct coven_instance *in, struct coven_request *req, int status, size_t contacts)
{
	struct coven_flow_info info = { .size = sizeof info };
	struct coven_slice peer = { "-", 1 };
	char room[64];

	if (!may_log(in))
		return;
	if (coven_flow_facts(in, coven_source(req), &info) == 0)
		peer = coven_address_text(&info.far_end, room);
	coven_log(in, COVEN_INFO, "registration: call %08x from %.*s, code %d, %zu contacts",
	          (unsigned)short_hash(coven_header(coven_view(req), "Call-ID", 0)), (int)peer.length,
	          peer.at, status, contacts);
}

/* -- begin and end */

enum coven_verdict
reg_start(struct coven_instance *in)
{
	struct reg *reg = calloc(1, sizeof *reg);

	coven_set_self(in, reg);
	return reg ? COVEN_DONE : COVEN_FAIL;
}

/* Nobody answers any more; the core ends what waits. */
void
reg_stop(struct coven_instance *in)
{
	struct reg *reg = coven_self(in);

	if (!reg)
		return;
	while (reg->walks) {
		struct reg_walk *next = reg->walks->next;

		walk_free(reg->walks);
		reg->walks = next;
	}
	free(reg);
	coven_set_self(in, NULL);
}
