#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# One suite for all stores: the ladders of t/ladder/store and t/ladder/register with each store that is not the usual
# one. (The usual one is what all ladders run with.)
use strict;
use warnings;
use Cwd qw(abs_path);
use Test::More;

my $build = abs_path($ENV{top_builddir} // 'build');
chdir($ENV{top_srcdir} // '.') or die "no source tree: $!\n";
$ENV{COVEND} //= "$build/covend";
$ENV{COVEN_PLUGINS} //= "$build/.libs";
plan skip_all => "no $ENV{COVEND}" if !-x $ENV{COVEND};
for my $store ('store-memory') {
	$ENV{COVEN_STORE} = $store;
	for my $ladder (sort glob('t/ladder/store/*.sip t/ladder/register/*.sip')) {
		my $said = `$^X t/sipt $ladder 2>&1`;
		ok($? == 0 && $said !~ /^not ok/m && $said =~ /^1\.\.[1-9]/m, "$store: $ladder") or diag($said);
	}
}
done_testing;
