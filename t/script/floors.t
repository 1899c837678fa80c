#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A file includes headers of its own floor or a lower one; a plugin sees <coven/...> alone.
use strict;
use warnings;
use File::Find;
use Test::More;

my $top = $ENV{top_srcdir} // '.';
chdir $top or die "$top: $!\n";
my @order = qw(base net sip tx host main);
my %floor = map { $order[$_] => $_ } 0 .. $#order;
$floor{ctl} = $floor{base};    # covenctl talks to the socket, it shares no more than the base

sub files {
	my ($folder) = @_;
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, $_ if /\.(?:c|h|cc)$/ } }, $folder) if -d $folder;
	return sort @found;
}

# [line, name, quoted] of each include of a file
sub includes {
	my ($file) = @_;
	my @found;
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		push @found, [$., $2, $1 eq '"'] if /^\s*#\s*include\s*(["<])([^">]+)/;
	}
	return @found;
}

# what is wrong with an include of a file on one of the floors; nothing if it is right
sub climb {
	my ($floor, $file, $name, $quoted) = @_;
	return if $name =~ m{^coven/};
	if ($name =~ m{^(\w+)/} && exists $floor{$1}) {
		return $floor{$1} <= $floor{$floor} ? () : "$floor is below $1";
	}
	return if !$quoted;
	return if $name !~ m{/} && -f "core/$floor/$name";
	return 'no such header in the floor';
}

for my $floor (@order, 'ctl') {
	my (@wrong, $count);
	for my $file (files("core/$floor")) {
		$count++;
		for (includes($file)) {
			my ($line, $name, $quoted) = @$_;
			push @wrong, "$file:$line: $name: $_" for climb($floor, $file, $name, $quoted);
		}
	}
	ok(!@wrong, "core/$floor includes its own floor and lower ones only");
	diag($_) for @wrong;
}

sub foreign {
	my ($file) = @_;
	my ($own) = $file =~ m{^(.*)/};
	my @wrong;
	for (includes($file)) {
		my ($line, $name, $quoted) = @$_;
		next if $name =~ m{^coven/} && -f "core/include/$name";
		next if $quoted && -f "$own/$name" && $name !~ m{\.\.};
		next if $quoted && $file =~ m{^plugins/store-} && $name =~ m{^store/\w+\.h$} && -f "plugins/$name"; # what all stores share
		next if !$quoted && !($name =~ m{^(\w+)/} && ($1 eq 'coven' || exists $floor{$1}));
		push @wrong, "$file:$line: $name";
	}
	return @wrong;
}
for (['core/include', 'the public headers stand alone'], ['plugins', 'plugins see the public headers only'],
	['t/plugins', 'so do the fixture plugins']) {
	my ($folder, $name) = @$_;
	my @wrong = map { foreign($_) } files($folder);
	ok(!@wrong, $name);
	diag($_) for @wrong;
}
done_testing();
