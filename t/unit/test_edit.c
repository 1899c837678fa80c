/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit: what each edit does to the bytes, what is refused, and how layers see each other. */
#include "../tap.h"

#include "base/text.h"
#include "sip/edit.h"
#include "sip/scan.h"

#include <stdlib.h>

/* The head of every message here, before and behind the lines that a test is about. */
#define START "INVITE sip:bob@example.org SIP/2.0\r\n"
#define RESPONSE "SIP/2.0 200 Fine, thanks\r\n"
#define VIA "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\n"
#define NEEDED "f: <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: 1@x\r\nCSeq: 1 INVITE\r\n"
#define EMPTY "l: 0\r\n\r\n"

#define NONE TEXT("")

struct fixture {
	struct arena_pool *pool;
	struct arena *arena;
	struct sip_scratch scratch;
	struct sip_message message;
	struct edit edit;
};

static void
begin(struct fixture *f, const char *bytes)
{
	struct sip_fault fault = { 0, NULL };

	f->pool = arena_pool_new(4);
	f->arena = f->pool ? arena_new(f->pool) : NULL;
	if (!f->arena ||
	    sip_scan(&f->message, bytes, strlen(bytes), false, &f->scratch, &fault) < 0) {
		printf("Bail out! %s\n", fault.why ? fault.why : "no memory");
		exit(1);
	}
	edit_init(&f->edit, f->arena, &f->message, NULL);
}

static void
end(struct fixture *f)
{
	arena_free(f->arena);
	arena_pool_free(f->pool);
}

static void
leaves_as(struct fixture *f, const struct edit *e, const char *want, const char *name)
{
	struct coven_slice out = edit_render(e, f->arena);

	is_bytes(out.at, out.length, want, strlen(want), "%s", name);
}

static void
reads(const struct edit *e, const char *header, size_t nth, const char *want)
{
	struct coven_slice got = edit_read(e, SIP_OTHER, text_of(header), nth),
			   text = text_of(want);

	is_bytes(got.at, got.length, text.at, text.length, "%s %zu", header, nth);
}

static void
test_forward(void)
{
	struct fixture f;
	struct edit *e = &f.edit;

	begin(&f, START VIA
	      "Max-Forwards: 70\r\nRoute: <sip:us.example;lr>, <sip:next.example;lr>\r\n" NEEDED
	      "X-Odd  :\todd \r\nl: 3\r\n\r\nv=0garbage");
	leaves_as(&f, e,
		  START VIA
		  "Max-Forwards: 70\r\nRoute: <sip:us.example;lr>, <sip:next.example;lr>\r\n" NEEDED
		  "X-Odd  :\todd \r\nl: 3\r\n\r\nv=0",
		  "without edits all but the garbage is kept");
	is_int(edit_uri(e, TEXT("sip:bob@192.0.2.9;x=y")), 0, "Request-URI");
	is_int(edit_replace(e, SIP_VIA, NONE, 0, TEXT("SIP/2.0/UDP a.example;received=192.0.2.1")),
	       0, "Via");
	is_int(edit_add(e, SIP_VIA, NONE, TEXT("SIP/2.0/UDP us.example"), true), 0, "Via on top");
	is_int(edit_replace(e, SIP_MAX_FORWARDS, NONE, 0, TEXT("69")), 0, "Max-Forwards");
	is_int(edit_remove(e, SIP_ROUTE, NONE, 0), 0, "Route");
	is_int(edit_add(e, SIP_RECORD_ROUTE, NONE, TEXT("<sip:us.example;lr>"), true), 0,
	       "Record-Route");
	leaves_as(&f, e,
		  "INVITE sip:bob@192.0.2.9;x=y SIP/2.0\r\nRecord-Route: <sip:us.example;lr>\r\n"
		  "Via: SIP/2.0/UDP us.example\r\nVia: SIP/2.0/UDP a.example;received=192.0.2.1\r\n"
		  "Max-Forwards: 69\r\nRoute: <sip:next.example;lr>\r\n" NEEDED
		  "X-Odd  :\todd \r\nl: 3\r\n\r\nv=0",
		  "a request forwarded");
	end(&f);
}

