#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/demo-domains: two domains call each other by DNS alone, and nobody stands between the phones; what is spoilt fails, with
# its reason; nothing is left behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;

my $demo = "$FindBin::Bin/../../scripts/demo-domains";

# The exit code, what stood in the last line, and all lines.
sub demo {
	my (@words) = @_;
	open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', $^X, $demo, @words or die "$demo: $!\n";
	my @lines = <$out>;
	close $out;
	return ($? >> 8, eval { JSON::PP->new->decode($lines[-1] // '') } // {}, join '', @lines);
}

my ($code, $last, $text) = demo();
plan skip_all => $last->{missing} if $code == 77;
is($code, 0, 'all is as it should be') or diag($text);
like($last->{sas}[0] // '', qr/^\w{4}$/, 'alice\'s phone shows a string');
is($last->{sas}[1], $last->{sas}[0], 'bob\'s the same');
is_deeply($last->{rtp_at_servers}, [0, 0], 'the servers have had no packet of it');
cmp_ok($last->{rtp_direct} // 0, '>', 100, 'the phones have');
ok($last->{sdp_same}, 'no byte of the session descriptions was touched');
like($text, qr/^\{"sas":\["\w+","\w+"\],"rtp_at_servers":\[0,0\],"rtp_direct":\d+,"sdp_same":true\}$/m, 'the last line as the manual has it');
like($text, qr/^ 1\. .*alice dials/ms, 'a person can follow it');
like($text, qr/server-b says: .* says it is a\.example: proven by DANE/, 'server-b knows who calls');

my %reason = (tlsa => qr/no matching DANE TLSA records/, key => qr/no matching DANE TLSA records/, dnssec => qr/DNSSEC.*b\.example/);
for my $what (sort keys %reason) {
	($code, $last, $text) = demo('--break', $what, '--json');
	is($code, 1, "--break $what: the exit code says so");
	is($last->{call}, 'failed', "--break $what: no call") or diag($text);
	like($last->{reason} // '', $reason{$what}, "--break $what: why");
	is(() = $text =~ /\n/g, 1, "--break $what: --json prints one line");
}
($code, $last, $text) = demo('--phones', 'baresip', '--json');
SKIP: {
	skip $last->{missing}, 2 if $code == 77;
	is($code, 0, 'the same with DTLS-SRTP') or diag($text);
	is_deeply($last->{rtp_at_servers}, [0, 0], 'past the servers, too');
}
($code) = demo('--break', 'nothing');
is($code, 2, 'a word that it does not know');
my ($help, undef, $usage) = demo('--help');
is($help, 0, '--help');
like($usage, qr/--break WHAT.*dnssec/s, 'and what it says');
done_testing;
