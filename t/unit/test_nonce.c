/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth-digest: nonces, their counts, and notes about devices. */
#include "../../plugins/auth-digest/memo.h"
#include "../../plugins/auth-digest/nonce.h"
#include "../../plugins/auth-digest/window.h"
#include "../tap.h"

#include <stdlib.h>

#define S(text) ((struct coven_slice){ (text), strlen(text) })
#define LIFE 300000

/* Not random, but never the same. */
static void
count_up(void *room, size_t length)
{
	static uint64_t next = 1;
	unsigned char *to = room;

	for (size_t i = 0; i < length; i++)
		to[i] = (unsigned char)(i < sizeof next ? next >> 8 * i : next * i);
	next++;
}

static void
nonces(void)
{
	struct nonce_keys *keys = nonce_keys_new(count_up);
	struct nonce_maker *one = nonce_maker_new(keys), *two = nonce_maker_new(keys);
	char a[NONCE_TEXT], b[NONCE_TEXT];
	struct coven_slice text = { a, sizeof a };
	struct nonce nonce;
	int64_t hour = 3600000;

	ok(nonce_make(one, 9000, NONCE_ALONE, 5, S("x.test"), a) == 0, "a nonce");
	ok(nonce_make(one, 9000, 0, 5, S("x.test"), b) == 0 && memcmp(a, b, sizeof a) != 0,
	   "two are never the same");
	is_int(nonce_check(two, 9500, LIFE, text, S("x.test"), &nonce), NONCE_GOOD,
	       "another worker knows it");
	is_int(nonce.flags, NONCE_ALONE, "with its flag");
	is_int(nonce.issued, 9, "and its time");
	is_int(nonce.source, 5, "and whom it was given to");
	ok(nonce_read(text, &nonce) == 0 && nonce.source == 5 && nonce.issued == 9,
	   "which anybody can read");
	ok(nonce_read(S("x"), &nonce) != 0, "but not out of anything");
	is_int(nonce_check(two, 9500, LIFE, text, S("y.test"), &nonce), NONCE_FORGED,
	       "not of another realm");
	is_int(nonce_check(two, 9000 + LIFE, LIFE, text, S("x.test"), &nonce), NONCE_GOOD,
	       "good to the last second");
	is_int(nonce_check(two, 9000 + LIFE + 1000, LIFE, text, S("x.test"), &nonce),
	       NONCE_EXPIRED, "then too old");
	is_int(nonce_check(one, 9000 + hour, 2 * hour, text, S("x.test"), &nonce),
	       NONCE_GOOD, "the key of the hour before still counts");
	is_int(nonce_check(one, 9000 + 3 * hour, 9 * hour, text, S("x.test"), &nonce),
	       NONCE_FORGED, "no older one does");
	nonce_make(one, 9000 + 3 * hour, 0, 5, S("x.test"), a);
	for (size_t i = 0; i < NONCE_TEXT; i++) {
		char kept = a[i];

		a[i] = kept == 'A' ? 'B' : 'A';
		if (nonce_check(one, 9000 + 3 * hour, LIFE, text, S("x.test"), &nonce) !=
		    NONCE_FORGED)
			ok(false, "character %zu can be changed", i);
		a[i] = kept;
	}
	text.length--;
	is_int(nonce_check(one, 9000, LIFE, text, S("x.test"), &nonce), NONCE_FORGED,
	       "cut short");
	is_int(nonce_check(one, 9000, LIFE, S(""), S("x.test"), &nonce), NONCE_FORGED,
	       "empty");
	nonce_maker_free(one);
	nonce_maker_free(two);
	nonce_keys_free(keys);
}

static void
windows(void)
{
	struct window *w = window_new();
	struct nonce n = { .id = 77, .issued = 10 },
		     old = { .id = 77 + WINDOW_SETS, .issued = 10 };
	int good = 0;

	ok(window_take(w, &n, 1), "the first count");
	ok(!window_take(w, &n, 1), "not twice");
	ok(window_take(w, &n, 3) && window_take(w, &n, 2) && !window_take(w, &n, 2),
	   "out of order, each once");
	ok(!window_take(w, &n, 0) && window_used(w, &n, 0), "zero is no count");
	ok(window_take(w, &n, 100) && window_used(w, &n, 3) && !window_used(w, &n, 50),
	   "what is far behind counts as used");
	ok(window_take(w, &n, WINDOW_WHOLE) && !window_take(w, &n, 101),
	   "without a count: used up");
	for (unsigned i = 1; i <= WINDOW_WAYS; i++) {
		struct nonce other = { .id = 77 + (uint64_t)WINDOW_SETS * (i + 1),
				       .issued = 10 + i };

		good += window_take(w, &other, 1);
	}
	is_int(good, WINDOW_WAYS, "newer nonces push it out");
	ok(!window_take(w, &n, 200), "it is not taken for a new one");
	ok(!window_take(w, &old, 1), "nor is another one as old, which has no place");
	window_free(w);
}

static void
memos(void)
{
	struct memo *m = memo_new(5);
	uint32_t only;

	ok(!memo_came(m, 1, 11, 100, 0), "a first request");
	ok(!memo_came(m, 1, 11, 100, 500), "its repetition is not a second one");
	ok(memo_came(m, 1, 11, 101, 30000), "the second gets MD5 alone");
	ok(!memo_came(m, 2, 12, 101, 30000), "another device does not");
	ok(!memo_came(m, 1, 13, 102, 30500), "nor does the same with another Call-ID");
	memo_answered(m, 11, 31000);
	ok(!memo_came(m, 1, 11, 102, 32000), "a device that answers begins anew");
	ok(memo_came(m, 1, 11, 103, 62000), "came back with nothing");
	memo_keep(m, 1, 63000);
	memo_answered(m, 11, 64000);
	ok(memo_came(m, 1, 11, 104, 65000), "success with MD5 alone keeps it");
	ok(memo_came(m, 1, 14, 105, 63000 + 3599000), "for an hour, for its calls, too");
	ok(!memo_came(m, 1, 14, 106, 63000 + 3600000), "after the last success");
	ok(!memo_offer(m, 9, 0, &only), "no offer known");
	memo_set_offer(m, 9, 0, 2);
	ok(memo_offer(m, 9, 59999, &only) && only == 2, "one known");
	ok(!memo_offer(m, 9, 60000, &only) && only == 0, "for a minute");
	memo_set_offer(m, 9, 61000, 1);
	ok(memo_offer(m, 9, 120000, &only) && only == 1, "it can be another one then");
	memo_free(m);
}

int
main(void)
{
	nonces();
	windows();
	memos();
	return done();
}