static void
test_response(void)
{
	struct fixture f;

	begin(&f, RESPONSE "v: SIP/2.0/UDP us.example, SIP/2.0/UDP a.example\r\n" NEEDED EMPTY);
	is_int(edit_uri(&f.edit, TEXT("sip:x")), -1, "a response has no URI");
	is_int(edit_remove(&f.edit, SIP_VIA, NONE, 0), 0, "our Via goes");
	leaves_as(&f, &f.edit, RESPONSE "v: SIP/2.0/UDP a.example\r\n" NEEDED EMPTY,
		  "a response passed on");
	ok(!edit_read_uri(&f.edit).at, "no URI to read");
	end(&f);
}

#define FOLDED "m: \"a, b\" <sip:a@x> ,\r\n <sip:b,c@x>;q=0.5\r\n\t,  <sip:d@x>  \r\n"

/* One edit of FOLDED, and the line that comes of it. */
static void
folded(size_t nth, const char *value, const char *want)
{
	struct fixture f;
	char whole[1024];
	int failed;

	begin(&f, START VIA FOLDED NEEDED EMPTY);
	is_int((int)edit_count(&f.edit, SIP_CONTACT, NONE), 3, "three values");
	if (value)
		failed = edit_replace(&f.edit, SIP_CONTACT, NONE, nth, text_of(value));
	else
		failed = edit_remove(&f.edit, SIP_CONTACT, NONE, nth);
	is_int(failed, 0, "%s value %zu", value ? "replace" : "remove", nth);
	snprintf(whole, sizeof whole, START VIA "%s" NEEDED EMPTY, want);
	leaves_as(&f, &f.edit, whole, want);
	end(&f);
}

static void
test_within_a_line(void)
{
	struct fixture f;

	folded(0, NULL, "m: <sip:b,c@x>;q=0.5\r\n\t,  <sip:d@x>  \r\n");
	folded(1, NULL, "m: \"a, b\" <sip:a@x>\r\n\t,  <sip:d@x>  \r\n");
	folded(2, NULL, "m: \"a, b\" <sip:a@x> ,\r\n <sip:b,c@x>;q=0.5  \r\n");
	folded(0, "<x:0>", "m: <x:0> ,\r\n <sip:b,c@x>;q=0.5\r\n\t,  <sip:d@x>  \r\n");
	folded(1, "<x:1>", "m: \"a, b\" <sip:a@x> ,\r\n <x:1>\r\n\t,  <sip:d@x>  \r\n");
	folded(2, " <x:2>\t", "m: \"a, b\" <sip:a@x> ,\r\n <sip:b,c@x>;q=0.5\r\n\t,  <x:2>  \r\n");

	begin(&f, START VIA FOLDED NEEDED EMPTY);
	reads(&f.edit, "contact", 0, "\"a, b\" <sip:a@x>");
	reads(&f.edit, "M", 1, "<sip:b,c@x>;q=0.5");
	edit_remove(&f.edit, SIP_CONTACT, NONE, 0);
	edit_remove(&f.edit, SIP_CONTACT, NONE, 0);
	edit_replace(&f.edit, SIP_CONTACT, NONE, 0, TEXT("<sip:e@x>"));
	leaves_as(&f, &f.edit, START VIA "m: <sip:e@x>  \r\n" NEEDED EMPTY,
		  "two removed, one replaced");
	is_int(edit_remove(&f.edit, SIP_CONTACT, NONE, 0), 0, "the last one");
	leaves_as(&f, &f.edit, START VIA NEEDED EMPTY, "the line goes with its last value");
	is_int(edit_remove(&f.edit, SIP_CONTACT, NONE, 0), -1, "none is left");
	ok(!edit_read(&f.edit, SIP_CONTACT, NONE, 0).at, "nothing to read");
	edit_add(&f.edit, SIP_CONTACT, TEXT("m"), TEXT("<sip:f@x>"), false);
	leaves_as(&f, &f.edit, START VIA "m: <sip:f@x>\r\n" NEEDED EMPTY,
		  "added where the lines were");
	end(&f);
}

