#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A server that is behind: its datagrams have waited in the kernel for longer than a client waits before it asks again.  New requests
# get 503 and a time at random; what belongs to a call passes; and when the queue is gone all is as before.
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
my $MANY = 60; # the answers must fit into the receive buffer of one socket
my $folder = Covend->folder;
my $serial = 0;

sub phone { IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "socket: $!\n" }
my ($alice, $bob, $crowd) = (phone(), phone(), phone());
sub at { '127.0.0.1:' . $_[0]->sockport }

my $one = Covend->new(folder => $folder, text => 'workers = ' . ($ENV{WORKERS} // 1) . '; plugins_only = ({ name = "relay"; targets = ('
	. '{ user = "bob"; to = "sip:bob@' . at($bob) . '"; }); });');
ok($one->start, 'it is ready') or BAIL_OUT($one->log_text);
my $server = Socket::pack_sockaddr_in($one->{port}, Socket::inet_aton('127.0.0.1'));

sub hear {
	my ($phone, $seconds) = @_;
	IO::Select->new($phone)->can_read($seconds // 3) or return '';
	$phone->recv(my $text, 65535);
	return $text;
}

# What is no provisional response.
sub final {
	my ($phone) = @_;
	my $text = hear($phone);
	$text = hear($phone) while $text =~ m{^SIP/2\.0 1};
	return $text;
}

sub request {
	my ($phone, $method, %o) = @_;
	my $id = $o{id} // 'call-' . ++$serial;
	my $tag = $o{tag} ? ";tag=$o{tag}" : '';
	my $number = $o{number} // 1;
	return join "\r\n", "$method " . ($o{uri} // 'sip:bob@example.com') . ' SIP/2.0',
		'Via: SIP/2.0/UDP ' . at($phone) . ";branch=z9hG4bK$id-$number-$method", 'Max-Forwards: 70', (map { "Route: $_" } @{ $o{route} // [] }),
		"From: <sip:alice\@elsewhere.example>;tag=a$id", "To: <sip:bob\@example.com>$tag", "Call-ID: $id", "CSeq: $number $method",
		'Contact: <sip:alice@' . at($phone) . '>', 'Content-Length: 0', '', '';
}

sub reply {
	my ($request, $status) = @_;
	my @head = grep { /^(?:Via|From|To|Call-ID|CSeq|Record-Route):/i } split /\r\n/, $request;
	s/^(To:[^;]*)$/$1;tag=b/ for @head;
	return join "\r\n", "SIP/2.0 $status X", @head, 'Contact: <sip:bob@' . at($bob) . '>', 'Content-Length: 0', '', '';
}

# -- a call
$alice->send(request($alice, 'INVITE', id => 'call'), 0, $server);
$bob->send(reply(hear($bob), 200), 0, $server);
my $ok = final($alice);
like($ok, qr/^SIP\/2\.0 200/, 'a call');
my @route = reverse $ok =~ /^Record-Route: (.*)\r/mg;
my %inside = (id => 'call', tag => 'b', route => \@route, uri => 'sip:bob@' . at($bob));
$alice->send(request($alice, 'ACK', %inside), 0, $server);
like(hear($bob), qr/^ACK /, 'with its ACK');

# -- the server stands still, and all ask
kill 'STOP', $one->pid;
$crowd->send(request($crowd, 'INVITE'), 0, $server) for 1 .. $MANY;
$alice->send(request($alice, 'INFO', %inside, number => 2), 0, $server);
$crowd->send(request($crowd, 'OPTIONS'), 0, $server) for 1 .. $MANY;
sleep 0.9;
kill 'CONT', $one->pid;
my (%waits, $late);
my $began = time;
while (keys %waits < 2 * $MANY && (my $text = hear($crowd, 1))) {
	my ($id) = $text =~ /^Call-ID: (.*)\r/m;
	$waits{$id} = $1 if $text =~ /^SIP\/2\.0 503 .*^Retry-After: (\d+)\r$/ms;
}
cmp_ok(scalar keys %waits, '>=', 1.8 * $MANY, 'new requests get 503');
is(scalar(grep { $_ < 1 || $_ > 30 } values %waits), 0, 'with Retry-After from 1 to 30');
cmp_ok(scalar keys %{ { reverse %waits } }, '>', 15, 'at random');
my $info;
$info = hear($bob) until ($info // 'INVITE') !~ /^INVITE/;
like($info, qr/^INFO /, 'what is inside a call passes');
$bob->send(reply($info, 200), 0, $server);
like(final($alice), qr/^SIP\/2\.0 200/, 'and is answered');
like($one->log_text, qr/ load: age of datagrams: \d+/, 'the log says so');

# -- later
sleep 0.5;
hear($crowd, 0) while IO::Select->new($crowd)->can_read(0);
my @later = map { my $phone = phone(); $phone->send(request($phone, 'OPTIONS', uri => 'sip:example.com'), 0, $server); hear($phone) } 1 .. 20;
is(scalar(grep { /^SIP\/2\.0 200/ } @later), 20, 'half a second later all are served again');
my ($code, $status) = $one->ctl('--json', 'status');
like($status, qr/"overload":\s*(?!0)\d+/, 'covenctl status has counted them');
kill 'KILL', $one->pid;
done_testing();
