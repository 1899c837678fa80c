#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/bench-serve: its command line, and that covend takes the configuration it writes.
use strict;
use warnings;
use File::Temp;
use Test::More;
use Time::HiRes 'time';

my $top = $ENV{top_srcdir} // '.';
my $build = $ENV{top_builddir} // 'build';
my $covend = "$build/covend";
plan skip_all => 'covend is not built' if !-x $covend;

my $dir = File::Temp->newdir('coven-bench-XXXXXX', TMPDIR => 1);
my $script = "$top/scripts/bench-serve";
delete $ENV{COVEN_PREFIX};
$ENV{COVEN_BUILD} = $build;

isnt(system("$script $dir/a 127.0.0.1:5060 bench.test 3 1 maybe >/dev/null 2>&1"), 0, 'on or off, nothing else');

my $begin = time;
my $said = `WRAP=echo $script $dir/b 127.0.0.1:25060 bench.test 20000 2 on`;
is($said, "$covend -c $dir/b/coven.conf\n", 'becomes $WRAP covend');
cmp_ok(time - $begin, '<', 5, '20000 accounts are written quickly');
is((stat "$dir/b/coven.conf")[2] & 077, 0, 'nobody else may read them');
my $out = `$covend -t -c $dir/b/coven.conf 2>&1`;
is($?, 0, 'covend takes it') or diag(substr $out, 0, 2000);
done_testing();
