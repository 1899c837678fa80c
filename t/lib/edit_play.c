/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A script is read byte by byte: what to do, to which header, to which of its values, with which
 * text. */
#include "edit_play.h"

#include "reference.h"

#include "base/text.h"
#include "sip/edit.h"

#include <stdlib.h>

#define LAYERS 3
#define STEPS 400 /* of one script */

struct play {
	struct arena_pool *pool;
	struct arena *own;
	struct coven_slice script;
	const struct sip_message *message;
	struct sip_message copies[LAYERS];
	struct arena *arenas[LAYERS];
	struct edit edits[LAYERS];
	struct reference *references[LAYERS];
	int top; /* the layer that is edited */
};

struct target {
	struct coven_slice name; /* for both editors */
	enum sip_header id;      /* how edit is asked */
	struct coven_slice asked;
};

static uint8_t
play_byte(struct play *p)
{
	uint8_t byte = p->script.length ? (uint8_t)p->script.at[0] : 0;

	if (p->script.length)
		p->script = text_cut(p->script, 1, p->script.length);
	return byte;
}

static struct coven_slice
play_bytes(struct play *p, size_t length)
{
	struct coven_slice bytes = text_cut(p->script, 0, length);

	p->script = text_cut(p->script, bytes.length, p->script.length);
	return bytes.at ? bytes : TEXT("");
}

static const struct coven_slice names[] = {
	{ "Via", 3 },
	{ "v", 1 },
	{ "Max-Forwards", 12 },
	{ "Route", 5 },
	{ "Record-Route", 12 },
	{ "Contact", 7 },
	{ "m", 1 },
	{ "SUPPORTED", 9 },
	{ "k", 1 },
	{ "Subject", 7 },
	{ "X-Unknown", 9 },
	{ "x-unknown", 9 },
	{ "X-Other", 7 },
	{ "Content-Length", 14 },
	{ "Path", 4 },
	{ "Reason", 6 },
	{ "", 0 },
	{ "X Y", 3 },
	{ "X-Y:", 4 },
	{ "Vi\r\na", 5 },
	{ "Diversion", 9 },
	{ "From", 4 },
	{ "Warning", 7 },
	{ "Authorization", 13 },
};

/* A header by one of the ways that edit.h allows. */
static struct target
play_target(struct play *p)
{
	uint8_t which = play_byte(p), way = play_byte(p) % 4;
	struct target t = { .id = SIP_OTHER };

	if (which & 1 && p->message->field_count)
		t.name = sip_slice(p->message,
				   p->message->fields[which / 2 % p->message->field_count].name);
	else
		t.name = names[which / 2 % (sizeof names / sizeof *names)];
	t.asked = t.name;
	if (way > 0)
		t.id = sip_header_id(t.name);
	if (way == 3 && t.id != SIP_OTHER) {
		t.asked = TEXT("");
		t.name = text_of(sip_header_name(t.id));
	}
	return t;
}

static struct coven_slice
play_value(struct play *p)
{
	static const struct coven_slice values[] = {
		{ "SIP/2.0/UDP proxy.example;branch=z9hG4bKx", 41 },
		{ "<sip:proxy.example;lr>", 22 },
		{ "\"A, \\\"b\" <sip:a,b@example.org>;q=0.5", 36 },
		{ "69", 2 },
		{ "", 0 },
		{ "  \t blanks ", 11 },
		{ "<sip:a@b>, <sip:c@d>", 20 },
		{ "a,,b", 4 },
		{ "\"open", 5 },
		{ "<open", 5 },
		{ "close>", 6 },
		{ "x\r\nEvil: y", 10 },
		{ "nul\0", 4 },
		{ ",", 1 },
		{ "a,", 2 },
		{ "plain", 5 },
	};
	size_t which = play_byte(p), count = sizeof values / sizeof *values;

	if (which < 4 * count)
		return values[which % count];
	return play_bytes(p, which % 32);
}

static struct coven_slice
play_body(struct play *p)
{
	size_t length = play_byte(p);
	char *bytes = length < 250 ? NULL : arena_zero(p->own, SIP_BODY_MAX + 1);

	if (length < 250)
		return play_bytes(p, length);
	return (struct coven_slice){ bytes, bytes ? SIP_BODY_MAX + 1 - length % 2 : 0 };
}

/* -- comparing */

static bool
same(struct coven_slice a, struct coven_slice b)
{
	return !a.at == !b.at && text_same(a, b);
}

static const char *
compare_header(const struct edit *e, const struct reference *r, struct coven_slice name)
{
	size_t count = reference_count(r, name);

	if (edit_count(e, SIP_OTHER, name) != count ||
	    edit_count(e, sip_header_id(name), name) != count)
		return "how many values a header has";
	for (size_t i = 0; i <= count; i++) {
		struct coven_slice want = reference_read(r, name, i);

		if (!same(edit_read(e, SIP_OTHER, name, i), want) ||
		    !same(edit_read(e, sip_header_id(name), name, i), want))
			return "a value";
	}
	return NULL;
}

/* The nth of all values is the first one under a name that is spelt so. */
static bool
is_first(const struct reference *r, size_t nth, struct coven_slice name)
{
	struct coven_slice other, value;

	for (size_t i = 0; i < nth && reference_each(r, i, &other, &value); i++)
		if (text_same(other, name))
			return false;
	return true;
}