static void
test_commas(void)
{
	struct fixture f;

	begin(&f, START VIA
	      "k: ,a,, b ,\r\nSupported:\r\nX-List: a, b\r\nSubject: a, b\r\n" NEEDED EMPTY);
	is_int((int)edit_count(&f.edit, SIP_SUPPORTED, NONE), 2,
	       "nothing between commas is no value");
	edit_remove(&f.edit, SIP_SUPPORTED, NONE, 1);
	reads(&f.edit, "X-List", 0, "a, b");
	reads(&f.edit, "s", 0, "a, b");
	reads(&f.edit, "s", 1, NULL);
	leaves_as(&f, &f.edit,
		  START VIA
		  "k: ,a ,\r\nSupported:\r\nX-List: a, b\r\nSubject: a, b\r\n" NEEDED EMPTY,
		  "an empty line stays");
	edit_remove(&f.edit, SIP_SUPPORTED, NONE, 0);
	edit_add(&f.edit, SIP_SUPPORTED, NONE, TEXT("c, d"), true);
	edit_add(&f.edit, SIP_SUPPORTED, NONE, TEXT("e"), false);
	leaves_as(&f, &f.edit,
		  START VIA "Supported: c, d\r\nSupported:\r\nSupported: e\r\nX-List: a, b\r\n"
			    "Subject: a, b\r\n" NEEDED EMPTY,
		  "it is a place, too");
	end(&f);
}

static void
test_places(void)
{
	struct fixture f;
	struct edit *e = &f.edit;

	begin(&f, START VIA NEEDED "X-A: 1\r\nx-a: 2\r\n" EMPTY);
	edit_add(e, SIP_OTHER, TEXT("X-Top"), TEXT("1"), true);
	edit_add(e, SIP_OTHER, TEXT("X-End"), TEXT("1"), false);
	edit_add(e, SIP_OTHER, TEXT("X-Top-2"), TEXT("1"), true);
	edit_add(e, SIP_OTHER, TEXT("X-End-2"), TEXT("1"), false);
	edit_add(e, SIP_OTHER, TEXT("x-TOP"), TEXT("0"), true);
	edit_add(e, SIP_OTHER, TEXT("X-TOP"), TEXT("2"), false);
	edit_add(e, SIP_OTHER, TEXT("x-end"), TEXT("0"), true);
	edit_add(e, SIP_OTHER, TEXT("X-A"), TEXT("0"), true);
	edit_add(e, SIP_OTHER, TEXT("X-A"), TEXT("3"), false);
	edit_add(e, SIP_OTHER, TEXT("V"), TEXT("SIP/2.0/UDP b"), true);
	leaves_as(
		&f, e,
		START
		"X-Top-2: 1\r\nx-TOP: 0\r\nX-Top: 1\r\nX-TOP: 2\r\nV: SIP/2.0/UDP b\r\n" VIA NEEDED
		"X-A: 0\r\nX-A: 1\r\nx-a: 2\r\nX-A: 3\r\nl: 0\r\nx-end: 0\r\nX-End: 1\r\nX-End-2: "
		"1\r\n\r\n",
		"where added lines stand");
	reads(e, "x-top", 0, "0");
	reads(e, "x-top", 2, "2");
	reads(e, "x-a", 3, "3");
	reads(e, "via", 0, "SIP/2.0/UDP b");
	edit_remove(e, SIP_OTHER, TEXT("x-top"), 1);
	edit_replace(e, SIP_OTHER, TEXT("x-top"), 1, TEXT("two"));
	edit_remove(e, SIP_OTHER, TEXT("x-A"), 1);
	edit_remove(e, SIP_OTHER, TEXT("x-end"), 0);
	edit_remove(e, SIP_OTHER, TEXT("x-end"), 0);
	edit_remove(e, SIP_VIA, NONE, 0);
	leaves_as(&f, e,
		  START "X-Top-2: 1\r\nx-TOP: 0\r\nX-TOP: two\r\n" VIA NEEDED
			"X-A: 0\r\nx-a: 2\r\nX-A: 3\r\nl: 0\r\nX-End-2: 1\r\n\r\n",
		  "and when some are gone");
	end(&f);
}

