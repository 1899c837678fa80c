/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random edits of random messages, compared with the reference editor (t/lib/reference.h): all that
 * is read through each layer, and the message as it leaves.  EDIT_SEED and EDIT_ROUNDS repeat or
 * prolong a run. */
#include "../lib/edit_play.h"
#include "../tap.h"

#include "base/text.h"
#include "sip/scan.h"

#include <stdlib.h>

#define ROUNDS 2000
#define SCRIPT_MAX 1600
#define MANY 98

struct maker {
	uint64_t seed;
	struct text_builder out;
	bool more; /* behind the first value of a line */
	bool many; /* lines: near SIP_FIELDS_MAX */
};

static unsigned
pick(struct maker *k, unsigned below)
{
	k->seed ^= k->seed << 13;
	k->seed ^= k->seed >> 7;
	k->seed ^= k->seed << 17;
	return (unsigned)(k->seed >> 32) % below;
}

#define PICK(k, ...)                                                \
	({                                                          \
		static const char *const texts[] = { __VA_ARGS__ }; \
		texts[pick((k), sizeof texts / sizeof *texts)];     \
	})

static void
put(struct maker *k, const char *text)
{
	text_put(&k->out, text_of(text));
}

static void
put_name(struct maker *k, const char *name)
{
	put(k, name);
	put(k, PICK(k, ": ", ":", " : ", "\t:", ":  ", ":\r\n ", ": \r\n\t "));
	k->more = false;
}

static void
put_comma(struct maker *k)
{
	if (k->more)
		put(k, PICK(k, ",", ", ", " , ", ",\r\n ", "\r\n ,", " ,\r\n\t  "));
	k->more = true;
}

static void
put_end(struct maker *k)
{
	put(k, PICK(k, "\r\n", "\r\n", "\r\n", "  \r\n", "\r\n \r\n"));
}

static void
put_via(struct maker *k)
{
	put_name(k, PICK(k, "Via", "v", "VIA", "V", "via"));
	for (unsigned i = pick(k, 3) + 1; i; i--) {
		put_comma(k);
		put(k, PICK(k, "SIP/2.0/UDP ", "SIP/2.0/TCP\t", "SIP / 2.0 / TLS  "));
		put(k, PICK(k, "a.example", "192.0.2.1:5070", "[2001:db8::1]:5060"));
		put(k, PICK(k, ";branch=z9hG4bK1", " ;rport;branch=z9hG4bK2",
			    "\r\n ;branch=z9hG4bK3;x=\"a,b\""));
	}
	put_end(k);
}

static void
put_addresses(struct maker *k)
{
	put_name(k,
		 PICK(k, "Route", "ROUTE", "Record-Route", "record-route", "Contact", "m", "Path"));
	for (unsigned i = pick(k, 4) + 1; i; i--) {
		put_comma(k);
		put(k, PICK(k, "", "Bob ", "\"B, ob\" ", "\"\\\",\"\t", "\"\""));
		put(k,
		    PICK(k, "<sip:a@example.org>", "<sip:p.example;lr>", "<sip:a,b@example.org>"));
		put(k, PICK(k, "", ";q=0.5", "\r\n ;x=\"1,2\"", " ; lr"));
	}
	put_end(k);
}

static void
put_tokens(struct maker *k)
{
	put_name(k, PICK(k, "Supported", "k", "K", "Allow", "Require", "Accept", "u"));
	for (unsigned i = pick(k, 5); i; i--) {
		put_comma(k);
		put(k, PICK(k, "path", "outbound", "", "x;y=\"a,b\"", "gruu", "timer"));
	}
	put_end(k);
}

static void
put_single(struct maker *k)
{
	put_name(k,
		 PICK(k, "Subject", "s", "X-Unknown", "x-unknown", "X-UNKNOWN", "X-Other", "Date",
		      "Authorization", "User-Agent", "Refer-To", "r", "P-Asserted-Identity"));
	put(k, PICK(k, "", "a, b", "\"open", "<sip:a@b>, <sip:c@d>", "one\r\n two", "x", ",",
		    "Digest a=\"b\", c=d"));
	put_end(k);
}

