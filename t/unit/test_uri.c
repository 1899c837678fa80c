/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URIs and addresses taken apart, made canonical, compared. */
#include "../tap.h"

#include "base/text.h"
#include "sip/uri.h"

static void
is_slice(struct coven_slice got, const char *want, const char *what)
{
	is_bytes(got.at, got.length, want, want ? strlen(want) : 0, "%s", what);
}

static void
test_parts(void)
{
	struct sip_uri uri;

	is_int(uri_parse(TEXT("sip:alice:secret@Atlanta.example.com:5070;transport=tcp;"
			      "lr?subject=x&a=b"),
			 &uri),
	       0, "a full URI");
	ok(uri.sip && !uri.sips && !uri.tel && uri.has_user && !uri.ipv6, "its kind");
	is_slice(uri.scheme, "sip", "scheme");
	is_slice(uri.user, "alice", "user");
	is_slice(uri.password, "secret", "password");
	is_slice(uri.host, "Atlanta.example.com", "host");
	is_int(uri.port, 5070, "port");
	is_slice(uri.params, "transport=tcp;lr", "params");
	is_slice(uri.headers, "subject=x&a=b", "headers");
	is_slice(uri_param(&uri, "Transport"), "tcp", "a parameter");
	is_slice(uri_param(&uri, "lr"), "", "one without value");
	is_slice(uri_param(&uri, "maddr"), NULL, "none");
	is_int(uri_parse(TEXT("SIPS:[2001:DB8::10]:5061"), &uri), 0, "IPv6");
	ok(uri.sip && uri.sips && uri.ipv6 && !uri.has_user, "its kind");
	is_slice(uri.host, "2001:DB8::10", "host without brackets");
	is_int(uri.port, 5061, "port");
	is_int(uri_parse(TEXT("sip:user;par=u%40example.net@example.com"), &uri), 0,
	       "parameters in the user part");
	is_slice(uri.user, "user;par=u%40example.net", "belong to it");
	is_int(uri_parse(TEXT("tel:+1-201-555-0123;phone-context=example.com"), &uri), 0,
	       "tel");
	ok(uri.tel && !uri.sip, "its kind");
	is_slice(uri.user, "+1-201-555-0123", "the number");
	is_slice(uri_param(&uri, "phone-context"), "example.com", "its context");
	is_int(uri_parse(TEXT("urn:service:sos"), &uri), 0, "urn");
	ok(!uri.sip && !uri.tel && !uri.has_user && uri.host.at == NULL, "has no parts");
	is_slice(uri.user, "service:sos", "all but the scheme");
}

static void
test_refused(void)
{
	static const char *const bad[] = {
		"",
		"sip",
		"sip:",
		":a",
		"1a:b",
		"sip:@example.com",
		"sip:a@",
		"sip:a@b@c",
		"sip:a@b:0",
		"sip:a@b:65536",
		"sip:a@b:",
		"sip:a@b:50x",
		"sip:2001:db8::10",
		"sip:[2001:db8::10",
		"sip:[]",
		"sip:[1.2.3.4]",
		"sip:a b@c",
		"sip:a@b c",
		"<sip:a@b>",
		"sip:a<b@c",
		"sip:a\"b@c",
		"sip:a@b\r\n",
		"sip:%00@b",
		"sip:a%0d@b",
		"sip:a%0A@b",
		"sip:a@b;x=%00",
		"sip:a%4@b",
		"sip:a%zz@b",
		"sip:a@b%41",
		"sip:a\xff@b",
		"sip:a\\@b",
		"sip:a@b/c",
		"tel:",
		"tel:1 2",
		"http:a b",
		"http:<x>",
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(uri_parse(text_of(bad[i]), &uri), -1, "refused: number %zu", i);
	is_int(uri_parse((struct coven_slice){ "sip:a\0b@c", 9 }, &uri), -1,
	       "refused: a NUL");
	is_int(uri_parse((struct coven_slice){ NULL, 0 }, &uri), -1, "refused: nothing");
	is_int(uri_parse(TEXT("sip:*21#@example.com"), &uri), 0, "phones dial #");
}

static void
test_aor(struct arena *arena)
{
	static const struct {
		const char *uri, *aor;
	} all[] = {
		{ "sip:Alice@EXAMPLE.com:5061;transport=tcp?a=b",
		  "sip:Alice@example.com" },
		{ "sips:alice:secret@example.com", "sip:alice@example.com" },
		{ "sip:%61lice@example.com", "sip:alice@example.com" },
		{ "sip:a%2Blice@example.com", "sip:a%2Blice@example.com" },
		{ "sip:a%2blice@example.com", "sip:a%2Blice@example.com" },
		{ "sip:a+lice@example.com", "sip:a+lice@example.com" },
		{ "sip:a%20b@example.com", "sip:a%20b@example.com" },
		{ "sip:*21#@example.com", "sip:*21%23@example.com" },
		{ "sip:%2a21%23@example.com", "sip:*21%23@example.com" },
		{ "sip:a%40b@example.com", "sip:a%40b@example.com" },
		{ "sip:%25%34%31@example.com", "sip:%2541@example.com" },
		{ "sip:example.com.", "sip:example.com" },
		{ "sip:bob@[2001:DB8::1]:5060", "sip:bob@[2001:db8::1]" },
		{ "tel:+1", NULL },
		{ "urn:service:sos", NULL },
	};
	struct sip_uri uri;
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++) {
		is_int(uri_parse(text_of(all[i].uri), &uri), 0, "%s", all[i].uri);
		is_slice(uri_aor(&uri, arena), all[i].aor, "its address of record");
	}
}

