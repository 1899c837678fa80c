#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The hardening flags, as seen in the files that were built.
use strict;
use warnings;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
plan skip_all => 'built without hardening' if ($ENV{hardening} // 'yes') ne 'yes';
my @programs = grep { -e } map { "$build/$_" } qw(covend covenctl);
my @plugins = grep { -e } map { "$build/.libs/$_.so" } split ' ', $ENV{plugins} // '';
plan skip_all => 'nothing is built' if !@programs;

sub readelf {
	my ($options, $file) = @_;
	open my $pipe, '-|', 'readelf', $options, '--', $file or die "readelf: $!\n";
	local $/;
	return <$pipe>;
}

sub check {
	my ($file, $kind) = @_;
	my ($short) = $file =~ m{([^/]+)$};
	my $dynamic = readelf('-d', $file);
	my $segments = readelf('-lW', $file);
	like(readelf('-h', $file), qr/Type:\s+DYN/, "$short: position independent");
	like($dynamic, qr/\bPIE\b/, "$short: PIE") if $kind eq 'program';
	like($dynamic, qr/BIND_NOW|Flags:.*\bNOW\b/, "$short: bound at start");
	like($segments, qr/GNU_RELRO/, "$short: relocations read-only");
	like($segments, qr/GNU_STACK\s+(?:0x\w+\s+){5}RW\s/, "$short: stack not executable");
	unlike($dynamic, qr/R(?:UN)?PATH/, "$short: no library path in it");
	unlike($segments, qr/LOAD.*\sRWE\s/, "$short: nothing both writable and executable");
}
check($_, 'program') for @programs;
check($_, 'plugin') for @plugins;

my $symbols = readelf('-sW', $programs[0]);
like($symbols, qr/__stack_chk_fail/, 'covend: stack protector');
like($symbols, qr/__\w+_chk\b/, 'covend: fortified calls');
done_testing();
