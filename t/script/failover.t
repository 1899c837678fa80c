#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A domain with several addresses, some of which are dead: RFC 3263 4.3, with times that a caller can bear.
#
#	tcp:t1   nobody listens there         udp:t2   takes everything and says nothing         udp:t3   answers
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use Zones;

Zones::isolate();
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => Zones::missing() if Zones::missing();
my $folder = Covend::folder();
my $zones = Zones->new(folder => $folder, empty => 1);
$zones->zone('f.example', records => [
	'_sip._tcp SRV 10 0 5071 t1', '_sip._udp SRV 10 0 5072 t2', '_sip._udp SRV 20 0 5073 t3', 't1 A 127.0.6.1', 't2 A 127.0.6.2',
	't3 A 127.0.6.3', '_sip._udp.busy SRV 10 0 5074 t2', '_sip._udp.busy SRV 20 0 5073 t3', '_sip._udp.none SRV 0 0 0 .' ]);
$zones->zone('g.example', kind => 'bogus', sip => 7);
$zones->start;

my $server = Covend->new(folder => $folder, text => 'workers = ' . ($ENV{WORKERS} // 1) . ';' . sprintf <<'END', $zones->{forward}, $zones->{anchor});
plugins_only = (
	{ name = "dns"; forward = ( "%s" ); trust_anchor = "%s"; }, { name = "trusting"; },
	{ name = "relay"; targets = (
		{ user = "bob"; to = "sip:bob@f.example"; }, { user = "busy"; to = "sip:bob@busy.f.example"; },
		{ user = "gone"; to = "sip:bob@nowhere.f.example"; }, { user = "none"; to = "sip:bob@none.f.example"; },
		{ user = "bogus"; to = "sip:bob@g.example"; } ); } );
END
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);
my $to = Socket::pack_sockaddr_in($server->{port}, Socket::inet_aton('127.0.0.1'));
my ($alice, $silent, $bob, $busy) = map { IO::Socket::INET->new(Proto => 'udp', LocalAddr => $_) or die "$_: $!\n" }
	'127.0.0.1', '127.0.6.2:5072', '127.0.6.3:5073', '127.0.6.2:5074';

sub hear {
	my ($phone, $seconds) = @_;
	IO::Select->new($phone)->can_read($seconds // 5) or return '';
	$phone->recv(my $text, 65535);
	return $text;
}

# The next one that matches; others are passed over.
sub wait_for {
	my ($phone, $pattern, $seconds) = @_;
	my $until = time + ($seconds // 5);
	while ((my $left = $until - time) > 0) {
		my $text = hear($phone, $left);
		return $text if $text =~ $pattern;
	}
	return '';
}

my $serial = 0;
sub call {
	my ($method, $user) = @_;
	my $id = 'call-' . ++$serial;
	my $port = $alice->sockport;
	$alice->send(join("\r\n", "$method sip:$user\@example.com SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:$port;branch=z9hG4bK$id",
		'Max-Forwards: 70', "From: <sip:alice\@example.com>;tag=a", "To: <sip:$user\@example.com>", "Call-ID: $id", "CSeq: 1 $method",
		"Contact: <sip:alice\@127.0.0.1:$port>", 'Content-Length: 0', '', ''), 0, $to);
	return time;
}

sub answer {
	my ($phone, $request, $status, @more) = @_;
	my @head = $request =~ /^((?:Via|From|To|Call-ID|CSeq|Record-Route):.*)\r$/mgi;
	s/^(To:[^;]*)$/$1;tag=b/i for @head;
	$phone->send(join("\r\n", "SIP/2.0 $status X", @head, 'Contact: <sip:bob@127.0.6.3:5073>', @more, 'Content-Length: 0', '', ''), 0, $to);
}

# -- one refuses, one says nothing, the third rings
my $began = call('INVITE', 'bob');
my $first = wait_for($silent, qr/^INVITE /);
like($first, qr/^INVITE sip:bob\@f\.example SIP/, 'TCP is refused, and the first over UDP is asked');
cmp_ok(time - $began, '<', 1, 'at once');
my $invite = wait_for($bob, qr/^INVITE /);
like($invite, qr/^INVITE sip:bob\@f\.example SIP/, 'the second is asked beside it');
my ($one, $other) = map { /^Via: SIP\/2\.0\/UDP [^;]*;branch=(\S+)\r/m } $first, $invite;
isnt($one, $other, 'as a branch of its own');
answer($bob, $invite, 180);
like(wait_for($alice, qr/^SIP\/2\.0 180/), qr/180/, 'it rings');
cmp_ok(time - $began, '<', 2, 'within 2 s');
sleep 1.2;
my $copies = 0;
$copies++ while hear($silent, 0) =~ /^INVITE /;
is($copies, 1, 'the silent one was asked once more, and then no more');
answer($bob, $invite, 200);
like(wait_for($alice, qr/^SIP\/2\.0 200/), qr/200/, 'the call is answered');
answer($silent, $first, 180);
like(wait_for($silent, qr/^CANCEL /), qr/^CANCEL /, 'the silent one speaks after all, and is told');
answer($silent, $first, 487);
like(wait_for($silent, qr/^ACK /), qr/^ACK /, 'and that is its end');

# -- they are remembered
$began = call('INVITE', 'bob');
$invite = wait_for($bob, qr/^INVITE .*call-2\r/s);
like($invite, qr/^INVITE /, 'the next call goes to the one that answers');
cmp_ok(time - $began, '<', 1, 'at once');
answer($bob, $invite, 486);
like(wait_for($alice, qr/^SIP\/2\.0 [2-6]/), qr/486/, 'what it says is what the caller hears');
is(hear($silent, 0.3), '', 'and the others are left alone');

# -- 503 with Retry-After
call('MESSAGE', 'busy');
answer($busy, wait_for($busy, qr/^MESSAGE /), 503, 'Retry-After: 2');
my $message = wait_for($bob, qr/^MESSAGE /);
like($message, qr/^MESSAGE /, '503: the next one');
answer($bob, $message, 200);
like(wait_for($alice, qr/^SIP\/2\.0 [2-6].*CSeq: 1 MESSAGE/s), qr/ 200 /, 'and its answer');
call('MESSAGE', 'busy');
$message = wait_for($bob, qr/^MESSAGE /);
answer($bob, $message, 200);
wait_for($alice, qr/^SIP\/2\.0 200.*call-4/s);
is(hear($busy, 0.2), '', 'it is left alone for as long as it asked for');
sleep 2.2;
call('MESSAGE', 'busy');
$message = wait_for($busy, qr/^MESSAGE /);
like($message, qr/^MESSAGE /, 'and no longer');
answer($busy, $message, 200);
like(wait_for($alice, qr/^SIP\/2\.0 [2-6].*call-5/s), qr/ 200 /, 'it is back');

# -- no way
for my $case (['gone', 404, 'no such domain'], ['none', 480, 'takes no calls'], ['bogus', 502, 'DNSSEC']) {
	my ($user, $status, $why) = @$case;
	call('MESSAGE', $user);
	my $id = "call-$serial";
	like(wait_for($alice, qr/^SIP\/2\.0 [2-6].*$id\r/s), qr/ $status /, "$user: $status");
	like($server->log_text, qr/ a domain cannot be called: .*$why/, 'the log says why');
}

# -- what covenctl says of it
my ($code, $text) = $server->ctl('--json', 'explain', 'sip:bob@f.example');
is($code, 0, 'explain');
my @hops = $text =~ /"address":\s*"([^"]+)".*?"held":\s*(\w+)/gs;
like("@hops", qr/^127\.0\.6\.1:5071 (?:true|false)/, 'the first hop, and whether it is left alone');
like($text, qr/"dns":\s*"secure".*"tls":\s*"none"/s, 'what DNSSEC says, and what TLS is demanded');
($code, $text) = $server->ctl('explain', 'sip:bob@g.example');
is($code, 1, 'a domain whose answers are forged');
like($text, qr/g\.example: bogus/, 'is named as that');
($code, $text) = $server->ctl('explain', 'sip:bob@example.com');
like($text, qr/one of ours/, 'one of our users');
($code, $text) = $server->ctl('explain', 'mailto:bob');
like($text, qr/is not a SIP URI/, 'no URI');
is($server->end('TERM', 40), 'exit 0', 'it ends as always');
done_testing();
