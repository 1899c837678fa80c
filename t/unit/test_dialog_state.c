/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogs learnt from messages, and as bytes. */
#include "../tap.h"

#include "base/text.h"
#include "host/dialog_state.h"
#include "sip/scan.h"

#include <stdlib.h>

#define ROOM 16384

static struct sip_scratch scratch;

struct kit {
	struct arena_pool *pool;
	struct arena *arena;
	struct sip_message message;
	struct edit edit;
};

static void
is_slice(struct coven_slice got, const char *want, const char *what)
{
	is_bytes(got.at, got.length, want, strlen(want), "%s", what);
}

static void
kit_open(struct kit *k)
{
	k->pool = arena_pool_new(4);
	k->arena = arena_new(k->pool);
}

static void
kit_close(struct kit *k)
{
	arena_free(k->arena);
	arena_pool_free(k->pool);
}

static const struct edit *
scan(struct kit *k, const char *start, const char *lines)
{
	struct sip_fault fault;
	struct sip_message m;
	struct coven_slice text = arena_print(k->arena,
					      "%s\r\nVia: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\n"
					      "Max-Forwards: 70\r\nCall-ID: c@a\r\n"
					      "CSeq: 4711 SUBSCRIBE\r\n%s\r\n",
					      start, lines);

	if (sip_scan(&m, text.at, text.length, true, &scratch, &fault) != 0) {
		printf("# %s\n", fault.why);
		abort();
	}
	sip_copy(&k->message, &m, k->arena);
	edit_init(&k->edit, k->arena, &k->message, NULL);
	return &k->edit;
}

#define SUBSCRIBE "SUBSCRIBE sip:news@example.com SIP/2.0"
#define PARTIES                                       \
	"From: \"Alice\" <sip:alice@a.example>;tag=a1\r\n" \
	"To: <sip:news@example.com>\r\n"

static unsigned
hear(struct kit *k, struct dialog_state *s, const char *lines)
{
	*s = (struct dialog_state){ .local_tag = TEXT("ours") };
	return dialog_state_hear(s, scan(k, SUBSCRIBE, lines), k->arena);
}

static void
test_uas(void)
{
	struct dialog_state s;
	struct kit k;

	kit_open(&k);
	is_int(hear(&k, &s,
		    PARTIES
		    "Record-Route: \"P\" <sip:p1.example;lr>;x=y\r\n"
		    "Record-Route: <sip:p2.example;lr>, <sip:p3.example;lr>\r\n"
		    "Contact: <sip:alice@192.0.2.1:5070;transport=tcp>;q=0.5\r\n"),
	       0, "a request that begins a dialog");
	is_slice(s.call_id, "c@a", "its Call-ID");
	is_slice(s.remote_tag, "a1", "the tag of the other side");
	is_slice(s.local_tag, "ours", "ours");
	is_slice(s.local_uri, "sip:news@example.com", "our URI is To");
	is_slice(s.remote_uri, "sip:alice@a.example", "theirs is From");
	is_slice(s.target, "sip:alice@192.0.2.1:5070;transport=tcp",
		 "the target is the Contact");
	is_slice(s.route, "<sip:p1.example;lr>, <sip:p2.example;lr>, <sip:p3.example;lr>",
		 "the route set has the order of Record-Route, and URIs only");
	is_int(s.remote_seq, 4711, "CSeq");
	ok(s.begun && s.heard && !s.uac, "it has begun");
	is_int(hear(&k, &s, PARTIES), 400, "without Contact it cannot");
	is_int(hear(&k, &s, PARTIES "Contact: <sip:a@b>, <sip:c@d>\r\n"), 400,
	       "nor with two");
	is_int(hear(&k, &s, PARTIES "Contact: *\r\n"), 400, "nor with *");
	is_int(hear(&k, &s, PARTIES "Contact: <mailto:a@b>\r\n"), 400,
	       "nor with what is no SIP URI");
	is_int(hear(&k, &s, PARTIES "Contact: <sip:a@b?Subject=x>\r\n"), 400,
	       "nor with headers in it");
	is_int(hear(&k, &s,
		    "From: <sip:a@b>\r\nTo: <sip:c@d>\r\nContact: <sip:a@b>\r\n"),
	       400, "nor without a tag");
	is_int(hear(&k, &s,
		    PARTIES "Contact: <sip:a@b>\r\nRecord-Route: <tel:1>\r\n"),
	       400, "nor by a proxy that cannot be sent to");
	kit_close(&k);
}

#define ANSWER                                                \
	"From: <sip:watcher@example.com>;tag=ours\r\n"         \
	"To: <sip:news@b.example>;tag=b1\r\n"                  \
	"Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n" \
	"Contact: <sip:news@192.0.2.7>\r\n"

