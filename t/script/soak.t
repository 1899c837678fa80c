#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A soak: calls, registrations, open and broken connections, and attacks (a tenth of all that comes), for ten minutes with
# COVEN_LONG and for some seconds without.  Memory does not rise (less than 1 MiB an hour, in the second half), nor does
# the number of descriptors; no call fails.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Socket::INET;
use LoadServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $SECONDS = $ENV{COVEN_LONG} ? 600 : 10;
my $RATE = $ENV{COVEN_LONG} ? 20 : 10;    # calls a second
my $PER_HOUR = 1024;                      # KB

write_config(<<'END');
workers = 2;
plugins = ( { name = "users"; accounts = ( { name = "bob"; password = "secret"; }, { name = "carol"; password = "secret"; } ); } );
END
my $pid = start() or BAIL_OUT('covend does not start');
is(register(), 200, 'bob is registered');
my $answering = answer_calls();
my $calling = make_calls($RATE, $RATE * $SECONDS);

my $attacker = IO::Socket::INET->new(LocalAddr => '127.0.0.1', PeerAddr => '127.0.0.1:' . server_port(), Proto => 'udp');
my $count = 0;

# One of each kind; they are answered or not, and the answers are not read.
sub attack {
	my $n = ++$count;
	my $via = 'Via: SIP/2.0/UDP 127.0.0.1:' . $attacker->sockport . ";branch=z9hG4bKa$n";
	my @head = ($via, "From: <sip:x\@example.net>;tag=$n", "Call-ID: a$n");
	my @kinds = (
		join("\r\n", 'REGISTER sip:example.com SIP/2.0', @head, 'To: <sip:bob@example.com>', 'CSeq: 1 REGISTER', '', ''),
		join("\r\n", "REGISTER sip:example.com SIP/2.0", @head, 'To: <sip:bob@example.com>', 'CSeq: 1 REGISTER',
			'Authorization: Digest username="bob", realm="example.com", nonce="' . 'A' x 44 .
			'", uri="sip:example.com", response="' . '0' x 32 . '", qop=auth, nc=00000001, cnonce="1"', '', ''),
		join("\r\n", "INVITE sip:nobody$n\@example.com SIP/2.0", @head, 'To: <sip:nobody@example.com>', 'CSeq: 1 INVITE', '', ''),
		join("\r\n", 'INVITE sip:x@elsewhere.example SIP/2.0', @head, 'To: <sip:x@elsewhere.example>', 'CSeq: 1 INVITE', '', ''),
		join("\r\n", 'BYE sip:bob@example.com SIP/2.0', @head, "To: <sip:bob\@example.com>;tag=$n", 'CSeq: 9 BYE', '', ''),
		"\x00\x01\x02" x 20, 'SIP/2.0 200 OK' . "\r\n$via\r\n\r\n",
	);
	$attacker->send($kinds[ $n % @kinds ]);
	$attacker->recv(my $answer, 65535, 0x40) if $n > 10;    # MSG_DONTWAIT
	if ($n % 5 == 0) {
		my $tcp = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . server_port(), Proto => 'tcp') or return;
		print $tcp ("OPTIONS sip:example.com SIP/2.0\r\nContent-Length: -1\r\n\r\n", "\r\n\r\n", 'OPTI')[ $n / 5 % 3 ];
		close $tcp;
	}
}

# y = a + b x by least squares: b.
sub slope {
	my @points = @_;
	my ($sx, $sy, $sxx, $sxy) = (0) x 4;
	for (@points) {
		my ($x, $y) = @$_;
		$sx += $x; $sy += $y; $sxx += $x * $x; $sxy += $x * $y;
	}
	my $below = @points * $sxx - $sx * $sx;
	return $below ? (@points * $sxy - $sx * $sy) / $below : 0;
}

my $begin = time;
my (@memory, @open);
my $next = 0;
while ((my $at = time - $begin) < $SECONDS) {
	attack();
	register() if $count % 50 == 0;
	if ($at >= $next) {
		push @memory, [ $at, kilobytes($pid) ];
		push @open, descriptors($pid);
		$next += $SECONDS / 60;
		diag(sprintf '%d s: %d KB, %d descriptors', $at, $memory[-1][1], $open[-1]) if $ENV{COVEN_LONG} && @open % 6 == 1;
	}
	sleep 1 / $RATE;    # as many attacks as calls, and a call is eleven messages
}
is(end($calling, undef, 60), 0, 'no call failed') or diag(`tail -n 40 '@{[folder()]}/caller'`);
my @late = @memory[ @memory / 2 .. $#memory ];
my $hourly = slope(@late) * 3600;
SKIP: {
	skip 'a sanitizer keeps memory', 1 if ($ENV{sanitizers} // 'no') !~ /^(?:no)?$/;
	if ($ENV{COVEN_LONG}) {
		cmp_ok($hourly, '<', $PER_HOUR, sprintf 'memory rises by %.0f KB an hour', $hourly);
	} else {
		cmp_ok($memory[-1][1] - $memory[0][1], '<', 16384, 'memory has not run away');
	}
}
my ($least, $most) = (sort { $a <=> $b } @open)[ 0, -1 ];
cmp_ok($most - $least, '<', 40, "between $least and $most descriptors");
is(end($pid, 'TERM', 40), 0, 'it ends as always');
end($answering, 'KILL', 5);
unlike(scalar `cat '@{[folder()]}/log'`, qr/Sanitizer|runtime error/, 'no sanitizer report');
done_testing;