static void
put_others(struct maker *k)
{
	for (unsigned i = pick(k, 4); i; i--)
		switch (pick(k, 4)) {
		case 0:
			put_via(k);
			break;
		case 1:
			put_addresses(k);
			break;
		case 2:
			put_tokens(k);
			break;
		case 3:
			put_single(k);
			break;
		}
}

static void
put_line(struct maker *k, const char *long_form, const char *short_form, const char *value)
{
	put_name(k, pick(k, 2) ? long_form : short_form);
	put(k, value);
	put_end(k);
	put_others(k);
}

static void
put_body(struct maker *k)
{
	unsigned length = pick(k, 60);
	bool told = pick(k, 3);

	if (told) {
		put_name(k, PICK(k, "Content-Length", "l", "L"));
		text_put_number(&k->out, length);
		put_end(k);
		put_others(k);
	}
	put(k, "\r\n");
	for (; length; length--)
		text_put_char(&k->out, (char)pick(k, 256));
	if (told)
		put(k, PICK(k, "", "", "behind", "\r\n\r\n"));
}

static void
make(struct maker *k, char *room, size_t size)
{
	bool request = pick(k, 3);

	text_begin(&k->out, room, size);
	put(k, request ? "INVITE sip:bob@example.org SIP/2.0\r\n"
		       : "SIP/2.0 180 Ringing, a while\r\n");
	put_others(k);
	put_via(k);
	for (unsigned i = k->many ? MANY : 0; i; i--)
		put(k, "X: 1\r\n");
	put_others(k);
	put_line(k, "From", "f", PICK(k, "<sip:a@b>;tag=1", "\"A, B\" <sip:a@b>;tag=2"));
	put_line(k, "To", "t", PICK(k, "<sip:c@d>", "sip:c@d;tag=3"));
	put_line(k, "Call-ID", "I", "1@x");
	put_line(k, "CSeq", "CSEQ", "1 INVITE");
	if (pick(k, 4))
		put_line(k, "Max-Forwards", "MAX-FORWARDS", "70");
	put_body(k);
}

/* 0: both agree; 1: they do not; -1: the message is refused. */
static int
play_round(uint64_t seed, struct arena_pool *pool)
{
	struct maker k = { .seed = seed * 0x9e3779b97f4a7c15 + 1 };
	char room[16384], script[SCRIPT_MAX];
	size_t length = pick(&k, 8) ? pick(&k, 100) : pick(&k, 600);
	struct sip_scratch scratch;
	struct sip_message m;
	struct sip_fault fault = { 0, NULL };
	const char *wrong;

	k.many = pick(&k, 40) == 0;
	length = k.many ? SCRIPT_MAX : length;
	make(&k, room, sizeof room);
	if (k.out.full || sip_scan(&m, room, k.out.length, false, &scratch, &fault) < 0) {
		printf("# seed %" PRIu64 " is refused: %s\n", seed,
		       k.out.full ? "too long" : fault.why);
		tap_show("message", room, k.out.length);
		return -1;
	}
	for (size_t i = 0; i < length; i++)
		script[i] = (char)pick(&k, 256);
	wrong = edit_play(pool, &m, (struct coven_slice){ script, length });
	if (!wrong)
		return 0;
	printf("# seed %" PRIu64 " differs: %s\n", seed, wrong);
	tap_show("message", room, k.out.length);
	return 1;
}

int
main(void)
{
	const char *seed = getenv("EDIT_SEED"), *rounds = getenv("EDIT_ROUNDS");
	unsigned long first = seed ? strtoul(seed, NULL, 10) : 1;
	unsigned long count = rounds ? strtoul(rounds, NULL, 10) : ROUNDS;
	struct arena_pool *pool = arena_pool_new(16);
	int refused = 0, differ = 0;

	if (!ok(pool != NULL, "a pool"))
		return done();
	for (unsigned long i = first; i < first + count && refused + differ < 3; i++) {
		int result = play_round(i, pool);

		refused += result < 0;
		differ += result > 0;
	}
	is_int(refused, 0, "the messages are good");
	is_int(differ, 0, "%lu rounds of edits agree with the reference", count);
	arena_pool_free(pool);
	return done();
}
