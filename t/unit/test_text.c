/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices, numbers, the builder, base64url. */
#include "../tap.h"
#include "base/text.h"

static void
test_compare(void)
{
	char a[40], b[40];
	int wrong = 0;

	ok(text_same(TEXT("abc"), TEXT("abc")), "same");
	ok(!text_same(TEXT("abc"), TEXT("abC")), "case counts");
	ok(!text_same(TEXT("abc"), TEXT("abcd")), "length counts");
	ok(text_same(text_of(NULL), TEXT("")), "none is as good as empty");
	ok(text_is(TEXT("a"), "a") && !text_is(TEXT("a\0b"), "a"),
	   "a NUL inside is seen");
	ok(text_alike(TEXT("Content-Length"), TEXT("cONTENT-lENGTH")), "alike");
	ok(!text_is_alike(TEXT("Content-Lengti"), "Content-Length"), "not alike");
	ok(text_begins(TEXT("SIP/2.0 200"), "sip/2.0"), "begins");
	ok(!text_begins(TEXT("SIP"), "sip/2.0"), "shorter does not begin");
	for (unsigned length = 1; length < 20; length++)
		for (unsigned at = 0; at < length; at++)
			for (unsigned x = 0; x < 256; x++)
				for (unsigned y = 0; y < 256; y++) {
					bool letter = (x | 32) >= 'a' &&
						      (x | 32) <= 'z' && x < 128;
					bool want = x == y || (letter && (x ^ y) == 32);

					memset(a, 'q', sizeof a);
					memset(b, 'Q', sizeof b);
					a[at] = (char)x;
					b[at] = (char)y;
					if (x % 7 && y % 5 && length != 9)
						continue;
					wrong += text_alike(
							 (struct coven_slice){a, length},
							 (struct coven_slice){
								 b, length}) != want;
				}
	is_int(wrong, 0, "every pair of bytes at every place");
	ok(text_secret_same(TEXT("secret"), TEXT("secret")), "secrets alike");
	ok(!text_secret_same(TEXT("secret"), TEXT("secres")), "secrets differ");
	ok(text_secret_same(TEXT(""), text_of(NULL)), "empty secrets");
}

static void
test_cut(void)
{
	struct coven_slice s = text_cut(TEXT("hello"), 1, 3);

	ok(text_is(s, "el"), "cut");
	ok(text_is(text_cut(TEXT("hello"), 3, 99), "lo"), "cut is clamped");
	ok(text_empty(text_cut(TEXT("hello"), 9, 2)), "cut the wrong way round is empty");
	ok(text_is(text_trim(TEXT(" \t a b\r\n")), "a b"), "trim");
	ok(text_empty(text_trim(TEXT(" \r\n "))), "trim of blanks");
	is_int(text_find(TEXT("a;b"), ';'), 1, "find");
	is_int(text_find(TEXT("ab"), ';'), 2, "absent is the length");
	is_int(text_find(text_of(NULL), ';'), 0, "nothing in none");
}

static void
test_number(void)
{
	uint64_t n = 7;

	ok(text_number(TEXT("0"), 10, &n) == 0 && n == 0, "zero");
	ok(text_number(TEXT("65535"), 65535, &n) == 0 && n == 65535, "the largest");
	ok(text_number(TEXT("00070"), 70, &n) == 0 && n == 70, "zeros in front");
	ok(text_number(TEXT("18446744073709551615"), UINT64_MAX, &n) == 0 &&
		   n == UINT64_MAX,
	   "2^64 - 1");
	n = 7;
	is_int(text_number(TEXT("18446744073709551616"), UINT64_MAX, &n), -1, "2^64");
	is_int(text_number(TEXT("65536"), 65535, &n), -1, "one too large");
	is_int(text_number(TEXT("1"), 0, &n), -1, "nothing but 0 allowed");
	is_int(text_number(TEXT(""), 10, &n), -1, "empty");
	is_int(text_number(TEXT("-1"), 10, &n), -1, "sign");
	is_int(text_number(TEXT("1 "), 10, &n), -1, "blank");
	is_int(text_number(TEXT("1\0"), 10, &n), -1, "NUL");
	is_int(n, 7, "value is left alone");
}

static void
test_builder(void)
{
	struct text_builder b;
	char room[16];

	text_begin(&b, room, sizeof room);
	text_put(&b, TEXT("n="));
	text_put_number(&b, 1234567);
	text_put_char(&b, ';');
	text_put_hex(&b, "\xab\x01", 2);
	is_text(text_done(&b).at, "n=1234567;ab01", "built");
	is_int(text_done(&b).length, 14, "its length");
	text_put_char(&b, 'x');
	ok(!b.full, "15 bytes and a NUL fit");
	text_put_char(&b, 'y');
	ok(b.full && text_done(&b).at == NULL, "the 16th does not");
	is_text(room, "n=1234567;ab01x", "what fitted stands there");
	text_begin(&b, room, 4);
	text_print(&b, "%s", "abcd");
	ok(b.full && room[0] == '\0', "a print that does not fit leaves nothing");
	text_begin(&b, room, 5);
	text_print(&b, "%s", "abcd");
	is_text(text_done(&b).at, "abcd", "a print that fits");
	text_begin(&b, NULL, 0);
	text_put(&b, TEXT(""));
	ok(text_done(&b).at == NULL, "no room, no text");
	text_begin(&b, room, sizeof room);
	text_put_hex(&b, room, SIZE_MAX);
	ok(b.full, "an endless text does not fit");
	text_begin(&b, room, sizeof room);
	text_put_number(&b, 0);
	is_text(text_done(&b).at, "0", "zero");
}

static void
test_base64url(void)
{
	static const char *const bad[] = {"A",    "AB=", "AB==", "A+BC",
					  "A/BC", "AB",  "AAB",  "AAAAA"};
	uint8_t bytes[80], back[80];
	char room[120];
	int wrong = 0;

	is_int(text_to_base64url("\xfb\xff\xfe", 3, room, 4), 4, "three bytes make four");
	is_bytes(room, 4, "-__-", 4, "with the letters of URLs");
	is_int(text_to_base64url("\xfb\xff\xfe", 3, room, 3), 0, "room too small");
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	for (size_t length = 1; length <= sizeof bytes; length++) {
		size_t text = text_to_base64url(bytes, length, room, sizeof room);
		size_t got = text_from_base64url((struct coven_slice){room, text}, back,
						 length);

		wrong += got != length || memcmp(bytes, back, length);
		wrong += text_from_base64url((struct coven_slice){room, text}, back,
					     length - 1) != 0;
	}
	is_int(wrong, 0, "there and back, all lengths, room to the byte");
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(text_from_base64url(text_of(bad[i]), back, sizeof back), 0,
		       "\"%s\" is refused", bad[i]);
}

int
main(void)
{
	test_compare();
	test_cut();
	test_number();
	test_builder();
	test_base64url();
	return done();
}
