#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The clock on the wall is set a day forth, and then a day back, while covend runs: bindings, nonces and what is
# under way go by a clock that never jumps, and what was stored survives a start in between.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use Peer;
use Test::More;
use Time::HiRes qw(sleep time);
use Time::Local ();

plan skip_all => Covend::missing() if Covend::missing();
my ($library) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
plan skip_all => 'libfaketime is not installed: scripts/deps test' if !$library;
plan skip_all => 'a sanitizer and libfaketime do not go together' if ($ENV{sanitizers} // 'no') !~ /^(?:no)?$/;

use constant DAY => 86400;
my $folder = Covend::folder();
my $clock = "$folder/clock";
my $server = Covend->new(folder => $folder,
	env => { LD_PRELOAD => $library, FAKETIME_TIMESTAMP_FILE => $clock, FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1 },
	text => 'sandbox = false; plugins = ({ name = "users"; accounts = ({ name = "alice"; password = "secret"; },'
		. ' { name = "bob"; password = "secret"; }); });');

# Moves the clock by so many seconds against the true one.
sub set_clock {
	open my $out, '>', "$clock.new" or die "$clock: $!\n";
	printf $out "%+d\n", $_[0];
	close $out;
	rename "$clock.new", $clock or die "$clock: $!\n";
}

set_clock(0);
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);
my ($alice, $bob) = map { Peer->new(port => $server->{port}, user => $_) } qw(alice bob);
my ($challenge, $nc, %cseq);

# A REGISTER with the nonce that the first one was given, counted up; with nothing to change unless told.
sub register {
	my (@more) = @_;
	$challenge //= $alice->ask($alice->request('REGISTER', 'sip:example.com', id => 'alice', more => [@more]));
	return $alice->ask($alice->request('REGISTER', 'sip:example.com', id => 'alice', more => [@more,
		$alice->credentials($challenge, 'REGISTER', 'sip:example.com', nc => sprintf '%08x', ++$nc)]));
}

# Is the server's clock so far from ours?
sub near {
	my ($answer, $seconds) = @_;
	my ($d, $month, $y, $h, $m, $s) = $answer =~ /^Date: \w+, (\d+) (\w+) (\d+) (\d+):(\d+):(\d+) GMT\r$/m or return 0;
	my %month = map { (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$_] => $_ } 0 .. 11;
	return abs(Time::Local::timegm($s, $m, $h, $d, $month{$month}, $y) - time - $seconds) < 60;
}

sub left { $_[0] =~ /^Contact:.*;expires=(\d+)/m ? $1 : 'none' }

my $first = register('Contact: <sip:alice@127.0.0.1:' . $alice->{socket}->sockport . '>', 'Expires: 3600');
is(Peer::code($first), 200, 'alice registers for an hour');

# bob's INVITE rings at alice's while the clock jumps
my $there = $bob->ask($bob->request('REGISTER', 'sip:example.com', id => 'bob'));
my $id = 'call';
my $invite = sub { $bob->request('INVITE', 'sip:alice@example.com', id => $id, cseq => ++$cseq{bob}, from => 'sip:bob@example.com',
	more => ['Contact: <sip:bob@127.0.0.1:' . $bob->{socket}->sockport . '>', @_]) };
my $proxy = $bob->ask($invite->());
$proxy = $bob->get if Peer::code($proxy) == 100;
(my $as_www = $proxy) =~ s/^Proxy-Authenticate:/WWW-Authenticate:/mg;
(my $proof = $bob->credentials($as_www, 'INVITE', 'sip:alice@example.com')) =~ s/^Authorization:/Proxy-Authorization:/;
$bob->send($invite->($proof));
my $rings = $alice->get;
like($rings, qr/^INVITE /, "bob's call arrives");

sub answer {
	my @head = $rings =~ /^((?:Via|From|To|Call-ID|CSeq|Record-Route):.*)\r$/mgi;
	s/^(To:.*)$/$1;tag=alice/i for @head;
	$alice->send(join "\r\n", "SIP/2.0 $_[0] X", @head, 'Contact: <sip:alice@127.0.0.1>', 'Content-Length: 0', '', '');
}

answer(180);

for my $step (['a day forth', DAY], ['a day back', -DAY], ['and as it was', 0]) {
	my ($name, $seconds) = @$step;
	set_clock($seconds);
	my ($answer, $until) = (register(), time + 10);
	# the server looks at it twice a second
	sleep(0.1), $answer = register() while !near($answer, $seconds) && time < $until;
	ok(near($answer, $seconds), $name);
	is(Peer::code($answer), 200, "$name: the nonce is good");
	cmp_ok(left($answer), '>=', 3590, "$name: the binding is there, with the time that it had");
	cmp_ok(left($answer), '<=', 3600, "$name: and no more");
}
answer(200);
my $answered = $bob->get;
$answered = $bob->get while $answered && Peer::code($answered) < 200;
is(Peer::code($answered), 200, 'the call is answered as if nothing had been');

set_clock(-DAY / 2);
sleep 0.7;
register();
is($server->end('TERM', 40), 'exit 0', 'covend ends');
set_clock(0);
ok($server->start, 'and starts when the clock has been put right') or diag $server->log_text;
undef $challenge;
$nc = 0;
my $after = register();
is(Peer::code($after), 200, 'alice asks again');
cmp_ok(left($after), '>=', 3500, 'the binding is there');
cmp_ok(left($after), '<=', 3600, 'and lasts no longer than it was to');
$server->end('KILL');
done_testing();