static void
test_each(void)
{
	struct fixture f;
	struct coven_slice name, value;
	char got[1024];
	struct text_builder b;
	size_t cursor = 0;

	begin(&f, START VIA NEEDED "m: <a:1>, <a:2>\r\nX: 1\r\n" EMPTY);
	edit_add(&f.edit, SIP_OTHER, TEXT("Top"), TEXT("t"), true);
	edit_add(&f.edit, SIP_OTHER, TEXT("End"), TEXT("e"), false);
	edit_add(&f.edit, SIP_OTHER, TEXT("x"), TEXT("2"), false);
	text_begin(&b, got, sizeof got);
	while (edit_each(&f.edit, &cursor, &name, &value))
		text_print(&b, "%.*s=%.*s|", TEXT_ARG(name), TEXT_ARG(value));
	is_text(got,
		"Top=t|Via=SIP/2.0/UDP "
		"a.example;branch=z9hG4bK1|f=<sip:a@b>;tag=1|t=<sip:c@d>|i=1@x|"
		"CSeq=1 INVITE|m=<a:1>|m=<a:2>|X=1|x=2|l=0|End=e|",
		"every value in order");
	ok(!edit_each(&f.edit, &cursor, &name, &value), "and no more");
	end(&f);
}

static void
test_body(void)
{
	struct fixture f;

	begin(&f, START VIA NEEDED "\r\nbody");
	leaves_as(&f, &f.edit, START VIA NEEDED "Content-Length: 4\r\n\r\nbody",
		  "a missing Content-Length is added");
	is_int((int)edit_count(&f.edit, SIP_CONTENT_LENGTH, NONE), 0, "which nobody reads");
	is_int(edit_body(&f.edit, TEXT("other body")), 0, "another body");
	leaves_as(&f, &f.edit, START VIA NEEDED "Content-Length: 10\r\n\r\nother body",
		  "with its length");
	is_int(edit_body(&f.edit, NONE), 0, "no body");
	leaves_as(&f, &f.edit, START VIA NEEDED "Content-Length: 0\r\n\r\n", "none");
	end(&f);

	begin(&f, START VIA "l : 4\r\n" NEEDED "\r\nbodyjunk");
	edit_body(&f.edit, TEXT("x"));
	leaves_as(&f, &f.edit, START VIA "l : 1\r\n" NEEDED "\r\nx",
		  "the length is replaced in its place");
	is_int((int)edit_read_body(&f.edit).length, 1, "the body is read");
	edit_remove(&f.edit, SIP_CONTENT_LENGTH, NONE, 0);
	leaves_as(&f, &f.edit, START VIA NEEDED "Content-Length: 1\r\n\r\nx",
		  "a removed length comes back");
	end(&f);

	begin(&f, START VIA NEEDED EMPTY);
	is_int(edit_body(&f.edit, (struct coven_slice){ "a\0\r\n\r\nb", 7 }), 0,
	       "any bytes are a body");
	is_bytes(edit_read_body(&f.edit).at, edit_read_body(&f.edit).length, "a\0\r\n\r\nb", 7,
		 "byte for byte");
	end(&f);
}

/* A new body may lie right behind the message that it replaces nothing of. */
static void
test_body_behind(void)
{
	struct fixture f;
	struct sip_message copy;
	char bytes[512];
	int length;

	length = snprintf(bytes, sizeof bytes, START VIA NEEDED "Subject: %*s\r\n\r\n", 16, "x");
	snprintf(bytes, sizeof bytes, START VIA NEEDED "Subject: %*s\r\n\r\n", 32 - length % 16, "x");
	begin(&f, bytes);
	is_int(f.message.length % 16, 0, "a message that ends where a piece of the arena does");
	sip_copy(&copy, &f.message, f.arena);
	edit_init(&f.edit, f.arena, &copy, NULL);
	edit_body(&f.edit, TEXT("body"));
	is_int((int)edit_render(&f.edit, f.arena).length,
	       (int)(f.message.length + strlen("Content-Length: 4\r\nbody")), "its new body leaves");
	end(&f);
}

