#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A list of more bindings than one page: covenctl prints all of them once, and a reader that goes away in the middle
# leaves nothing behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();
use constant USERS => 450;    # a page has 100

my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, args => ['--test-clock'], text => <<'E2');
workers = 4;
plugins = ( { name = "auth-digest"; enabled = false; }, { name = "users"; enabled = false; },
	{ name = "registrar"; authenticated = false; } );
E2
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);

my $phone = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $server->{port});
my $agent = 'x' x 100;
for my $n (1 .. USERS) {
	$phone->send(join "\r\n", 'REGISTER sip:example.com SIP/2.0', "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKr$n",
		'Max-Forwards: 70', "From: <sip:u$n\@example.com>;tag=a", "To: <sip:u$n\@example.com>", "Call-ID: r$n", 'CSeq: 1 REGISTER',
		"Contact: <sip:u$n\@127.0.0.1:9>", "User-Agent: $agent", 'Content-Length: 0', '', '');
	IO::Select->new($phone)->can_read(5) or last;
	$phone->recv(my $answer, 4096);
	$answer =~ m{^SIP/2.0 200} or diag($answer), last;
}

my ($code, $out) = $server->ctl('--json', 'reg', 'list');
is($code, 0, 'reg list') or diag($out);
my $got = JSON::PP->new->decode($out);
is_deeply([ sort map { $_->{aor} } @{ $got->{bindings} } ], [ sort map { "sip:u$_\@example.com" } 1 .. USERS ],
	'every user once, under the name "bindings"');
is_deeply([ sort keys %{ $got->{bindings}[0] } ], [qw(aor contact expires peer q user_agent)], 'what is known of each');
($code, $out) = $server->ctl('reg', 'list');
is(scalar(my @lines = split /\n/, $out), USERS + 1, 'as a table with one head');
like($lines[0], qr/^aor +contact +expires/, 'the head');
($code, $out) = $server->ctl('--json', 'reg', 'list', 'u7');
is_deeply([ map { $_->{contact} } @{ JSON::PP->new->decode($out)->{bindings} } ], ['sip:u7@127.0.0.1:9'], 'one of them');
($code, $out) = $server->ctl('--json', 'reg', 'list', 'nobody');
is_deeply([ $code, $out ], [ 0, qq({"bindings": []}\n) ], 'none is an empty list');
is(($server->ctl('reg', 'list', 'a', 'b'))[0], 2, 'too many words');
is(($server->ctl('reg', 'drop', 'nobody'))[0], 1, 'nobody to be dropped');

# -- on the wire: pieces, and then the end
my $socket = IO::Socket::UNIX->new(Peer => $server->{control});
print $socket qq({"words":["reg","list"]}\n);
$socket->flush;
@lines = ();
while (my $line = $socket->getline) {
	push @lines, JSON::PP->new->decode($line);
	last if !$lines[-1]{more};
}
is(scalar(@lines), 5, 'five pages');
is(scalar(grep { $_->{more} } @lines), 4, 'all but the last say that there is more');
ok(!(grep { @{ $_->{rows} } > 100 } @lines), 'none is longer than a page');
print $socket qq({"words":["status"]}\n);
$socket->flush;
like($socket->getline, qr/^\{"ok":true,"name":"status"/, 'the connection goes on');

# -- readers that go away, or that do not read
for (1 .. 100) {
	my $leaver = IO::Socket::UNIX->new(Peer => $server->{control});
	print $leaver qq({"words":["reg","list"]}\n);
	$leaver->flush;
}
my $lazy = IO::Socket::UNIX->new(Peer => $server->{control});
print $lazy qq({"words":["reg","list"]}\n) x 50;
$lazy->flush;
is(($server->ctl('status'))[0], 0, 'the server minds neither those that go away nor those that do not read');

$phone->send("\r\n\r\n");
($code, $out) = $server->ctl('reg', 'drop', 'u9');
is($code, 0, 'drop') or diag($out);
like($out, qr/sip:u9\@127\.0\.0\.1:9/, 'says what went');
is($server->end('TERM'), 'exit 0', 'it ends while somebody has not read his answer');
unlike($server->log_text, qr/Sanitizer|runtime error/, 'nothing from a sanitizer');
done_testing();
