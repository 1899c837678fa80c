#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# make install into a folder of its own: what lands where, what a third party finds there, and
# that make uninstall leaves nothing.
use strict;
use warnings;
use File::Find;
use File::Temp;
use Test::More;

my $build = $ENV{top_builddir} // 'build';
my $top = $ENV{top_srcdir} // '.';
plan skip_all => 'nothing is built' if !-f "$build/Makefile" || !-x "$build/covend";

my $root = File::Temp->newdir('coven-install-XXXXXX', TMPDIR => 1);
my $prefix = '/opt/coven';
my $make = "make -s -C '$build' DESTDIR='$root' prefix='$prefix' localstatedir='$prefix/var'";
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL TESTS)};

sub run {
	my ($command) = @_;
	my $out = `($command) 2>&1`;
	diag($out) if $?;
	return $? == 0;
}
sub installed {
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, substr($_, length $root) if !-d } }, "$root");
	return sort @found;
}

ok(run("$make install"), 'make install');
my @found = installed();
my %have = map { $_ => 1 } @found;
ok($have{"$prefix/sbin/covend"}, 'sbin/covend');
ok($have{"$prefix/bin/covenctl"}, 'bin/covenctl');
ok($have{"$prefix/lib/coven/$_.so"}, "lib/coven/$_.so") for split ' ', $ENV{plugins} // '';
ok($have{"$prefix/include/coven/plugin.h"}, 'include/coven/plugin.h');
ok($have{"$prefix/lib/pkgconfig/coven.pc"}, 'lib/pkgconfig/coven.pc');
is(join(' ', grep { !m{^\Q$prefix\E/} } @found), '', 'nothing outside of the prefix');
ok($have{"$prefix/share/man/man8/covend.8"} && $have{"$prefix/share/man/man1/covenctl.1"}, 'both man pages');
ok($have{"$prefix/share/bash-completion/completions/covenctl"}, 'completion, where bash looks');
ok(-d "$root$prefix/var/lib", 'the folder in which covend makes its own, below the prefix');
ok(run("$make DESTDIR='$root/2' localstatedir=/var install-data-local") && !-e "$root/2",
	'that of the system is left alone');
is(join(' ', grep { /\.l?a$/ } @found), '', 'no .la and no .a files');

my $include = "$root$prefix/include";
my $cc = $ENV{CC} // 'cc';
for my $header (map { m{/include/(coven/[^/]+\.h)$} ? $1 : () } @found) {
	next if $header eq 'coven/loop.h' && !run("echo '#include <ev.h>' | $cc -E - >/dev/null");
	for (['c', '-std=c11', 'C11'], ['c++', '-std=c++17', 'C++17']) {
		my ($language, $standard, $name) = @$_;
		ok(run("echo '#include <$header>' | $cc -x $language $standard -Wall -Wextra -Werror"
			. " -fsyntax-only -I'$include' -"), "$header alone, in $name");
	}
}

$ENV{PKG_CONFIG_PATH} = "$root$prefix/lib/pkgconfig";
like(`pkg-config --variable=plugindir coven`, qr{/lib/coven$}, 'coven.pc knows the plugin folder');
my $abi = `pkg-config --variable=abi coven`;
chomp $abi;
my $macros = `echo '#include <coven/plugin.h>' | $cc -E -dM -I'$include' -`;
my ($major) = $macros =~ /COVEN_ABI_MAJOR (\d+)/;
my ($minor) = $macros =~ /COVEN_ABI_MINOR (\d+)/;
is($abi, ($major // '?') . '.' . ($minor // '?'), 'coven.pc and plugin.h agree about the ABI');

ok(run("$make uninstall"), 'make uninstall');
is(join(' ', installed()), '', 'and nothing is left');
ok(!-e "$root$prefix/var", 'nor an empty folder for the data');
done_testing();
