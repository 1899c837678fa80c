#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# What systemd is told: ready, alive while every worker's loop turns (and only then), reloading, stopping.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Socket qw(AF_UNIX SOCK_DGRAM pack_sockaddr_un);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend->missing if Covend->missing;
plan skip_all => 'no fixture plugin' if !-f Covend->build . '/.libs/stuck.so';
my $folder = Covend->folder;

sub listener {
	my ($name) = @_;
	socket my $socket, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!\n";
	bind $socket, pack_sockaddr_un($name) or die "bind: $!\n";
	return $socket;
}

# The next datagram, or nothing.
sub hear {
	my ($socket, $seconds) = @_;
	IO::Select->new($socket)->can_read($seconds) or return '';
	recv $socket, my $text, 4096, 0;
	return $text;
}

# Datagrams until one fits, or nothing when the time is over.
sub hear_of {
	my ($socket, $pattern, $seconds) = @_;
	my $limit = time + $seconds;
	while (time < $limit) {
		my $text = hear($socket, $limit - time);
		return $text if $text =~ $pattern;
	}
	return '';
}

my $socket = listener("$folder/notify");
my $one = Covend->new(folder => $folder, name => 'a', text => 'workers = 3; plugins_only = ({ name = "stuck"; });',
	env => { NOTIFY_SOCKET => "$folder/notify", WATCHDOG_USEC => 400_000 });
ok($one->start, 'it starts') or die $one->log_text;
my $said = hear_of($socket, qr/READY/, 5);
like($said, qr/^READY=1$/m, 'READY=1');
like($said, qr/^STATUS=3 workers, 2 listeners$/m, 'with a line for `systemctl status`');
is(hear_of($socket, qr/WATCHDOG/, 2), 'WATCHDOG=1', 'it is alive');
my ($count, $until) = (0, time + 1);
while (time < $until) {
	$count++ if hear($socket, $until - time) eq 'WATCHDOG=1';
}
cmp_ok($count, '>=', 5, 'several times within the time that it has') or diag($count);

# Each worker in turn: requests of different Call-IDs until all have been stuck; then none is asked.
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', PeerAddr => '127.0.0.1',
	PeerPort => $one->{port}) or die "socket: $!\n";
my $here = '127.0.0.1:' . $udp->sockport;
sub ask {
	my ($id, $more) = @_;
	$udp->send(join "\r\n", 'OPTIONS sip:example.com SIP/2.0', "Via: SIP/2.0/UDP $here;branch=z9hG4bK$id",
		'Max-Forwards: 70', "From: <sip:a\@elsewhere.example>;tag=1", 'To: <sip:example.com>', "Call-ID: $id",
		'CSeq: 1 OPTIONS', $more, 'Content-Length: 0', '', '');
}
my $began = time;
ask('stuck', 'Stuck: 2000');
sleep 0.5;
1 while hear($socket, 0) ne '';
is(hear_of($socket, qr/WATCHDOG/, 1), '', 'one worker is stuck: systemd hears nothing');
ok(hear_of($socket, qr/WATCHDOG/, 4) && time - $began >= 1.9, 'when it turns again, so does the watchdog');
# worker 0, which watches, cannot say it of itself: one that the others get does
my $told = $one->log_text =~ qr/is stuck/;
for my $try (1 .. 5) {
	last if $told;
	hear_of($socket, qr/WATCHDOG/, 4);
	ask("stuck$try", 'Stuck: 1000');
	$told = $one->logs(qr/watchdog: worker \d is stuck/, 1);
}
ok($told, 'the log says which');

$one->end('TERM', 0);
like(hear_of($socket, qr/STOPPING/, 5), qr/^STOPPING=1$/m, 'STOPPING=1');
is($one->end, 'exit 0', 'it ends');

my $abstract = "coven-test-$$";
my $other = listener("\0$abstract");
$one->{env} = { NOTIFY_SOCKET => "\@$abstract" };
ok($one->start && hear_of($other, qr/^READY=1/m, 5), 'an abstract socket');
is(hear_of($other, qr/WATCHDOG/, 0.5), '', 'without WATCHDOG_USEC there is no watchdog');
is($one->end('TERM'), 'exit 0', 'it ends');

$one->{env} = { NOTIFY_SOCKET => "$folder/nobody" };
ok($one->start, 'nobody there: no harm');
is($one->end('TERM'), 'exit 0', 'it ends');
done_testing();
