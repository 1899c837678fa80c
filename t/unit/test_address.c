/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses read, printed, compared and judged. */
#include "../tap.h"
#include "base/address.h"
#include "base/text.h"

static struct coven_address
parsed(const char *text)
{
	struct coven_address a;

	if (address_parse(text_of(text), &a))
		printf("# %s is no address\n", text);
	return a;
}

static void
test_parse(void)
{
	static const char *const bad[] = {"",
					  ".",
					  "1.2.3",
					  "1.2.3.4.",
					  "1.2.3.4.5",
					  "1.2.3.256",
					  "01.2.3.4",
					  "1.2.3.4 ",
					  " 1.2.3.4",
					  "1.2.3.-4",
					  "1.2.3.1000",
					  "1..3.4",
					  "a.b.c.d",
					  "1.2.3.4:5",
					  "[1.2.3.4]",
					  "::1]",
					  "[::1",
					  "[]",
					  ":::",
					  "1:2:3:4:5:6:7",
					  "1:2:3:4:5:6:7:8:9",
					  "::12345",
					  "fe80::1%",
					  "fe80::1%x",
					  "fe80::1%4294967296",
					  "[::1]x",
					  "0x7f.1.1.1",
					  "::1.2.3",
					  "1::2::3"};
	struct coven_address a;

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(address_parse(text_of(bad[i]), &a) == -1 && a.family == 0,
		   "\"%s\" is refused", bad[i]);
	is_int(address_parse(TEXT("::1\0"), &a), -1, "a NUL behind is refused");
	a = parsed("192.0.2.255");
	is_bytes(a.ip, 16, "\300\0\2\377\0\0\0\0\0\0\0\0\0\0\0\0", 16, "IPv4 and zeros");
	is_int(a.family, 4, "its family");
	a = parsed("2001:db8::1");
	is_bytes(a.ip, 16, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "IPv6");
	is_int(a.family, 6, "its family");
	a = parsed("[fe80::1%3]");
	is_int(a.scope, 3, "scope");
	a = parsed("[::ffff:10.0.0.1]");
	ok(a.family == 4 && address_is_private(&a), "IPv4 in disguise is IPv4");
}

static void
test_port(void)
{
	static const char *const bad[] = {"1.2.3.4",    "1.2.3.4:",    "1.2.3.4:65536",
					  "1.2.3.4:-1", "::1:5060",    "[::1]",
					  "[::1]:",     "[::1]5060",   "[::1",
					  ":5060",      "[::1]:50 60", ""};
	struct coven_address a;
	char room[ADDRESS_TEXT];

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(address_parse_port(text_of(bad[i]), &a) == -1 && !a.family,
		   "\"%s\" is refused", bad[i]);
	is_int(address_parse_port(TEXT("127.0.0.1:5060"), &a), 0, "with port");
	is_int(a.port, 5060, "the port");
	is_text(address_print(&a, room).at, "127.0.0.1:5060", "printed");
	is_text(address_print_host(&a, room).at, "127.0.0.1", "printed as a host");
	is_int(address_parse_port(TEXT("[2001:DB8:0::1]:65535"), &a), 0,
	       "IPv6 with port");
	is_text(address_print(&a, room).at, "[2001:db8::1]:65535", "printed");
	is_text(address_print_host(&a, room).at, "[2001:db8::1]", "printed as a host");
	is_int(address_parse_port(
		       TEXT("[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535"),
		       &a),
	       0, "the longest");
	is_text(address_print(&a, room).at,
		"[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535", "printed");
	is_int(address_print(&(struct coven_address){.family = 0}, room).length, 0,
	       "none is empty");
}

static void
test_socket(void)
{
	static const char *const all[] = {"127.0.0.1:5060", "[2001:db8::1]:5061",
					  "[fe80::1%2]:1"};
	struct sockaddr_storage room;
	struct coven_address a, b;

	for (unsigned i = 0; i < 3; i++) {
		socklen_t length;

		address_parse_port(text_of(all[i]), &a);
		length = address_to_socket(&a, &room);
		ok(length > 0 && address_from_socket((struct sockaddr *)&room, &b) == 0 &&
			   address_same(&a, &b),
		   "%s to a socket and back", all[i]);
	}
	is_int(address_to_socket(&(struct coven_address){.family = 0}, &room), 0,
	       "none has no socket");
	room.ss_family = AF_UNIX;
	is_int(address_from_socket((struct sockaddr *)&room, &a), -1,
	       "a UNIX socket has no address");
	address_parse_port(TEXT("127.0.0.1:5061"), &b);
	address_parse_port(TEXT("127.0.0.1:5060"), &a);
	a.scope = 3;
	ok(!address_same_ip(&a, &b) && address_same_host(&a, &b), "a scope that only one has");
	b.scope = 4;
	ok(!address_same_host(&a, &b), "two that differ");
	a.scope = b.scope = 0;
	ok(!address_same(&a, &b) && address_same_ip(&a, &b),
	   "ports differ, addresses do not");
}

struct judged {
	const char *text;
	bool any, loopback, private, unicast;
};

static void
test_judge(void)
{
	static const struct judged all[] = {
		{"0.0.0.0", true, false, false, false},
		{"0.1.2.3", false, false, false, false},
		{"127.0.0.1", false, true, true, true},
		{"127.255.255.255", false, true, true, true},
		{"10.0.0.1", false, false, true, true},
		{"11.0.0.0", false, false, false, true},
		{"172.15.255.255", false, false, false, true},
		{"172.16.0.0", false, false, true, true},
		{"172.31.255.255", false, false, true, true},
		{"172.32.0.0", false, false, false, true},
		{"192.168.1.1", false, false, true, true},
		{"192.169.1.1", false, false, false, true},
		{"100.63.255.255", false, false, false, true},
		{"100.64.0.0", false, false, true, true},
		{"100.127.255.255", false, false, true, true},
		{"100.128.0.0", false, false, false, true},
		{"169.254.1.1", false, false, true, true},
		{"223.255.255.255", false, false, false, true},
		{"224.0.1.75", false, false, false, false},
		{"240.0.0.1", false, false, false, false},
		{"255.255.255.255", false, false, false, false},
		{"::", true, false, false, false},
		{"::1", false, true, true, true},
		{"::2", false, false, false, true},
		{"fc00::1", false, false, true, true},
		{"fdff::1", false, false, true, true},
		{"fe00::1", false, false, false, true},
		{"fe80::1", false, false, true, true},
		{"febf::1", false, false, true, true},
		{"fec0::1", false, false, false, true},
		{"ff02::1", false, false, false, false},
		{"2001:db8::1", false, false, false, true},
	};

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		struct coven_address a = parsed(all[i].text);

		ok(address_is_any(&a) == all[i].any &&
			   address_is_loopback(&a) == all[i].loopback &&
			   address_is_private(&a) == all[i].private &&
			   address_is_unicast(&a) == all[i].unicast,
		   "%s", all[i].text);
	}
}

int
main(void)
{
	test_parse();
	test_port();
	test_socket();
	test_judge();
	return done();
}