static const char *
compare_all(const struct edit *e, const struct reference *r)
{
	struct coven_slice name, value, want_name, want_value;
	size_t cursor = 0;

	for (size_t i = 0; reference_each(r, i, &want_name, &want_value); i++) {
		const char *wrong =
			is_first(r, i, want_name) ? compare_header(e, r, want_name) : NULL;

		if (wrong)
			return wrong;
		if (!edit_each(e, &cursor, &name, &value))
			return "edit_each() ends early";
		if (!same(name, want_name) || !same(value, want_value))
			return "what edit_each() gives";
	}
	if (edit_each(e, &cursor, &name, &value) || edit_each(e, &cursor, &name, &value))
		return "edit_each() does not end";
	return NULL;
}

static const char *
compare_layer(struct play *p, int layer)
{
	const struct edit *e = &p->edits[layer];
	const struct reference *r = p->references[layer];
	struct arena *into = arena_new(p->pool);
	struct coven_slice rendered;
	const char *wrong = NULL;

	if (!into)
		abort();
	for (size_t i = 0; i < sizeof names / sizeof *names && !wrong; i++)
		wrong = compare_header(e, r, names[i]);
	if (!wrong)
		wrong = compare_all(e, r);
	if (!same(edit_read_uri(e), r->uri))
		wrong = "the URI";
	if (!same(edit_read_body(e), r->body))
		wrong = "the body";
	rendered = edit_render(e, into);
	if (!wrong)
		wrong = rendered.at ? reference_differs(r, rendered) : "nothing was rendered";
	arena_free(into);
	return wrong;
}

static const char *
compare(struct play *p)
{
	const char *wrong = NULL;

	for (int i = 0; i <= p->top && !wrong; i++)
		wrong = compare_layer(p, i);
	return wrong;
}

/* -- one step */

static const char *
step_edit(struct play *p, unsigned what)
{
	struct target t = play_target(p);
	size_t nth = what % 4 ? play_byte(p) % 6 : 0;
	struct coven_slice value = what % 4 == 3 ? TEXT("") : play_value(p);
	struct edit *e = &p->edits[p->top];
	struct reference *r = p->references[p->top];
	int got, want;

	if (what % 4 < 2) {
		bool top = what % 4 == 0;

		if (sip_header_id(t.name) == SIP_CONTENT_LENGTH)
			return NULL;
		got = edit_add(e, t.id, t.asked, value, top);
		want = reference_add(r, t.name, value, top);
	} else if (what % 4 == 2) {
		if (sip_header_id(t.name) == SIP_CONTENT_LENGTH)
			return NULL;
		got = edit_replace(e, t.id, t.asked, nth, value);
		want = reference_replace(r, t.name, nth, value);
	} else {
		got = edit_remove(e, t.id, t.asked, nth);
		want = reference_remove(r, t.name, nth);
	}
	return got == want ? NULL : "whether an edit is refused";
}

static const char *
step_start(struct play *p)
{
	struct coven_slice value = play_value(p);
	int got = edit_uri(&p->edits[p->top], value);

	return got == reference_uri(p->references[p->top], value) ? NULL
								  : "whether a URI is refused";
}

static const char *
step_body(struct play *p)
{
	struct coven_slice body = play_body(p);
	int got = edit_body(&p->edits[p->top], body);

	return got == reference_body(p->references[p->top], body) ? NULL
								  : "whether a body is refused";
}

static struct arena *
play_arena(struct play *p)
{
	struct arena *a = arena_new(p->pool);

	if (!a)
		abort();
	return a;
}

static void
step_layer(struct play *p)
{
	int below = p->top;

	if (below + 1 == LAYERS)
		return;
	p->top++;
	p->arenas[p->top] = play_arena(p);
	edit_init(&p->edits[p->top], p->arenas[p->top], p->edits[below].message, &p->edits[below]);
	p->references[p->top] = reference_copy(p->own, p->references[below]);
}

/* The top layer moves to other memory with a message of its own. */
static void
step_copy(struct play *p)
{
	struct arena *to = play_arena(p);
	struct edit copy;

	if (sip_copy(&p->copies[p->top], p->message, to) < 0 ||
	    edit_copy(&copy, to, &p->edits[p->top]) < 0)
		abort();
	copy.message = &p->copies[p->top];
	p->edits[p->top] = copy;
	arena_free(p->arenas[p->top]);
	p->arenas[p->top] = to;
}

static const char *
step(struct play *p)
{
	uint8_t what = play_byte(p) % 32;

	if (what < 24)
		return step_edit(p, what);
	if (what < 26)
		return step_start(p);
	if (what < 28)
		return step_body(p);
	if (what == 28)
		step_layer(p);
	if (what == 29)
		step_copy(p);
	return what == 30 ? compare(p) : NULL;
}

const char *
edit_play(struct arena_pool *pool, const struct sip_message *m, struct coven_slice script)
{
	struct play p = { .pool = pool, .script = script, .message = m };
	struct coven_slice bytes = { m->bytes, m->length };
	const char *wrong = NULL;

	p.own = play_arena(&p);
	p.arenas[0] = play_arena(&p);
	edit_init(&p.edits[0], p.arenas[0], m, NULL);
	p.references[0] = reference_parse(p.own, bytes);
	if (!p.references[0])
		wrong = "whether it is a message";
	for (int i = 0; i < STEPS && p.script.length && !wrong; i++)
		wrong = step(&p);
	if (!wrong)
		wrong = compare(&p);
	for (int i = 0; i < LAYERS; i++)
		arena_free(p.arenas[i]);
	arena_free(p.own);
	return wrong;
}
