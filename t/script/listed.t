#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# No source, test or plugin lies about that the build does not know of.
use strict;
use warnings;
use File::Find;
use Test::More;

my $top = $ENV{top_srcdir} // '.';
chdir $top or die "$top: $!\n";

my (@files, $fragments);
find({ no_chdir => 1, wanted => sub { push @files, $_ if -f } }, grep { -d } qw(core plugins t));
for my $file ('Makefile.am', grep { m{/Makefile\.inc$} } @files) {
	open my $in, '<', $file or die "$file: $!\n";
	$fragments .= join '', grep { !/^\s*#/ } <$in>;
}
my %known = map { $_ => 1 } $fragments =~ m{[\w./-]+}g;

# the files that fit the pattern, and what the fragments call them
sub all_known {
	my ($name, $pattern, $called) = @_;
	my @lost = grep { !$known{$called->($_)} } grep { /$pattern/ } sort @files;
	ok(!@lost, $name);
	diag("$_ is in no Makefile.inc") for @lost;
}
my $itself = sub { $_[0] };
my $program = sub { $_[0] =~ s/\.c$//r };
all_known('sources of the core', qr{^core/.*\.c$}, $itself);
all_known('public headers', qr{^core/include/coven/\w+\.h$}, $itself);
all_known('plugins', qr{^plugins/.*\.c$}, $itself);
all_known('fixture plugins', qr{^t/plugins/.*\.c$}, $itself);
all_known('fragments', qr{^(?:core|plugins|t)/.*/Makefile\.inc$}, $itself);
all_known('unit tests', qr{^t/unit/test_\w+\.c$}, $program);
all_known('fuzz targets', qr{^t/fuzz/fuzz_\w+\.c$}, $program);
all_known('benchmarks', qr{^t/bench/bench_\w+\.c$}, $program);
all_known('script tests', qr{^t/(?:script|hardening)/[\w-]+\.t$}, $itself);

my @bare = grep { my ($x) = m{/fuzz_(\w+)\.c$}; $x && !(() = glob "t/fuzz/corpus/$x/*") } @files;
ok(!@bare, 'every fuzz target has a corpus');
diag("$_ has none") for @bare;
done_testing();
