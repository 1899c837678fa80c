#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Every file of ours names its licence: MIT for what plugins include, else GPL-3.0-or-later.
use strict;
use warnings;
use File::Find;
use Test::More;

my $top = $ENV{top_srcdir} // '.';
chdir $top or die "$top: $!\n";

my @files = grep { -f } qw(autogen.sh configure.ac Makefile.am .ci/run t/sipt), glob('scripts/* m4/coven.m4 m4/flags.m4');
find({ no_chdir => 1, wanted => sub { push @files, $_ if -f && /\.(?:c|cc|h|pm|t|py|sh)$/ } },
	grep { -d } qw(core plugins t));

sub head {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	return join '', grep { defined } map { scalar <$in> } 1 .. 3;
}

my @wrong;
my %seen;
for my $file (sort grep { !$seen{$_}++ } @files) {
	my ($licence) = head($file) =~ /SPDX-License-Identifier: ([\w.-]+)/;
	my $want = $file =~ m{^(?:core/include/|m4/coven\.m4$)} ? 'MIT' : 'GPL-3.0-or-later';
	next if defined $licence && ($licence eq $want || $file =~ m{^plugins/example/} && $licence eq 'MIT');
	push @wrong, "$file: " . ($licence // 'none') . ", not $want";
}
ok(@files > 10, 'there are files to look at');
ok(!@wrong, 'each has its SPDX line');
diag($_) for @wrong;
like(head('COPYING'), qr/GNU GENERAL PUBLIC LICENSE\s+Version 3/, 'COPYING is the GPL 3');
ok(-s 'core/include/coven/COPYING', 'the public headers have their own');
done_testing();
