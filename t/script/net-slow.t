#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Connections as a hostile far end makes them: a byte at a time, two messages in one piece, lengths that lie, hoarding, never reading.
# In real time, for what a test clock cannot show.
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
my $folder = Covend->folder;
my $one = Covend->new(folder => $folder, text => 'connections_per_source = 20; plugins_only = ();');
ok($one->start, 'it is ready') or BAIL_OUT($one->log_text);
my $serial = 0;

sub tcp { IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1', PeerPort => $one->{port}, Timeout => 2) or die "connect: $!\n" }

sub options {
	my $id = ++$serial;
	return join "\r\n", 'OPTIONS sip:example.com SIP/2.0', "Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK$id",
		'Max-Forwards: 70', "From: <sip:a\@elsewhere.example>;tag=$id", 'To: <sip:example.com>', "Call-ID: $id", 'CSeq: 1 OPTIONS',
		'Content-Length: ' . ($_[0] // 0), '', '';
}

# What comes within the time, until `done` fits; undef at the end: closed.
sub hear {
	my ($socket, $done, $seconds) = @_;
	my ($text, $limit) = ('', time + ($seconds // 2));
	until ($text =~ $done) {
		my $left = $limit - time;
		return ($text, 'late') if $left <= 0 || !IO::Select->new($socket)->can_read($left);
		return ($text, 'closed') if !sysread $socket, $text, 65536, length $text;
	}
	return ($text, 'there');
}

# -- framing
my $socket = tcp();
my $began = time;
syswrite $socket, "\r\n\r\n";
my ($text) = hear($socket, qr/\r\n/);
is($text, "\r\n", 'CRLF CRLF is answered by CRLF');
cmp_ok(time - $began, '<', 0.1, 'within 100 ms');
$socket->setsockopt(6, 1, 1);
syswrite $socket, $_ for split //, options();
like((hear($socket, qr/\r\n\r\n/))[0], qr/^SIP\/2\.0 200/, 'byte by byte: answered');
syswrite $socket, options() . options();
($text) = hear($socket, qr/\r\n\r\n.*\r\n\r\n/s);
is(scalar(() = $text =~ /^SIP\/2\.0 200/mg), 2, 'two in one piece: both are answered');

# -- lengths
for my $length (2000000000, 4294967328, -1, '4abc', 65537, '', '+4') {
	my $liar = tcp();
	my $since = time;
	syswrite $liar, options($length);
	my ($said, $how) = hear($liar, qr/^never$/, 1.5);
	like($said, qr/^SIP\/2\.0 4(?:00|13) /, "Content-Length: $length: refused");
	is($how, 'closed', 'and closed');
	cmp_ok(time - $since, '<', 1, 'within a second');
}

# -- hoarding
my @hoard = map { tcp() } 1 .. 30;
sleep 0.2;
my $open = grep { !IO::Select->new($_)->can_read(0) } @hoard;
cmp_ok($open, '<=', 20, 'no more than connections_per_source stay');
cmp_ok($open, '>=', 18, 'but those do');
@hoard = ();

# -- a far end that asks and never reads
sub memory { Covend::slurp('/proc/' . $one->pid . '/status') =~ /^VmRSS:\s+(\d+)/m ? $1 : 0 }
sleep 0.1;
my $before = memory();
my $deaf = tcp();
$deaf->setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
$deaf->blocking(0);
my ($written, $limit) = (0, time + 3);
my $piece = join '', map { options() } 1 .. 100;
while (time < $limit && $written < 64 << 20) {
	my $n = syswrite $deaf, $piece;
	$written += $n // 0;
	sleep 0.01 if !defined $n;
}
cmp_ok(memory() - $before, "<", 16384, "who sends $written bytes and never reads costs less than 16 MB");
syswrite $socket, options();
like((hear($socket, qr/\r\n\r\n/))[0], qr/^SIP\/2\.0 200/, 'others are answered');
is($one->end('TERM'), 'exit 0', 'it ends');
done_testing();
