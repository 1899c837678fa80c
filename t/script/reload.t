#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Reloads under load: 100 of them while sipp makes 200 calls a second through the server, every other one with another
# plugin and another password in the file, and some with mistakes.  No call fails, memory does not grow.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use LoadServer;
use Test::More;
use Time::HiRes qw(sleep);

my $RATE = $ENV{COVEN_LONG} ? 200 : 50;    # calls a second
my $RELOADS = $ENV{COVEN_LONG} ? 100 : 40;
my $EVERY = 0.15;                          # seconds
my $KILOBYTES = 256;

# password: of the second account; more: other entries
sub configure {
	my ($password, $more) = @_;
	write_config(<<"END");
workers = 2;
plugins = (
	{ name = "users"; accounts = ( { name = "bob"; password = "secret"; }, { name = "eve"; password = "$password"; } ); }
	$more
);
END
}

configure('first', '');
my $pid = start() or BAIL_OUT('covend does not start');
is(register(), 200, 'bob is registered');
my $calls = int($RATE * ($RELOADS * $EVERY + 1));
my $answering = answer_calls();
my $calling = make_calls($RATE, $calls);

# One reload of a file that differs from the one before; true if it went as it must.
sub reload {
	my $n = shift;
	my $mistake = $n % 10 == 5;
	configure("password-$n", $mistake ? ', { name = "nobody-wrote-this"; }' :
		$n % 2 ? ', { name = "example"; before = "location"; prefix = "*"; domain = "example.org"; }' : '');
	return !$mistake == !ctl('reload');
}

my $bad = 0;
for my $n (1 .. $RELOADS) {
	sleep $EVERY;
	$bad++ if !reload($n);
}
is($bad, 0, "$RELOADS reloads, those without a mistake done and the others refused");
is(end($calling, undef, 60), 0, "$calls calls, none failed") or diag(`tail -n 40 '@{[folder()]}/caller'`);
is(end($pid, 'TERM', 40), 0, 'it ends as always');

# Memory, where no call keeps an old configuration alive for the 32 s that a transaction lingers.
$pid = start() or BAIL_OUT('covend does not start');
my ($memory, $open);
for my $n (1 .. 60) {
	reload($n);
	($memory, $open) = (kilobytes($pid), descriptors($pid)) if $n == 20;
}
my $grown = kilobytes($pid) - $memory;
cmp_ok($grown, '<', $KILOBYTES, "memory has not grown in 40 reloads ($grown KB)") if ($ENV{sanitizers} // 'no') =~ /^(?:no)?$/;
is(descriptors($pid), $open, 'nor have descriptors');
is(end($pid, 'TERM', 40), 0, 'it ends as always');
end($answering, 'KILL', 5);
my $log = `cat '@{[folder()]}/log'`;
unlike($log, qr/Sanitizer|runtime error/, 'no sanitizer report');
done_testing;
