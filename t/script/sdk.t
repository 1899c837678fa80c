#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# What a third party does: the example plugin, in C and in C++, is built from the installed header
# with one line of the compiler, and the installed covend routes a call with it.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Copy 'copy';
use File::Find;
use File::Temp;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
my $top = abs_path($ENV{top_srcdir} // '.');
plan skip_all => 'nothing is built' if !-f "$build/Makefile" || !-x "$build/covend";

umask 022;
my $root = File::Temp->newdir('coven-sdk-XXXXXX', TMPDIR => 1);
my $work = "$root/work";
mkdir $work;
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL TESTS)};
@ENV{qw(CC CXX)} = ($ENV{CC} // 'cc', $ENV{CXX} // 'c++');

# exit code 0, and the output
sub run {
	my ($command) = @_;
	my $out = `($command) 2>&1`;
	diag("$command\n$out") if $?;
	return ($? == 0, $out);
}

ok((run("make -s -C '$build' DESTDIR='$root/to' install"))[0], 'make install') or BAIL_OUT('no installation');
my (%place, %folder);
find(sub { $place{$_} = $File::Find::name if -f; $folder{$_} = $File::Find::dir }, "$root/to");
ok($place{$_}, "$_ is installed") for qw(covend covenctl coven.pc example.so);

# The .pc file knows the prefix, not DESTDIR; nor is /usr/include left out where it is below that.
$ENV{PKG_CONFIG_PATH} = $folder{'coven.pc'};
$ENV{PKG_CONFIG_SYSROOT_DIR} = "$root/to";
$ENV{PKG_CONFIG_ALLOW_SYSTEM_CFLAGS} = 1;
@ENV{qw(COVEND COVENCTL COVEN_PLUGINS)} = ($place{covend}, $place{covenctl}, $folder{'example.so'});

for my $case (
	['C', 'example', "$top/plugins/example/example.c", '$CC'],
	['C++', 'example-cc', "$top/t/plugins/example.cc", '$CXX'])
{
	my ($language, $name, $source, $compiler) = @$case;
	SKIP: {
		skip "no compiler for $language", 4 if system("command -v $compiler >/dev/null") != 0;
		copy($source, $work) or die "$source: $!\n";
		my ($file) = $source =~ m{([^/]+)$};
		my ($good, $said) = run("cd $work && $compiler -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC"
			. " -fvisibility=hidden \$(pkg-config --cflags coven) -o $name.so $file");
		ok($good, "$language: one line builds it");
		is($said, '', "$language: without a warning");
		call($language, $name);
	}
}
done_testing();

sub entry {
	my ($name) = @_;
	return qq({ name = "$name"; plugin = "$work/$name.so"; before = "location"; domain = "example.com"; });
}

# covend -t takes it, and a call to *42 rings the phone whose short number is 42.
sub call {
	my ($language, $name) = @_;
	spew("$work/$name.conf", 'domains = ( "example.com" ); listen = ( "udp:127.0.0.1:5060" );',
		"plugin_path = ( \"$ENV{COVEN_PLUGINS}\" ); plugins = ( " . entry($name) . ' );');
	my ($good, $said) = run("'$ENV{COVEND}' -t -c $work/$name.conf");
	ok($good && $said =~ m{^plugin \Q$name\E 1\.0 \Q$work/$name.so\E$}m, "$language: covend -t takes it")
		or diag($said);

	spew("$work/$name.sip", 'title "a short number of a plugin built elsewhere"', 'server',
		"\tplugins = ( " . entry($name) . ',',
		"\t\t{ name = \"users\"; accounts = ( { name = \"bob\"; password = \"x\"; aliases = ( \"42\" ); } ); } );",
		'ua carol domain=elsewhere.test', 'ua bob password=x', 'bob registers',
		'carol sends INVITE sip:*42@example.com', 'bob gets INVITE', "\turi: %bob.uri",
		'bob sends 200', 'carol gets 200', 'carol sends ACK', 'bob gets ACK',
		'bob sends BYE', 'carol gets BYE', 'carol sends 200', 'bob gets 200');
	my ($rings, $tap) = run("'$top/t/sipt' $work/$name.sip");
	ok($rings && $tap =~ /^ok 1/m, "$language: it answers a call") or diag($tap);
}

sub spew {
	my ($file, @lines) = @_;
	open my $out, '>', $file or die "$file: $!\n";
	print $out map { "$_\n" } @lines;
	close $out or die "$file: $!\n";
}
