#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The systemd unit: what systemd itself thinks of it, and that it names what make install puts somewhere.
use strict;
use warnings;
use File::Temp;
use FindBin;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
my $unit = "$build/etc/coven.service";
plan skip_all => "no $unit" if !-f $unit;

open my $in, '<', $unit or die "$unit: $!\n";
my $text = join '', <$in>;
close $in;
unlike($text, qr/@\w+@/, 'every path is filled in');
my %key = $text =~ /^(\w+)=(.*)$/mg;
is($key{Type}, 'notify', 'it waits until covend is ready');
cmp_ok($key{WatchdogSec} // 0, '>', 0, 'and ends it when it is stuck');
cmp_ok($key{TimeoutStopSec}, '>', 32, 'open transactions have their 32 seconds');
is($key{RestartPreventExitStatus}, 78, 'a configuration with a mistake is not tried again and again');
like($key{ExecStart}, qr{^/\S+/covend -c /\S+/coven\.conf$}, 'ExecStart');
like($key{ExecReload}, qr{^/\S+/covenctl reload$}, 'ExecReload');

SKIP: {
	skip 'no systemd-analyze', 3 if system('systemd-analyze --version >/dev/null 2>&1') != 0;
	my $said = `systemd-analyze security --offline=true --threshold=20 --no-pager '$unit' 2>&1`;
	my $code = $?;
	skip 'this systemd-analyze does not work offline', 3 if $said =~ /unrecognized option/;
	is($code, 0, 'systemd-analyze security: at most 2.0') or diag($said);
	my ($level) = $said =~ /Overall exposure level for \S+: ([\d.]+)/;
	ok(defined $level && $level <= 2, 'exposure level ' . ($level // 'unknown'));
	# with programs that are there, it has nothing to say about the rest
	my $folder = File::Temp->newdir('coven-unit-XXXXXX', TMPDIR => 1);
	$text =~ s{/\S+/(?:covend|covenctl)\b}{/bin/true}g;
	$text =~ s/^(?:User|Group)=.*\n//mg;
	open my $out, '>', "$folder/coven.service" or die "coven.service: $!\n";
	print $out $text;
	close $out;
	$said = `systemd-analyze verify --man=no '$folder/coven.service' 2>&1`;
	is(join("\n", grep { /coven\.service/ } split /\n/, $said), '', 'systemd-analyze verify: nothing to complain of');
}
done_testing();
