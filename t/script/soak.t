#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A soak: calls, registrations, open and broken connections, and attacks (a tenth of all that comes), for ten minutes with
# COVEN_LONG and for some seconds without.  Memory does not rise (less than 1 MiB an hour), nor does the number of
# descriptors; no call fails.  What a process has from the kernel says little: it keeps what the busiest moment needed.
# So bytes in use are compared, at rest, after a minute of all this and after the whole.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Socket::INET;
use LoadServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $SECONDS = $ENV{COVEN_LONG} ? 600 : 10;
my $RATE = $ENV{COVEN_LONG} ? 20 : 10;    # calls a second
my $WARM = $ENV{COVEN_LONG} ? 60 : 3;
my $REST = $ENV{COVEN_LONG} ? 40 : 0;     # until the last transaction has gone
my $PER_HOUR = 1024;                      # KB

write_config(<<'END');
workers = 2;
plugins = ( { name = "users"; accounts = ( { name = "bob"; password = "secret"; }, { name = "carol"; password = "secret"; } ); } );
END
my $pid = start() or BAIL_OUT('covend does not start');
is(register(), 200, 'bob is registered');
my $answering = answer_calls();

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

# Calls and attacks for so long.
sub play {
	my ($seconds) = @_;
	my $calling = make_calls($RATE, $RATE * $seconds);
	my ($begin, $next, @open) = (time, 0);
	while ((my $at = time - $begin) < $seconds) {
		attack();
		register() if $count % 50 == 0;
		if ($at >= $next) {
			push @open, descriptors($pid);
			$next += $seconds / 60;
			diag(sprintf '%d s: %d KB, %d descriptors', $at, kilobytes($pid), $open[-1]) if $ENV{COVEN_LONG} && @open % 6 == 1;
		}
		sleep 1 / $RATE;    # as many attacks as calls, and a call is eleven messages
	}
	is(end($calling, undef, 60), 0, "no call failed in $seconds s") or diag(`tail -n 40 '@{[folder()]}/caller'`);
	return sort { $a <=> $b } @open;
}

# KB in use, when all has come to rest.
sub used {
	sleep $REST;
	ctl("--json", "status") == 0 or die "no status\n";
	return `cat '@{[folder()]}/told'` =~ /"memory":\s*(\d+)/ ? $1 / 1024 : undef;
}

play($WARM);
my $before = used();
my @open = play($SECONDS);
my $after = used();
my $grown = $after - $before;
my $limit = $ENV{COVEN_LONG} ? $PER_HOUR * $SECONDS / 3600 : 16384;
SKIP: {
	skip 'a sanitizer keeps memory', 1 if ($ENV{sanitizers} // 'no') !~ /^(?:no)?$/;
	cmp_ok($grown, '<', $limit, sprintf 'memory has grown by %.0f KB, from %.0f KB', $grown, $before);
}
cmp_ok($open[-1] - $open[0], '<', 40, "between $open[0] and $open[-1] descriptors");
is(end($pid, 'TERM', 40), 0, 'it ends as always');
end($answering, 'KILL', 5);
unlike(scalar `cat '@{[folder()]}/log'`, qr/Sanitizer|runtime error/, 'no sanitizer report');
done_testing;