static void
compare(const char *a, const char *b, bool want)
{
	struct sip_uri x, y;

	is_int(uri_parse(text_of(a), &x) | uri_parse(text_of(b), &y), 0, "%s and %s", a,
	       b);
	ok(uri_equal(&x, &y) == want && uri_equal(&y, &x) == want, "are %s",
	   want ? "equal" : "not equal");
	ok(uri_equal(&x, &x) && uri_equal(&y, &y), "and equal to themselves");
}

/* The examples of RFC 3261 19.1.4. */
static void
test_equal(void)
{
	compare("sip:%61lice@atlanta.com;transport=TCP",
		"sip:alice@AtLanTa.CoM;Transport=tcp", true);
	compare("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true);
	compare("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5",
		true);
	compare("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
		"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
		true);
	compare("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
		"sip:alice@atlanta.com?priority=urgent&subject=project%20x", true);
	compare("SIP:ALICE@AtLanTa.CoM;Transport=udp",
		"sip:alice@AtLanTa.CoM;Transport=UDP", false);
	compare("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false);
	compare("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false);
	compare("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false);
	compare("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting",
		false);
	compare("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false);
	compare("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off",
		false);
	compare("sip:a@b", "sips:a@b", false);
	compare("sip:a@b", "sip:a:@b", true);
	compare("sip:a@b;maddr=1.2.3.4", "sip:a@b", false);
	compare("tel:+1", "tel:+1", true);
	compare("tel:+1", "sip:+1@b", false);
}

static void
test_name_addr(void)
{
	struct sip_name_addr na;
	static const char *const bad[] = {
		"",
		" ",
		"<",
		"<>",
		"<sip:a@b",
		"\"Bob <sip:a@b>",
		"\"Bob\"",
		"\"Bob\" sip:a@b",
		"a, b <sip:a@b>",
		"<sip:a@b> x",
		"< sip:a@b >",
		"<sip:a@b>;",
		"<sip:a@b>;;q=1",
		"<sip:a@b>;q=\"x",
		"sip:a@b?c=d",
		"sip:a@b,sip:c@d",
		"<sip:a@b>,",
		"<sip:a<b@c>",
		"<sip:a@b>;q=<x>",
	};
	size_t i;

	is_int(name_addr_parse(
		       TEXT("\"Bob \\\"B\\\" <x>\" <sip:bob@x;lr>;q=1;tag=\"a;b\""), &na),
	       0, "all parts");
	is_slice(na.display, "\"Bob \\\"B\\\" <x>\"", "display name with quotes");
	is_slice(na.uri, "sip:bob@x;lr", "URI");
	is_slice(na.params, "q=1;tag=\"a;b\"", "parameters");
	ok(na.bracketed, "bracketed");
	is_slice(param_find(na.params, "TAG"), "\"a;b\"", "a quoted one");
	is_slice(param_find(na.params, "b\""), NULL, "no parameter in quotes");
	is_int(name_addr_parse(TEXT("sip:bob@x;q=0.5"), &na), 0, "addr-spec");
	is_slice(na.uri, "sip:bob@x", "its parameters are the header's");
	is_slice(na.params, "q=0.5", "they are");
	ok(!na.bracketed && na.display.at == NULL, "not bracketed, no name");
	is_int(name_addr_parse(TEXT("Bob the <sip:b>"), &na), 0, "a name without quotes");
	is_slice(na.display, "Bob the", "is it");
	is_int(name_addr_parse(TEXT("R&D (Lobby/Door #1) <sip:b>"), &na), 0,
	       "with more than tokens");
	is_int(name_addr_parse(TEXT("sip:a@b <sip:b>"), &na), -1, "but no two URIs");
	is_int(name_addr_parse(TEXT("caller<sip:b>"), &na), 0, "and without a blank");
	is_int(name_addr_parse(TEXT("*"), &na), 0, "*");
	is_slice(na.uri, "*", "is the URI");
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(name_addr_parse(text_of(bad[i]), &na), -1, "refused: %s", bad[i]);
}

static void
test_params(void)
{
	struct coven_slice rest = TEXT(" a = 1 ; b;c=\"x;\\\";y\" ;d="), name, value;

	ok(param_next(&rest, &name, &value), "first");
	is_slice(name, "a", "name");
	is_slice(value, "1", "value");
	ok(param_next(&rest, &name, &value), "second");
	is_slice(name, "b", "name");
	is_int(value.length, 0, "no value");
	ok(param_next(&rest, &name, &value), "third");
	is_slice(value, "\"x;\\\";y\"", "value");
	ok(param_next(&rest, &name, &value), "fourth");
	is_slice(name, "d", "name");
	ok(!param_next(&rest, &name, &value), "that was the last");
}

int
main(void)
{
	struct arena_pool *pool = arena_pool_new(2);
	struct arena *arena = arena_new(pool);

	test_parts();
	test_refused();
	test_aor(arena);
	test_equal();
	test_name_addr();
	test_params();
	arena_free(arena);
	arena_pool_free(pool);
	return done();
}