static void
test_layers(void)
{
	struct fixture f;
	struct edit branch, other;
	struct arena *own;

	begin(&f, START VIA "m: <a:1>, <a:2>\r\n" NEEDED EMPTY);
	edit_replace(&f.edit, SIP_CONTACT, NONE, 0, TEXT("<a:r>"));
	edit_add(&f.edit, SIP_OTHER, TEXT("X"), TEXT("request"), false);
	edit_uri(&f.edit, TEXT("sip:request"));
	edit_init(&branch, f.arena, &f.message, &f.edit);
	edit_init(&other, f.arena, &f.message, &f.edit);
	reads(&branch, "m", 0, "<a:r>");
	edit_remove(&branch, SIP_CONTACT, NONE, 1);
	edit_replace(&branch, SIP_OTHER, TEXT("x"), 0, TEXT("branch"));
	edit_add(&other, SIP_OTHER, TEXT("Y"), TEXT("other"), false);
	edit_uri(&other, TEXT("sip:other"));
	edit_body(&other, TEXT("o"));
	leaves_as(&f, &f.edit,
		  "INVITE sip:request SIP/2.0\r\n" VIA "m: <a:r>, <a:2>\r\n" NEEDED
		  "l: 0\r\nX: request\r\n\r\n",
		  "the layer below is as it was");
	leaves_as(&f, &branch,
		  "INVITE sip:request SIP/2.0\r\n" VIA "m: <a:r>\r\n" NEEDED
		  "l: 0\r\nX: branch\r\n\r\n",
		  "a branch");
	leaves_as(&f, &other,
		  "INVITE sip:other SIP/2.0\r\n" VIA "m: <a:r>, <a:2>\r\n" NEEDED
		  "l: 1\r\nX: request\r\nY: other\r\n\r\no",
		  "another branch");

	own = arena_new(f.pool);
	is_int(edit_copy(&branch, own, &f.edit), 0, "a copy");
	edit_remove(&f.edit, SIP_CONTACT, NONE, 0);
	edit_replace(&f.edit, SIP_OTHER, TEXT("x"), 0, TEXT("later"));
	edit_remove(&branch, SIP_CONTACT, NONE, 1);
	leaves_as(&f, &branch,
		  "INVITE sip:request SIP/2.0\r\n" VIA "m: <a:r>\r\n" NEEDED
		  "l: 0\r\nX: request\r\n\r\n",
		  "a copy goes its own way");
	leaves_as(&f, &f.edit,
		  "INVITE sip:request SIP/2.0\r\n" VIA "m: <a:2>\r\n" NEEDED
		  "l: 0\r\nX: later\r\n\r\n",
		  "and so does the layer it was copied from");
	arena_free(own);
	end(&f);
}

static void
refused_name(struct edit *e, const char *name, size_t length)
{
	struct coven_slice text = { name, length };

	is_int(edit_add(e, SIP_OTHER, text, TEXT("1"), true), -1, "name of %zu bytes", length);
}

static void
refused_value(struct edit *e, const char *value, size_t length)
{
	struct coven_slice text = { value, length };

	is_int(edit_add(e, SIP_CONTACT, NONE, text, true), -1, "value of %zu bytes added", length);
	is_int(edit_replace(e, SIP_CONTACT, NONE, 0, text), -1, "and put in place of another");
}

