#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# covend exports coven_* and nothing else; a plugin exports coven_plugin alone; and what the
# public headers declare is there.
use strict;
use warnings;
use File::Find;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
my $top = $ENV{top_srcdir} // '.';
plan skip_all => 'covend is not built' if !-x "$build/covend";

sub exported {
	my ($file) = @_;
	open my $pipe, '-|', 'nm', '-D', '--defined-only', '--', $file or die "nm: $!\n";
	# a name with @ is libc's own, copied here by the linker
	return grep { !/@/ } map { (split)[-1] } <$pipe>;
}

# What a sanitizer's run-time or the linker adds to each program is not ours to count.
my $theirs = qr/^(?:_|__asan|__tsan|__ubsan|__sanitizer|_edata|_end)/;
my @names = exported("$build/covend");
SKIP: {
	skip 'a sanitizer adds names of its own', 1 if ($ENV{sanitizers} // 'no') ne 'no';
	is(join(' ', grep { !/^coven_/ && !/$theirs/ } @names), '', 'covend exports coven_* only');
}

for my $name (split ' ', $ENV{plugins} // '') {
	my $file = "$build/.libs/$name.so";
	is(join(' ', grep { !/$theirs/ } exported($file)), 'coven_plugin', "$name exports coven_plugin alone");
	open my $pipe, '-|', 'nm', '-D', '--undefined-only', '--', $file or die "nm: $!\n";
	my %have = map { $_ => 1 } @names;
	my @missing = grep { /^coven_/ && !$have{$_} } map { (split)[-1] } <$pipe>;
	is("@missing", '', "what $name needs of covend is there");
}

# every function declared in the headers, except those defined there
my %declared;
find({ no_chdir => 1, wanted => sub {
	return if !/\.h$/;
	open my $in, '<', $_ or die "$_: $!\n";
	local $/;
	my $text = <$in>;
	$text =~ s{/\*.*?\*/}{}gs;
	$text =~ s{^\s*#(?:.*\\\n)*.*$}{}gm;
	while ($text =~ /^[a-z][\w \t*]*?[ \t*\n](coven_\w+)\s*\(([^;{}]*)([;{])/gm) {
		$declared{$1} = 1 if $3 eq ';' && $& !~ /\btypedef\b|\bstatic\b/;
	}
} }, "$top/core/include");
my %have = map { $_ => 1 } @names;
is(join(' ', grep { !$have{$_} } sort keys %declared), '', 'every function of the headers is exported');
done_testing();
