#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Plugins that must not be loaded: each is refused with its one line and exit code 78, before anything of it
# has run.
use strict;
use warnings;
use File::Temp;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
my $covend = $ENV{COVEND} // "$build/covend";
my $fixtures = "$build/.libs";
plan skip_all => "no $covend" if !-x $covend;
plan skip_all => "no fixture plugins in $fixtures" if grep { !-f "$fixtures/$_.so" } qw(oldabi missing needy waits);

my $folder = File::Temp->newdir('coven-load-XXXXXX', TMPDIR => 1);
my $header = ($ENV{top_srcdir} // '.') . '/core/include/coven/plugin.h';
my $plugins = "$folder/plugins";
mkdir $plugins, 0755;

sub put {
	my ($file, $bytes, $mode) = @_;
	unlink "$plugins/$file";
	open my $out, '>:raw', "$plugins/$file" or die "$file: $!\n";
	print $out $bytes;
	close $out or die "$file: $!\n";
	chmod $mode // 0755, "$plugins/$file";
}
sub bytes_of {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$in>;
}
sub put_fixture { put("$_.so", bytes_of("$fixtures/$_.so")) for @_ }

# exit code and output of covend -t with these lines
sub check {
	my ($lines) = @_;
	open my $out, '>', "$folder/c.conf" or die "c.conf: $!\n";
	print $out qq(domains = ("example.com"); plugin_path = ("$plugins");\n$lines\n);
	close $out;
	my $said = `$covend -t -c $folder/c.conf 2>&1`;
	return ($? & 127 ? 'signal ' . ($? & 127) : $? >> 8, $said);
}
sub refused {
	my ($lines, $want, $what) = @_;
	my ($code, $said) = check($lines);
	is($code, 78, "$what: refused");
	$want = "$folder/c.conf:2: $want" if $want !~ /^\Q$folder/;
	is($said, "$want\n", "$what: one line");
}
sub only { 'plugins_only = ( ' . join(', ', map { qq({ name = "$_"; }) } @_) . ' );' }

put_fixture(qw(oldabi missing needy waits));
my $good = bytes_of("$fixtures/waits.so");

my ($code, $said) = check(only('waits'));
is($code, 0, 'a good one is taken') or diag($said);
like($said, qr/^plugin waits \S+ \Q$plugins\E\/waits\.so$/m, 'and printed');

my ($major, $minor) = map { my $what = $_; `cat '$header'` =~ /#define COVEN_ABI_$what (\d+)/ ? $1 : '?' } qw(MAJOR MINOR);
refused(only('oldabi'), qq(plugin "oldabi": $plugins/oldabi.so is built for version 77.$minor of the plugin interface, this covend has $major.$minor),
	'another version');
refused(only('missing'), qq(plugin "missing": $plugins/missing.so needs what this covend does not have: coven_that_never_was),
	'a function that is not there');
refused(only('needy'), 'plugin "needy": needs the service "weather", which no plugin of the chain gives',
	'a service that nobody gives');
refused(only('waits', 'waits'), 'plugin "waits" is already there, on line 2; to use it twice give this one another name'
	. ' and plugin = "waits"', 'one name twice');
($code, $said) = check('plugins_only = ( { name = "waits"; }, { name = "other"; plugin = "waits"; } );');
is($code, 0, 'one plugin twice under two names is taken') or diag($said);

refused(only('wiats'), qq(plugin "wiats": no wiats.so in $plugins, ) . plugindir() . '; did you mean "waits"?', 'a slip of the pen');
refused(qq(plugins_only = ( { name = "x"; plugin = "$plugins/x.so"; } );), qq(plugin "x": $plugins/x.so: No such file or directory),
	'a file that is not there');

put('group.so', $good, 0775);
refused(only('group'), qq(plugin "group": $plugins/group.so can be written by others than its owner (mode 0775)), 'writable by a group');
put('all.so', $good, 0757);
refused(only('all'), qq(plugin "all": $plugins/all.so can be written by others than its owner (mode 0757)), 'writable by others');
SKIP: {
	skip 'only root can give a file away', 2 if $>;
	put('foreign.so', $good);
	chown 65534, 65534, "$plugins/foreign.so";
	refused(only('foreign'), qq(plugin "foreign": $plugins/foreign.so belongs to user 65534, not to root or user 0),
		'somebody else\'s');
}

put('empty.so', '');
refused(only('empty'), qq(plugin "empty": $plugins/empty.so is empty), 'an empty file');
put('script.so', "#!/bin/sh\n");
refused(only('script'), qq(plugin "script": $plugins/script.so is not a shared object), 'a script');
mkdir "$plugins/folder.so";
refused(only('folder'), qq(plugin "folder": $plugins/folder.so is not a file), 'a folder');
put('itself.so', bytes_of($covend));
refused(only('itself'), qq(plugin "itself": $plugins/itself.so is not a plugin: it has no note from COVEN_PLUGIN), 'a program');
for my $length (10, 64, 500, int(length($good) / 4)) {
	put('cut.so', substr $good, 0, $length);
	refused(only('cut'), qq(plugin "cut": $plugins/cut.so is ) . q(cut off), "cut off at $length bytes");
}

# all at once, in order of lines
($code, $said) = check("plugins_only = (\n{ name = \"oldabi\"; },\n{ name = \"empty\"; },\n{ name = \"missing\"; } );");
is($code, 78, 'three mistakes');
is(join(' ', $said =~ /^\Q$folder\E\/c\.conf:(\d+): plugin "\w+": /mg), '3 4 5', 'three lines');

sub plugindir {
	my (undef, $all) = check(only('nobody-has-this'));
	return $all =~ /no nobody-has-this\.so in \Q$plugins\E, (\S+)$/m ? $1 : '?';
}
done_testing();