static void
test_refusals(void)
{
	struct fixture f;
	struct edit *e = &f.edit;
	struct coven_slice none = { NULL, 0 };
	char *large = calloc(1, SIP_BODY_MAX + 2);

	begin(&f, START VIA "m: <a:1>, <a:2>\r\n" NEEDED EMPTY);
	refused_name(e, "", 0);
	refused_name(e, "X Y", 3);
	refused_name(e, "X:", 2);
	refused_name(e, "X\r\nY", 4);
	refused_name(e, "X\0", 2);
	refused_name(e, "X\xc3\xa4", 3);
	is_int(edit_add(e, SIP_VIA, TEXT("X-Via"), TEXT("1"), true), -1,
	       "the name of another header");
	refused_value(e, "a\r\nX: b", 7);
	refused_value(e, "a\r\n b", 5);
	refused_value(e, "a\n", 2);
	refused_value(e, "\ra", 2);
	refused_value(e, "a\0b", 3);
	refused_value(e, "<sip:a@example.org>;long=\001\"\"", 28);
	refused_value(e, "\"a", 2);
	refused_value(e, "\"a\\\"", 4);
	refused_value(e, "<a", 2);
	refused_value(e, "a>", 2);
	refused_value(e, "a,,b", 4);
	refused_value(e, "a,", 2);
	refused_value(e, ",a", 2);
	is_int(edit_replace(e, SIP_CONTACT, NONE, 0, TEXT(" ")), -1, "nothing in a list");
	is_int(edit_replace(e, SIP_CONTACT, NONE, 2, TEXT("<a:3>")), -1, "no such value");
	is_int(edit_remove(e, SIP_OTHER, TEXT("X"), 0), -1, "no such header");
	is_int(edit_remove(e, SIP_OTHER, none, 0), -1, "no name");
	is_int(edit_uri(e, none), -1, "no URI at all");
	is_int(edit_replace(e, SIP_CONTACT, none, 0, none), -1, "no value at all");
	is_int(edit_add(e, SIP_OTHER, none, none, false), -1, "nothing at all");
	is_int(edit_uri(e, TEXT("")), -1, "no URI");
	is_int(edit_uri(e, TEXT("sip:a b")), -1, "a blank in the URI");
	is_int(edit_uri(e, TEXT("sip:a\r\n")), -1, "a line's end in the URI");
	memset(large, 'x', SIP_BODY_MAX + 2);
	refused_value(e, large, SIP_VALUE_MAX + 1);
	is_int(edit_body(e, (struct coven_slice){ large, SIP_BODY_MAX + 1 }), -1,
	       "too large a body");
	leaves_as(&f, e, START VIA "m: <a:1>, <a:2>\r\n" NEEDED EMPTY, "nothing of it leaves");
	is_int(edit_body(e, (struct coven_slice){ large, SIP_BODY_MAX }), 0, "the largest body");
	is_int(edit_add(e, SIP_OTHER, TEXT("X"), (struct coven_slice){ large, SIP_VALUE_MAX },
			true),
	       0, "the largest value");
	is_int((int)edit_render(e, f.arena).length,
	       (int)(f.message.length + 4 + SIP_BODY_MAX + 5 + SIP_VALUE_MAX), "both leave");
	free(large);
	end(&f);
}

static void
test_limits(void)
{
	struct fixture f;
	struct edit *e = &f.edit, branch;
	int i;

	begin(&f, START VIA NEEDED "\r\n");
	for (i = 0; edit_add(e, SIP_PATH, NONE, TEXT("<sip:x>"), i & 1) == 0; i++)
		continue;
	is_int(i, SIP_VALUES_MAX, "values of a header");
	edit_init(&branch, f.arena, &f.message, e);
	for (i = 0; edit_add(&branch, SIP_OTHER, TEXT("X"), TEXT("1"), i & 1) == 0; i++)
		continue;
	is_int(i, SIP_FIELDS_MAX - SIP_VALUES_MAX - f.message.field_count - 1,
	       "lines, and Content-Length");
	is_int(edit_body(&branch, TEXT("x")), 0, "there is room for that");
	is_int(edit_remove(&branch, SIP_VIA, NONE, 0), 0, "a line less");
	is_int(edit_add(&branch, SIP_VIA, NONE, TEXT("x"), true), 0, "another instead");
	is_int(edit_add(&branch, SIP_OTHER, TEXT("Y"), TEXT("1"), true), -1, "and no more");
	end(&f);
}

int
main(void)
{
	test_forward();
	test_response();
	test_within_a_line();
	test_commas();
	test_places();
	test_each();
	test_body();
	test_body_behind();
	test_layers();
	test_refusals();
	test_limits();
	return done();
}