static void
test_uac(void)
{
	struct dialog_state s = { .uac = true,
				  .local_seq = 1,
				  .call_id = TEXT("c@a"),
				  .local_tag = TEXT("ours"),
				  .local_uri = TEXT("sip:watcher@example.com"),
				  .remote_uri = TEXT("sip:news@b.example") };
	struct kit k;

	kit_open(&k);
	ok(dialog_state_good(&s), "one that has not begun is good");
	is_int(dialog_state_answered(&s, scan(&k, "SIP/2.0 200 OK", ANSWER), k.arena), 0,
	       "a 2xx begins it");
	is_slice(s.remote_tag, "b1", "with the tag of the other side");
	is_slice(s.route, "<sip:p2.example;lr>, <sip:p1.example;lr>",
		 "the route set is turned round");
	is_slice(s.target, "sip:news@192.0.2.7", "the target is the Contact");
	is_int(dialog_state_refresh(&s, scan(&k, "SIP/2.0 200 OK", PARTIES)), 0,
	       "an answer without Contact");
	is_slice(s.target, "sip:news@192.0.2.7", "changes nothing");
	is_int(dialog_state_refresh(
		       &s, scan(&k, "SIP/2.0 200 OK", PARTIES "Contact: <sip:x@y>\r\n")),
	       0, "one with Contact");
	is_slice(s.target, "sip:x@y", "is where it is now");
	is_int(dialog_state_refresh(
		       &s, scan(&k, "SIP/2.0 200 OK", PARTIES "Contact: <tel:1>\r\n")),
	       400, "one with another kind of Contact is refused");
	s.secure = true;
	is_int(dialog_state_refresh(
		       &s, scan(&k, "SIP/2.0 200 OK", PARTIES "Contact: <sip:x@y>\r\n")),
	       400, "a secure dialog has a sips target");
	kit_close(&k);
}

/* -- as bytes -- */

static struct dialog_state
sample(void)
{
	return (struct dialog_state){ .begun = true,
				      .heard = true,
				      .vouched = true,
				      .local_seq = 0x01020304,
				      .remote_seq = 7,
				      .flow = { 1, 2, 3 },
				      .flow_length = 3,
				      .call_id = TEXT("c@a"),
				      .local_tag = TEXT("ours"),
				      .remote_tag = TEXT("theirs"),
				      .local_uri = TEXT("sip:news@example.com"),
				      .remote_uri = TEXT("sip:alice@a.example"),
				      .target = TEXT("sip:alice@192.0.2.1"),
				      .route = TEXT("<sip:p1.example;lr>, <sip:p2.example>"),
				      .caller = TEXT("sip:alice@example.com") };
}

static int
read_back(struct dialog_state *s, const uint8_t *bytes, size_t length)
{
	return dialog_state_read(s, (struct coven_slice){ (const char *)bytes, length });
}

static void
test_bytes(void)
{
	struct dialog_state s = sample(), t;
	uint8_t room[ROOM], again[ROOM], *exact;
	size_t n = dialog_state_save(&s, room, sizeof room), refused = 0;

	is_int(dialog_state_save(&s, NULL, 0), n, "the length is known without room");
	is_int(read_back(&t, room, n), 0, "what was saved is read");
	is_int(t.local_seq, 0x01020304, "with its CSeq");
	is_slice(t.route, "<sip:p1.example;lr>, <sip:p2.example>", "and its texts");
	is_int(dialog_state_save(&t, again, sizeof again), n, "saved again");
	ok(memcmp(room, again, n) == 0, "it is the same");
	for (size_t i = 0; i < n; i++) { /* in memory of that size, for the sanitizer */
		exact = malloc(i + 1);
		memcpy(exact, room, i);
		refused += read_back(&t, exact, i) != 0;
		free(exact);
	}
	is_int(refused, n, "cut anywhere it is refused");
	is_int(read_back(&t, room, n + 1), -1, "and with a byte behind it");
	room[2] = 2;
	is_int(read_back(&t, room, n), -1, "and of another version");
	room[2] = 1;
	room[3] |= 0x80;
	is_int(read_back(&t, room, n), -1, "and with a flag that is not known");
	room[3] &= 0x7f;
	room[4] = 0x80;
	is_int(read_back(&t, room, n), -1, "and with a CSeq that cannot be");
}

static void
refuses(struct dialog_state s, const char *what)
{
	uint8_t room[ROOM];
	struct dialog_state t;
	size_t n = dialog_state_save(&s, room, sizeof room);

	ok(!dialog_state_good(&s), "%s is not good", what);
	is_int(read_back(&t, room, n), -1, "nor read back");
}

/* What was stored ends in a message: it must not bring lines of its own. */
static void
test_hostile(void)
{
	struct dialog_state s;

#define REFUSES(field, text)                    \
	s = sample();                           \
	s.field = TEXT(text);                   \
	refuses(s, #field " = \"" #text "\"")

	REFUSES(call_id, "a\r\nX: y");
	REFUSES(call_id, "a b");
	REFUSES(call_id, "");
	REFUSES(local_tag, "a;b");
	REFUSES(local_tag, "a\0b");
	REFUSES(remote_tag, "a\r\n");
	REFUSES(remote_tag, "");
	REFUSES(local_uri, "sip:a@b>\r\nX: <y");
	REFUSES(remote_uri, "nothing");
	REFUSES(target, "tel:1");
	REFUSES(target, "sip:a@b c");
	REFUSES(target, "");
	REFUSES(route, "<sip:a>,<sip:b>");
	REFUSES(route, "<sip:a>\r\nX: y");
	REFUSES(route, "sip:a");
	REFUSES(route, "<sip:a>;x=\"\r\n\"");
	REFUSES(route, "<sip:a>, ");
	REFUSES(caller, "alice");
	s = sample();
	s.begun = false;
	refuses(s, "one that has not begun and has a target");
	s = sample();
	s.secure = true;
	refuses(s, "a secure one without sips");
}

int
main(void)
{
	test_uas();
	test_uac();
	test_bytes();
	test_hostile();
	return done();
}
