#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGTERM: nothing new, what is under way is finished, and the end comes as soon as nobody waits: 32 seconds at the latest.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend->missing if Covend->missing;
plan skip_all => 'no fixture plugin' if !-f Covend->build . '/.libs/relay.so';
my $folder = Covend->folder;
my $serial = 0;

# -- two phones
sub phone { IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "socket: $!\n" }
my ($alice, $bob) = (phone(), phone());

sub at { '127.0.0.1:' . $_[0]->sockport }

sub hear {
	my ($phone, $seconds) = @_;
	IO::Select->new($phone)->can_read($seconds // 3) or return '';
	$phone->recv(my $text, 65535);
	return $text;
}

# The first line of what comes next, 100 left out.
sub line {
	my ($phone, $seconds) = @_;
	my $text = hear($phone, $seconds);
	$text = hear($phone, $seconds) while $text =~ m{^SIP/2\.0 100 };
	return $text =~ /^([^\r]*)/ ? $1 : '';
}

sub say_to {
	my ($phone, $one, $text) = @_;
	$phone->send($text, 0, Socket::pack_sockaddr_in($one->{port}, Socket::inet_aton('127.0.0.1')));
	return $text;
}

sub request {
	my ($phone, $method, %o) = @_;
	my $id = $o{id} // 'call-' . ++$serial;
	my $branch = $o{branch} // "z9hG4bK$id";
	my $to = $o{tag} ? ";tag=$o{tag}" : '';
	my $of = $method =~ /^(?:ACK|CANCEL)$/ ? 'INVITE' : $method;
	return join "\r\n", "$method " . ($o{uri} // 'sip:bob@example.com') . ' SIP/2.0', 'Via: SIP/2.0/UDP ' . at($phone) . ";branch=$branch",
		'Max-Forwards: 70', "From: <sip:alice\@elsewhere.example>;tag=a$id", "To: <sip:bob\@example.com>$to",
		"Call-ID: $id", "CSeq: 1 $method", 'Contact: <sip:alice@' . at($phone) . '>', 'Content-Length: 0', '', '';
}

sub reply {
	my ($request, $status, $tag) = @_;
	my @head = grep { /^(?:Via|From|To|Call-ID|CSeq|Record-Route):/i } split /\r\n/, $request;
	s/^(To:[^;]*)$/$1;tag=$tag/ for @head;
	return join "\r\n", "SIP/2.0 $status X", @head, 'Contact: <sip:bob@' . at($bob) . '>', 'Content-Length: 0', '', '';
}

sub server {
	my ($name, @args) = @_;
	my $uri = 'sip:bob@' . at($bob);
	my $one = Covend->new(folder => $folder, name => $name, args => \@args, text => "workers = 2; plugins_only = "
		. "({ name = \"relay\"; targets = ({ user = \"bob\"; to = \"$uri\"; }); });");
	ok($one->start, "$name: it is ready") or die $one->log_text;
	return $one;
}

# A call that rings: gives alice's INVITE and bob's copy.
sub ring {
	my ($one) = @_;
	my $invite = say_to($alice, $one, request($alice, 'INVITE'));
	my $got = hear($bob);
	like($got, qr/^INVITE /, 'bob gets the INVITE');
	say_to($bob, $one, reply($got, 180, 'b'));
	like(line($alice), qr/^SIP\/2\.0 180/, 'it rings');
	return ($invite, $got);
}

sub runs { $_[0]->end(undef, $_[1] // 0.2) eq 'runs' }

# -- nobody is there
my $one = server('idle');
my $began = time;
is($one->end('TERM'), 'exit 0', 'without transactions it ends');
cmp_ok(time - $began, '<', 1, 'at once');

# -- a call that rings, and is cancelled
$one = server('cancelled');
my ($invite, $got) = ring($one);
my ($id) = $invite =~ /^Call-ID: (.*)\r/m;
kill 'TERM', $one->pid;
ok($one->logs(qr/stopping when 2 transactions have ended/), 'it says that it waits');
say_to($alice, $one, request($alice, 'INVITE'));
my $answer = hear($alice);
like($answer, qr/^SIP\/2\.0 503 .*^Retry-After: [2-9]\r$/ms, 'a new INVITE: 503 with Retry-After');
my ($wait) = $answer =~ /^To:.*;tag=(\S+)\r$/m;
say_to($alice, $one, $invite);
like(line($alice), qr/^SIP\/2\.0 180/, 'the old one, again: it rings');
ok(runs($one), 'it runs');
say_to($alice, $one, request($alice, 'CANCEL', id => $id));
like(line($alice), qr/^SIP\/2\.0 200/, 'CANCEL is answered');
my $cancel = hear($bob);
like($cancel, qr/^CANCEL /, 'and passed on');
say_to($bob, $one, reply($cancel, 200, 'b'));
say_to($bob, $one, reply($got, 487, 'b'));
like(line($bob), qr/^ACK /, 'the end of it is acknowledged');
like(line($alice), qr/^SIP\/2\.0 487/, 'and reported');
ok(runs($one), 'it waits for the ACK');
say_to($alice, $one, request($alice, 'ACK', id => $id, tag => 'b'));
is($one->end(undef, 3), 'exit 0', 'and ends when it has come');

# -- a call that is answered: its ACK passes, too
$one = server('answered');
($invite, $got) = ring($one);
($id) = $invite =~ /^Call-ID: (.*)\r/m;
kill 'TERM', $one->pid;
$one->logs(qr/stopping when/);
say_to($bob, $one, reply($got, 200, 'b'));
my $ok = hear($alice);
like($ok, qr/^SIP\/2\.0 200/, 'the answer passes');
my ($route) = $ok =~ /^Record-Route: (.*)\r/m;
say_to($alice, $one, request($alice, 'ACK', id => $id, tag => 'b', branch => "z9hG4bKack$id",
	uri => 'sip:bob@' . at($bob)) =~ s/\r\n\r\n/\r\nRoute: $route\r\n\r\n/r);
like(line($bob), qr/^ACK /, 'so does the ACK');
is($one->end(undef, 3), 'exit 0', 'it ends soon after');

# -- impatience
$one = server('twice');
ring($one);
kill 'TERM', $one->pid;
ok($one->logs(qr/stopping when/) && runs($one), 'a call rings: it waits');
$began = time;
is($one->end('TERM'), 'exit 0', 'the second signal ends it');
cmp_ok(time - $began, '<', 1, 'at once');

# -- patience has an end
$one = server('late', '--test-clock');
ring($one);
is(($one->ctl('stop'))[0], 0, 'covenctl stop');
ok($one->logs(qr/stopping when/) && runs($one), 'does the same');
$one->command('clock', 'advance', '31900ms');
ok(runs($one), 'it waits for 32 seconds');
$one->command('clock', 'advance', '200ms');
is($one->end, 'exit 0', 'and no longer');
like($one->log_text, qr/although transactions are open/, 'the log says so');
done_testing();
